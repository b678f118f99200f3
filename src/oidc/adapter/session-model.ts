/** Browser sessions: found by their cookie, by their uid, and by their user. One that was ended stays ended. */
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { TenantId } from '../../base/ids.ts';
import { hashSecret } from '../../base/secrets.ts';
import { isStorable } from '../../http/validate.ts';
import type { EphemeralStore, ItemKey, PutOptions } from '../../storage/ephemeral-store.ts';
import { requestState } from '../request-state.ts';
import { UNSTORABLE } from './ephemeral-model.ts';

export const SESSION = 'Session';
/** Leads from the uid, which tokens carry, to the session; the way back does not exist. */
const POINTER = 'SessionUid';

/** Where a session lies, by what its cookie says. */
const sessionAt = (tenantId: TenantId, id: string): ItemKey => ({
  tenantId,
  kind: SESSION,
  key: hashSecret(id),
});
export const pointerAt = (tenantId: TenantId, uid: string): ItemKey => ({
  tenantId,
  kind: POINTER,
  key: hashSecret(uid),
});

export class SessionModel implements Adapter {
  readonly #store: EphemeralStore;
  readonly #tenantId: TenantId;

  constructor(parts: { ephemeral: EphemeralStore; tenantId: TenantId }) {
    this.#store = parts.ephemeral;
    this.#tenantId = parts.tenantId;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    if (!isStorable(payload)) throw new errors.InvalidRequest(UNSTORABLE);
    // The id is the credential: it is kept as a hash, and left out of the payload.
    const { jti: _, ...value } = payload;
    const saved = await this.#save(id, value, {
      ttlSeconds: expiresIn,
      ...(payload.accountId !== undefined && { userId: payload.accountId }),
    });
    if (!saved) return;
    const pointer = pointerAt(this.#tenantId, String(payload.uid));
    await this.#store.put(pointer, { id: hashSecret(id) }, { ttlSeconds: expiresIn });
  }

  /**
   * The engine saves at the end of each request what it read at the beginning. A session that was ended in between
   * must not come back by that; one in which somebody has authenticated since is a new one.
   */
  async #save(id: string, value: Record<string, unknown>, options: PutOptions): Promise<boolean> {
    const at = sessionAt(this.#tenantId, id);
    const known = requestState().sessions.get(String(value.uid));
    const isNew = known === undefined || known.loginTs !== value.loginTs;
    if (!isNew && known.id === id) return this.#store.replace(at, value, options);
    if (!isNew && known.hasEnded) return false;
    await this.#store.put(at, value, options);
    return true;
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const item = await this.#store.get(sessionAt(this.#tenantId, id));
    if (!item) return undefined;
    const { uid, loginTs } = item.value;
    requestState().sessions.set(String(uid), { id, loginTs, hasEnded: false });
    return { ...item.value, jti: id };
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const pointer = await this.#store.get(pointerAt(this.#tenantId, uid));
    if (!pointer) return undefined;
    const at = { tenantId: this.#tenantId, kind: SESSION, key: String(pointer.value.id) };
    return (await this.#store.get(at))?.value;
  }

  async destroy(id: string): Promise<void> {
    if (await this.#store.remove(sessionAt(this.#tenantId, id))) return;
    for (const known of requestState().sessions.values()) if (known.id === id) known.hasEnded = true;
  }

  async consume(): Promise<void> {
    throw new Error('a session is not consumed');
  }
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }
  async revokeByGrantId(): Promise<void> {}
}
