/** Lets the engine "find" JWT access tokens: the answer comes from verified claims, not from a row. */
import { sql } from 'kysely';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { TenantId } from '../../base/ids.ts';
import type { Database } from '../../storage/database.ts';
import { type GrantMemory, memoryOf } from '../grant-memory.ts';
import { rememberGrant, requestState } from '../request-state.ts';
import { revocationName, tokenStatus } from '../token-status.ts';
import type { VerifiedToken } from '../verified-token.ts';
import type { StateReader } from './state-reader.ts';

export class SignedTokenModel implements Adapter {
  readonly #db: Database;
  readonly #tenantId: TenantId;
  readonly #states: StateReader;
  readonly #kind: VerifiedToken['kind'];

  constructor(parts: {
    db: Database;
    tenantId: TenantId;
    states: StateReader;
    kind: VerifiedToken['kind'];
  }) {
    this.#states = parts.states;
    this.#db = parts.db;
    this.#tenantId = parts.tenantId;
    this.#kind = parts.kind;
  }

  /** Issuing a JWT writes nothing. */
  async upsert(): Promise<void> {}

  async find(id: string): Promise<AdapterPayload | undefined> {
    const { verified } = requestState();
    if (verified?.kind !== this.#kind || (verified.presented ?? verified.claims.jti) !== id) return undefined;
    const { isLive, grant } = await tokenStatus(this.#states, verified);
    if (!isLive) return undefined;
    if (grant && verified.claims.gid) rememberGrant(verified.claims.gid, grant);
    return payloadOf(verified, memoryOf(grant?.payload).delegation);
  }

  /** Revocation: the token of this client stays on the deny list until it would have expired. */
  async destroy(id: string): Promise<void> {
    const { verified } = requestState();
    if (verified?.claims.jti !== id) return;
    await this.#db
      .insertInto('revoked_tokens')
      .values({
        tenant_id: this.#tenantId,
        jti: revocationName(verified.claims),
        expires_at: sql<Date>`to_timestamp(${verified.claims.exp})`,
      })
      // A client can have signed several tokens of one id: all of them are revoked, until the last has expired.
      .onConflict((on) =>
        on.column('jti').doUpdateSet({
          expires_at: sql<Date>`greatest(revoked_tokens.expires_at, excluded.expires_at)`,
        }),
      )
      .execute();
  }

  /** Access tokens end with their grant, which the status query sees; nothing to remove here. */
  async revokeByGrantId(): Promise<void> {}
  async consume(): Promise<void> {
    throw new Error('an access token is not consumed');
  }
  async findByUid(): Promise<undefined> {
    return undefined;
  }
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }
}

function payloadOf({ claims, kind }: VerifiedToken, delegation: GrantMemory['delegation']): AdapterPayload {
  const { jti, iat, exp, aud, scope, client_id, sub, gid, cnf, tid, app_id } = claims;
  return {
    kind,
    jti,
    iat,
    exp,
    aud,
    clientId: client_id,
    extra: {
      tid,
      app_id,
      ...(kind === 'ClientCredentials' && { sub }),
      ...(delegation && { act: { sub: delegation.actorId }, permissions: delegation.permissions }),
    },
    ...(scope !== undefined && { scope }),
    ...(kind === 'AccessToken' && { accountId: sub, grantId: gid }),
    ...(cnf?.['x5t#S256'] && { 'x5t#S256': cnf['x5t#S256'] }),
    ...(cnf?.jkt && { jkt: cnf.jkt }),
  } as AdapterPayload;
}
