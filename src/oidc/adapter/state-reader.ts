/** Reads what a token rests on — its revocation, client, grant and user — for all requests of one moment in one statement. */
import { type Selectable, sql } from 'kysely';
import type { TenantId } from '../../base/ids.ts';
import type { Database } from '../../storage/database.ts';
import { gathered } from '../../storage/gathered.ts';
import type { UsersTable } from '../../storage/tables.ts';
import type { User } from '../../users/user.ts';
import { toUser } from '../../users/user-store.ts';
import { restsOnConsent } from './consent-check.ts';

/** What to look at; what is absent is not looked for. The grant is the named one, or that of the refresh token. */
export interface StateKey {
  readonly clientId?: string | undefined;
  readonly grantId?: string | undefined;
  /** As the deny list names the token. */
  readonly revocation?: string | undefined;
  readonly refreshTokenHash?: string | undefined;
  readonly audience?: string | undefined;
  /** The resource that the audience stood for; any that has this URI where nothing is said. */
  readonly resourceId?: string | undefined;
}

export interface LiveGrant {
  readonly payload: Record<string, unknown>;
  readonly clientId: string;
  readonly user: User;
}

export interface StoredRefreshToken {
  readonly payload: Record<string, unknown>;
  /** Seconds since it was used; null while it is not. */
  readonly usedSecondsAgo: number | null;
  readonly sealedSuccessor: string | null;
}

export interface LiveState {
  readonly isRevoked: boolean;
  readonly clientExists: boolean;
  /** True for a resource of the tenant, the named one if one is named, and for the tenant's default audience. */
  readonly audienceExists: boolean;
  readonly refreshToken?: StoredRefreshToken;
  /** Undefined once it has ended. */
  readonly grant?: LiveGrant;
}

interface Row extends Selectable<UsersTable> {
  known_client: string | null;
  known_audience: boolean | null;
  revoked_jti: string | null;
  grant_client: string | null;
  grant_payload: Record<string, unknown> | null;
  token_payload: Record<string, unknown> | null;
  used_seconds_ago: number | null;
  sealed_successor: string | null;
}

export class StateReader {
  readonly read: (key: StateKey) => Promise<LiveState>;

  constructor({ db, tenantId }: { db: Database; tenantId: TenantId }) {
    this.read = gathered((keys) => readStates(db, tenantId, keys));
  }
}

async function readStates(
  db: Database,
  tenantId: TenantId,
  keys: readonly StateKey[],
): Promise<readonly LiveState[]> {
  const column = (name: keyof StateKey): (string | null)[] => keys.map((key) => key[name] ?? null);
  const { rows } = await sql<Row>`select u.*, c.client_id as known_client, k.audience is not null and
      (k.audience = (select default_audience from tenants where tenant_id = ${tenantId}) or exists
        (select 1 from resources where tenant_id = ${tenantId} and uri = k.audience
          and resource_id = coalesce(k.resource_id, resource_id))) as known_audience, r.jti as revoked_jti,
      g.client_id as grant_client, g.payload as grant_payload, t.payload as token_payload, t.sealed_successor,
      extract(epoch from now() - t.consumed_at)::float8 as used_seconds_ago
    from unnest(${column('clientId')}::text[], ${column('grantId')}::text[], ${column('revocation')}::text[],
      ${column('refreshTokenHash')}::text[], ${column('audience')}::text[], ${column('resourceId')}::text[])
      with ordinality as k (client_id, grant_id, revocation, token_hash, audience, resource_id, at)
    left join refresh_tokens t on t.token_hash = k.token_hash and t.tenant_id = ${tenantId}
    left join clients c on c.client_id = k.client_id and c.tenant_id = ${tenantId}
    left join revoked_tokens r on r.jti = k.revocation and r.tenant_id = ${tenantId}
    left join grants g on g.grant_id = coalesce(k.grant_id, t.grant_id) and g.tenant_id = ${tenantId} and g.expires_at > now()
      and ${restsOnConsent}
    left join users u on u.user_id = g.user_id and u.tenant_id = ${tenantId}
    order by k.at`.execute(db);
  return rows.map(toState);
}

const toState = (row: Row): LiveState => ({
  isRevoked: row.revoked_jti !== null,
  clientExists: row.known_client !== null,
  audienceExists: row.known_audience === true,
  ...(row.token_payload !== null && {
    refreshToken: {
      payload: row.token_payload,
      usedSecondsAgo: row.used_seconds_ago,
      sealedSuccessor: row.sealed_successor,
    },
  }),
  ...(row.grant_payload !== null &&
    row.grant_client !== null && {
      grant: { payload: row.grant_payload, clientId: row.grant_client, user: toUser(row) },
    }),
});
