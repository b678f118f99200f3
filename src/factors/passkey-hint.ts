/** Lets an application send a user to the hosted page that registers a passkey (contract/authentication.md 8). */
import type { ClientCaller } from '../base/caller.ts';
import type { AppId, ClientId, TenantId } from '../base/ids.ts';
import { hashSecret, newSecret } from '../base/secrets.ts';
import type { Client } from '../clients/client.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import { clientNotFound, invalidRequest } from './factor-faults.ts';

export interface PasskeyHint {
  readonly clientId: ClientId;
  readonly appId: AppId;
  /** Under which name the passkey is to be made. */
  readonly identifier: string;
  /** Registered on the client. */
  readonly redirectUri: string;
  readonly externalUserId?: string;
}

interface Parts {
  readonly ephemeral: EphemeralStore;
  readonly findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
}

const KIND = 'PasskeyHint';
const TTL_SECONDS = 600;
const hintAt = (tenantId: TenantId, token: string) => ({ tenantId, kind: KIND, key: hashSecret(token) });

export class PasskeyHints {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @returns the `register_webauthn_cred_token`, good for ten minutes. @throws 400 for a redirect URI that is not registered */
  async make(
    { tenantId, clientId, appId }: ClientCaller,
    wish: { identifier: string; redirectUri: string; externalUserId?: string | undefined },
  ): Promise<string> {
    const client = await this.#parts.findClient(tenantId, clientId);
    if (client?.protocol !== 'oidc') throw clientNotFound();
    if (!client.settings.redirect_uris.includes(wish.redirectUri))
      throw invalidRequest('redirect_uri is not one of the redirect URIs of this client');
    const token = newSecret();
    const hint: PasskeyHint = JSON.parse(JSON.stringify({ ...wish, clientId, appId }));
    await this.#parts.ephemeral.put(hintAt(tenantId, token), { ...hint }, { ttlSeconds: TTL_SECONDS });
    return token;
  }

  /** For the page, as often as it is shown. Undefined for one that is used, over, or was never there. */
  async find(tenantId: TenantId, token: string): Promise<PasskeyHint | undefined> {
    const item = await this.#parts.ephemeral.get(hintAt(tenantId, token));
    return item && !item.consumed ? (item.value as unknown as PasskeyHint) : undefined;
  }

  /** When the passkey is there. True for exactly one caller. */
  use(tenantId: TenantId, token: string): Promise<boolean> {
    return this.#parts.ephemeral.consume(hintAt(tenantId, token));
  }
}
