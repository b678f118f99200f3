/** Sign-ins of the backend family that wait for their second factor: such a one opens nothing, and is good for one continuation (authentication.md 2, 7). */
import type { AppId, ClientId, TenantId, UserId } from '../../base/ids.ts';
import { hashSecret, newSecret } from '../../base/secrets.ts';
import { FIRST_FACTOR_SECONDS } from '../../factors/factor.ts';
import type { EphemeralStore, ItemKey } from '../../storage/ephemeral-store.ts';

export interface PendingSignIn {
  readonly appId: AppId;
  /** The one that was told the id; it is no other one's. */
  readonly clientId: ClientId;
  readonly userId: UserId;
  readonly amr: readonly string[];
}

type Holder = Pick<PendingSignIn, 'appId' | 'clientId'>;

export interface PendingSignIns {
  /** @returns its id, a credential */
  open(pending: PendingSignIn): Promise<string>;
  /** Undefined for one that is over, used, made up, or of another client. */
  find(holder: Holder, id: string): Promise<PendingSignIn | undefined>;
  /** True for exactly one of any number of concurrent callers. */
  use(id: string): Promise<boolean>;
  /** Of one application, or of all of them; but for one that goes on. */
  removeAll(
    userId: UserId,
    which: { readonly appId?: AppId; readonly exceptId?: string | undefined },
  ): Promise<void>;
}

const KIND = 'PendingSignIn';

export function pendingSignIns(parts: {
  readonly ephemeral: Pick<EphemeralStore, 'put' | 'get' | 'remove' | 'listByUser'>;
  readonly tenantId: TenantId;
}): PendingSignIns {
  const { ephemeral, tenantId } = parts;
  const at = (key: string): ItemKey => ({ tenantId, kind: KIND, key });
  return {
    async open(pending) {
      const id = newSecret();
      const options = { ttlSeconds: FIRST_FACTOR_SECONDS, userId: pending.userId };
      await ephemeral.put(at(hashSecret(id)), { ...pending }, options);
      return id;
    },
    async find({ appId, clientId }, id) {
      const item = await ephemeral.get(at(hashSecret(id)));
      const pending = item?.value as unknown as PendingSignIn | undefined;
      return pending?.appId === appId && pending.clientId === clientId ? pending : undefined;
    },
    use: (id) => ephemeral.remove(at(hashSecret(id))),
    async removeAll(userId, { appId, exceptId }) {
      const kept = exceptId === undefined ? undefined : hashSecret(exceptId);
      const items = await ephemeral.listByUser(tenantId, KIND, userId);
      const meant = items.filter(
        ({ key, value }) => key !== kept && (appId === undefined || value.appId === appId),
      );
      await Promise.all(meant.map(({ key }) => ephemeral.remove(at(key))));
    },
  };
}
