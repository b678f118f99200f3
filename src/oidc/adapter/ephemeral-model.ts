/** Engine models that expire soon: interactions, codes, pushed requests, device codes, CIBA requests. */
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { TenantId } from '../../base/ids.ts';
import { hashSecret } from '../../base/secrets.ts';
import { isStorable } from '../../http/validate.ts';
import type { EphemeralStore, ItemKey } from '../../storage/ephemeral-store.ts';

const PUSHED = 'PushedAuthorizationRequest';
/**
 * The engine marks a pushed request as used when the authorization is granted, and grants it unmarked when the request
 * is gone by then. So it is kept for as long as people may take to sign in; its own `exp` still ends it after 60 s.
 */
const SIGN_IN_SECONDS = 4 * 3600;
/** Whoever polls with an expired one hears expired_token, not that there never was one (RFC 8628 3.5, CIBA Core 11). */
const POLLED = ['DeviceCode', 'BackchannelAuthenticationRequest'];
const REMEMBERED_SECONDS = 3600;
export const UNSTORABLE = 'parameters must not contain NUL characters or broken Unicode';

export class EphemeralModel implements Adapter {
  readonly #store: EphemeralStore;
  readonly #tenantId: TenantId;
  readonly #kind: string;
  readonly #endGrant: (grantId: string) => Promise<void>;

  constructor(parts: {
    store: EphemeralStore;
    tenantId: TenantId;
    kind: string;
    /** Ends a grant with every token that rests on it. */
    endGrant: (grantId: string) => Promise<void>;
  }) {
    this.#store = parts.store;
    this.#tenantId = parts.tenantId;
    this.#kind = parts.kind;
    this.#endGrant = parts.endGrant;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    if (!isStorable(payload)) throw new errors.InvalidRequest(UNSTORABLE);
    // The id is the credential: it is kept as a hash, and left out of the payload.
    const { jti: _, ...value } = withoutSessionCookie(payload);
    const userId = payload.accountId ?? provedUser(payload);
    await this.#store.put(this.#at(id), value, {
      ttlSeconds: expiresIn + this.#extraSeconds(),
      ...(payload.grantId !== undefined && { grantId: payload.grantId }),
      ...(userId !== undefined && { userId }),
    });
  }

  #extraSeconds(): number {
    if (this.#kind === PUSHED) return SIGN_IN_SECONDS;
    return POLLED.includes(this.#kind) ? REMEMBERED_SECONDS : 0;
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const item = await this.#store.get(this.#at(id));
    return item && { ...item.value, jti: id, ...(item.consumed && { consumed: true }) };
  }

  async findByUid(): Promise<undefined> {
    return undefined;
  }

  async findByUserCode(_userCode: string): Promise<AdapterPayload | undefined> {
    return undefined;
  }

  /**
   * Compare-and-set: of any number of concurrent redemptions one gets past this line. Every other one is a second
   * use, however close it came: two parties hold the code, and nobody knows whether the honest one was first. So it
   * ends the winner's tokens, as a later use does (RFC 6749 section 4.1.2, contract C5). The engine alone would not:
   * it looked before the winner had consumed the code. What the winner saves afterwards ends with its grant.
   */
  async consume(id: string): Promise<void> {
    if (await this.#store.consume(this.#at(id))) return;
    if (this.#kind === PUSHED)
      throw new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used');
    const grantId = (await this.#store.get(this.#at(id)))?.value.grantId;
    if (typeof grantId === 'string') await this.#endGrant(grantId);
    throw new errors.InvalidGrant(`${this.#kind} already consumed`);
  }

  async destroy(id: string): Promise<void> {
    await this.#store.remove(this.#at(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    if (grantId) await this.#store.removeByGrant(this.#tenantId, grantId);
  }

  #at(id: string): ItemKey {
    return { tenantId: this.#tenantId, kind: this.#kind, key: hashSecret(id) };
  }
}

/** Of an interaction whose browser has proved who it is and has not come back: it is found by that user, and can be ended. */
const provedUser = ({ result }: AdapterPayload): string | undefined =>
  (result as { login?: { accountId?: string } } | undefined)?.login?.accountId;

/** An interaction carries the session's cookie value along; nothing reads it back. */
function withoutSessionCookie(payload: AdapterPayload): AdapterPayload {
  if (!payload.session) return payload;
  const { cookie: _, ...session } = payload.session as { cookie?: string; uid: string };
  return { ...payload, session: session as NonNullable<AdapterPayload['session']> };
}
