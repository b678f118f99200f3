/** The tenant: default audience and the lifetimes of its implicit default resource. */
import type { Selectable } from 'kysely';
import type { TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { TenantsTable } from '../storage/tables.ts';

/** Setting that says how far the first start has come. */
export const FIRST_START = 'first_start';

export interface Tenant {
  readonly tenantId: TenantId;
  readonly name: string;
  /** `aud` of tokens without a requested resource (contract D5). */
  readonly defaultAudience: string;
  /** Seconds, the third step of contract D3. */
  readonly accessTokenTtl: number;
  readonly refreshTokenTtl: number;
  readonly maxRefreshRotate: number;
  /** Seconds, 0 to 60, in which a used refresh token still yields its successor. */
  readonly refreshGraceSeconds: number;
}

const toTenant = (row: Selectable<TenantsTable>): Tenant => ({
  tenantId: row.tenant_id,
  name: row.name,
  defaultAudience: row.default_audience,
  accessTokenTtl: row.access_token_ttl,
  refreshTokenTtl: row.refresh_token_ttl,
  maxRefreshRotate: row.max_refresh_rotate,
  refreshGraceSeconds: row.refresh_grace_seconds,
});

export class TenantStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  async find(tenantId: TenantId): Promise<Tenant | undefined> {
    const row = await this.#db
      .selectFrom('tenants')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .executeTakeFirst();
    return row && toTenant(row);
  }

  /** The only tenant of this deployment, or undefined before the first start. */
  async findFirst(): Promise<Tenant | undefined> {
    const row = await this.#db.selectFrom('tenants').selectAll().orderBy('created_at').executeTakeFirst();
    return row && toTenant(row);
  }

  /** The next start makes a tenant again. */
  async forgetFirstStart(): Promise<void> {
    await this.#db.deleteFrom('settings').where('name', '=', FIRST_START).execute();
  }

  async create(db: Database, tenantId: TenantId, name: string): Promise<void> {
    await db
      .insertInto('tenants')
      .values({
        tenant_id: tenantId,
        name,
        default_audience: 'userid-api',
        access_token_ttl: 3600,
        refresh_token_ttl: 1_209_600,
        max_refresh_rotate: 31_536_000,
        refresh_grace_seconds: 10,
      })
      .execute();
  }
}
