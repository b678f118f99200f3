/** Grants and refresh tokens: always in Postgres, so that losing Redis never loses a grant. */
import { sql } from 'kysely';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { TenantId } from '../../base/ids.ts';
import { hashSecret } from '../../base/secrets.ts';
import type { Sealer } from '../../keys/sealer.ts';
import { type Database, isForeignKeyViolation } from '../../storage/database.ts';
import { rememberGrant, requestState } from '../request-state.ts';
import type { StateReader } from './state-reader.ts';

interface Parts {
  readonly db: Database;
  readonly tenantId: TenantId;
}

/** Seconds by which a grant outlives its last refresh token: that token's access tokens rest on the grant too. */
const LEEWAY = 86_400;

const inSeconds = (seconds: number) => sql<Date>`now() + make_interval(secs => ${seconds})`;

export class GrantModel implements Adapter {
  readonly #db: Database;
  readonly #tenantId: TenantId;
  readonly #states: StateReader;
  constructor(parts: Parts & { states: StateReader }) {
    this.#states = parts.states;
    this.#db = parts.db;
    this.#tenantId = parts.tenantId;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    requestState().grants.delete(id);
    await this.#db
      .insertInto('grants')
      .values({
        tenant_id: this.#tenantId,
        grant_id: id,
        client_id: String(payload.clientId),
        user_id: String(payload.accountId),
        payload: JSON.stringify(payload),
        consent_id: requestState().consent?.consentId ?? null,
        delegated_consent_id: requestState().delegatedConsent?.consentId ?? null,
        expires_at: inSeconds(expiresIn),
      })
      .onConflict((on) =>
        on.column('grant_id').doUpdateSet((eb) => ({
          payload: eb.ref('excluded.payload'),
          expires_at: eb.ref('excluded.expires_at'),
        })),
      )
      .execute()
      .catch((error: unknown) => {
        // Deleted since this request began, or since a node last read it.
        if (isForeignKeyViolation(error))
          throw new errors.AccessDenied('the client or the account no longer exists');
        throw error;
      });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const known = requestState().grants.get(id);
    if (known) return known as AdapterPayload;
    const { grant } = await this.#states.read({ grantId: id });
    if (grant) rememberGrant(id, grant);
    return grant?.payload as AdapterPayload | undefined;
  }

  /** Ends the grant; its refresh tokens go with it, and its access tokens stop being live. */
  async destroy(id: string): Promise<void> {
    requestState().grants.delete(id);
    await this.#db
      .deleteFrom('grants')
      .where('tenant_id', '=', this.#tenantId)
      .where('grant_id', '=', id)
      .execute();
  }

  async consume(): Promise<void> {
    throw new Error('a grant is not consumed');
  }
  async findByUid(): Promise<undefined> {
    return undefined;
  }
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }
  async revokeByGrantId(grantId: string): Promise<void> {
    await this.destroy(grantId);
  }
}

export interface RefreshTokenParts extends Parts {
  readonly states: StateReader;
  readonly sealer: Sealer;
  /** Seconds in which a used token yields its successor; asked at each use. */
  readonly graceSeconds: () => number;
  /** Loads the lifetimes of the resource the chain belongs to, before the engine asks for them. */
  readonly prepareLifetimes: (resourceUri: string | undefined) => Promise<void>;
}

export class RefreshTokenModel implements Adapter {
  readonly #parts: RefreshTokenParts;
  constructor(parts: RefreshTokenParts) {
    this.#parts = parts;
  }

