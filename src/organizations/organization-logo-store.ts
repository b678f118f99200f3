/** Keeps the logos of organizations. */
import type { OrganizationId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { Logo } from './logo.ts';

export class OrganizationLogoStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  async find(tenantId: TenantId, organizationId: OrganizationId): Promise<Logo | undefined> {
    const row = await this.#db
      .selectFrom('organization_logos')
      .select(['media_type', 'content'])
      .where('tenant_id', '=', tenantId)
      .where('organization_id', '=', organizationId)
      .executeTakeFirst();
    return row && { mediaType: row.media_type, content: Buffer.from(row.content) };
  }

  /** Replaces the one before. */
  async put(tenantId: TenantId, organizationId: OrganizationId, logo: Logo): Promise<void> {
    const columns = { media_type: logo.mediaType, content: logo.content, updated_at: new Date() };
    await this.#db
      .insertInto('organization_logos')
      .values({ tenant_id: tenantId, organization_id: organizationId, ...columns })
      .onConflict((on) => on.column('organization_id').doUpdateSet(columns))
      .execute();
  }
}
