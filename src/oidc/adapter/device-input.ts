/** Finds the input page of the tenant, where its device clients agree on one. */
import { sql } from 'kysely';
import type { TenantId } from '../../base/ids.ts';
import type { Database } from '../../storage/database.ts';

/** The one `input_uri` that clients of the device flow have; undefined where there is none, or more than one. */
export async function sharedInputUri(db: Database, tenantId: TenantId): Promise<string | undefined> {
  const { rows } = await sql<{ uri: string }>`
    select distinct settings->'device_authorization'->>'input_uri' as uri from clients
    where tenant_id = ${tenantId} and settings->'device_authorization'->>'enabled' = 'true'
      and settings->'device_authorization'->>'input_uri' <> ''
    limit 2`.execute(db);
  return rows.length === 1 ? rows[0]?.uri : undefined;
}
