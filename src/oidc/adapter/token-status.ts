/** Asks the database whether a verified access token is still live. */
import { sql } from 'kysely';
import type { TenantId } from '../../base/ids.ts';
import type { Database } from '../../storage/database.ts';
import type { VerifiedToken } from '../verified-token.ts';
import { restsOnConsent } from './consent-check.ts';

export interface TokenStatus {
  readonly live: boolean;
  /** Payload of the grant behind a live user token. */
  readonly grant?: Record<string, unknown>;
}

/** One query: revoked? client there? and for user tokens: grant alive, user not disabled? */
export async function tokenStatus(
  db: Database,
  tenantId: TenantId,
  { claims, kind }: VerifiedToken,
): Promise<TokenStatus> {
  if (kind === 'ClientCredentials') {
    const { rows } =
      await sql`select 1 from clients c where c.tenant_id = ${tenantId} and c.client_id = ${claims.client_id}
      and not exists (select 1 from revoked_tokens r where r.tenant_id = ${tenantId} and r.jti = ${claims.jti})`.execute(
        db,
      );
    return { live: rows.length === 1 };
  }
  const {
    rows: [row],
  } = await sql<{ payload: Record<string, unknown> }>`select g.payload from grants g
    join users u on u.tenant_id = g.tenant_id and u.user_id = g.user_id
    where g.tenant_id = ${tenantId} and g.grant_id = ${claims.gid ?? ''} and g.expires_at > now()
      and g.client_id = ${claims.client_id} and u.user_id = ${claims.sub} and u.status <> 'Disabled'
      and ${restsOnConsent('g')}
      and not exists (select 1 from revoked_tokens r where r.tenant_id = ${tenantId} and r.jti = ${claims.jti})`.execute(
    db,
  );
  return row ? { live: true, grant: row.payload } : { live: false };
}