  /** Saves a token; where it replaces another, both steps are one statement and only the first caller wins. */
  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    const { jti: _, ...stored } = payload;
    const binding = requestState().refreshTokenBinding;
    if (binding !== undefined) Object.assign(stored, { 'x5t#S256': binding });
    const row = {
      tenant: this.#parts.tenantId,
      hash: hashSecret(id),
      grant: String(payload.grantId),
      client: String(payload.clientId),
      payload: JSON.stringify(stored),
    };
    const replaced = requestState().replacing;
    if (replaced === undefined) {
      await sql`insert into refresh_tokens (tenant_id, token_hash, grant_id, client_id, payload, expires_at)
        values (${row.tenant}, ${row.hash}, ${row.grant}, ${row.client}, ${row.payload}, ${inSeconds(expiresIn)})`
        .execute(this.#parts.db)
        .catch((error: unknown) => {
          // The grant ended meanwhile, e.g. its code came twice: as if saved, and then ended with its grant.
          if (!isForeignKeyViolation(error)) throw error;
        });
      return;
    }
    // The grant is locked before the token, as its ending does it too: two that lock in opposite order would
    // end in a deadlock, and one of them in a 500. The token joins the grant, so the order is one of data flow.
    const { rows } = await sql`with held as materialized (
        select grant_id from grants where tenant_id = ${row.tenant} and grant_id = ${row.grant} for key share),
      used as (
        update refresh_tokens t set consumed_at = now(), sealed_successor = ${this.#parts.sealer.seal(id, replaced)}
        from held where t.grant_id = held.grant_id and t.tenant_id = ${row.tenant} and t.token_hash = ${replaced}
        and t.consumed_at is null returning 1),
      prolonged as (
        -- The numbers may have grown since the sign-in; a chain must not end with a grant that was made for the old ones.
        update grants set expires_at = ${inSeconds(expiresIn + LEEWAY)},
          payload = jsonb_set(payload, '{exp}', to_jsonb(${Math.floor(Date.now() / 1000) + expiresIn + LEEWAY}::bigint))
        where tenant_id = ${row.tenant} and grant_id = ${row.grant} and expires_at < ${inSeconds(expiresIn)}
          -- A third party's grant ends with the consent it was made from.
          and consent_id is null
          and exists (select 1 from used))
      insert into refresh_tokens (tenant_id, token_hash, grant_id, client_id, payload, expires_at)
      select ${row.tenant}, ${row.hash}, ${row.grant}, ${row.client}, ${row.payload}::jsonb, ${inSeconds(expiresIn)} from used
      returning 1`.execute(this.#parts.db);
    // The loser of a race is refused, and the family lives: the winner holds the successor. So is the one whose
    // grant ended meanwhile.
    if (rows.length === 0) throw new errors.InvalidGrant('refresh token already used');
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    // The token of this request is a JWT: no refresh token has its id.
    if (requestState().verified) return undefined;
    const hash = hashSecret(id);
    const { refreshToken, grant } = await this.#parts.states.read({ refreshTokenHash: hash });
    if (!refreshToken) return undefined;
    const payload = refreshToken.payload as AdapterPayload;
    if (grant) rememberGrant(String(payload.grantId), grant);
    await this.#parts.prepareLifetimes(typeof payload.resource === 'string' ? payload.resource : undefined);
    const { usedSecondsAgo, sealedSuccessor } = refreshToken;
    if (usedSecondsAgo === null) return { ...payload, jti: id };
    if (usedSecondsAgo >= this.#parts.graceSeconds() || sealedSuccessor === null)
      return { ...payload, jti: id, consumed: true };
    requestState().successor = this.#parts.sealer.open(sealedSuccessor, hash);
    return { ...payload, jti: id };
  }

  /** Only noted: the mark is set together with saving the successor. */
  async consume(id: string): Promise<void> {
    requestState().replacing = hashSecret(id);
  }

  async destroy(id: string): Promise<void> {
    await this.#parts.db
      .deleteFrom('refresh_tokens')
      .where('tenant_id', '=', this.#parts.tenantId)
      .where('token_hash', '=', hashSecret(id))
      .execute();
  }

  /** Locks the grant first, as every writer of its tokens does. */
  async revokeByGrantId(grantId: string): Promise<void> {
    const { db, tenantId } = this.#parts;
    if (!grantId) return;
    await sql`with held as materialized (
        select grant_id from grants where tenant_id = ${tenantId} and grant_id = ${grantId} for update)
      delete from refresh_tokens t using held where t.grant_id = held.grant_id`.execute(db);
  }

  async findByUid(): Promise<undefined> {
    return undefined;
  }
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }
}
