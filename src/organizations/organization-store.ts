/** Reads and writes the rows of organizations, and their links to applications and to one another. */
import { type RawBuilder, sql } from 'kysely';
import type { AppId, OrganizationId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { Organization, OrganizationInput, OrganizationPlace } from './organization.ts';

interface Row {
  readonly organization_id: OrganizationId;
  readonly tenant_id: TenantId;
  readonly name: string;
  readonly alias_name: string;
  readonly domains: string[];
  readonly enabled: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly app_ids: AppId[];
  readonly managed_by: OrganizationId | null;
  readonly manages: { appId: AppId; organizationId: OrganizationId }[];
  readonly logo_at: Date | null;
}

export class OrganizationStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  async find(tenantId: TenantId, organizationId: OrganizationId): Promise<Organization | undefined> {
    return (await this.#read(tenantId, sql`o.organization_id = ${organizationId}`))[0];
  }

  async findByName(tenantId: TenantId, name: string): Promise<Organization | undefined> {
    return (await this.#read(tenantId, sql`o.name = ${name}`))[0];
  }

  /** Oldest first; of this name where one is given. */
  list(tenantId: TenantId, name?: string): Promise<Organization[]> {
    return this.#read(tenantId, name === undefined ? sql`true` : sql`o.name = ${name}`);
  }

  /** Those that are enabled, have this application, and list this domain (in lower case). */
  listByDomain(tenantId: TenantId, domain: string, appId: AppId): Promise<Organization[]> {
    return this.#read(
      tenantId,
      sql`o.enabled and o.domains @> ${JSON.stringify([domain])}::jsonb and exists (select 1
        from organization_apps x where x.organization_id = o.organization_id and x.app_id = ${appId})`,
    );
  }

  /** Held until the transaction ends, so that two writers see each other's work. */
  async lock(tenantId: TenantId, organizationId: OrganizationId): Promise<void> {
    await this.#db
      .selectFrom('organizations')
      .select('organization_id')
      .where('tenant_id', '=', tenantId)
      .where('organization_id', '=', organizationId)
      .forUpdate()
      .execute();
  }

  async insert(tenantId: TenantId, organizationId: OrganizationId, input: OrganizationInput): Promise<void> {
    await this.#db
      .insertInto('organizations')
      .values({
        tenant_id: tenantId,
        organization_id: organizationId,
        name: input.name,
        alias_name: input.aliasName,
        domains: JSON.stringify(input.domains),
        enabled: input.enabled,
      })
      .execute();
  }

  /** Absent members stay; the date of the change is noted in any case. */
  async update(
    tenantId: TenantId,
    organizationId: OrganizationId,
    input: Partial<OrganizationInput>,
  ): Promise<void> {
    await this.#db
      .updateTable('organizations')
      .set({
        ...(input.name !== undefined && { name: input.name }),
        ...(input.aliasName !== undefined && { alias_name: input.aliasName }),
        ...(input.domains !== undefined && { domains: JSON.stringify(input.domains) }),
        ...(input.enabled !== undefined && { enabled: input.enabled }),
        updated_at: new Date(),
      })
      .where('tenant_id', '=', tenantId)
      .where('organization_id', '=', organizationId)
      .execute();
  }

  /** Takes its links, roles, members and logo with it. */
  async remove(tenantId: TenantId, organizationId: OrganizationId): Promise<void> {
    await this.#db
      .deleteFrom('organizations')
      .where('tenant_id', '=', tenantId)
      .where('organization_id', '=', organizationId)
      .execute();
  }

  /** Those of the ids that are applications for end users; they stay there until the transaction ends. */
  async holdApplications(tenantId: TenantId, ids: readonly AppId[]): Promise<Set<AppId>> {
    if (ids.length === 0) return new Set();
    const rows = await this.#db
      .selectFrom('applications')
      .select('app_id')
      .where('tenant_id', '=', tenantId)
      .where('kind', '=', 'end_user')
      .where('app_id', 'in', [...ids])
      .forKeyShare()
      .execute();
    return new Set(rows.map((row) => row.app_id));
  }

  /** Adds the links that are not there yet. */
  async addApps(tenantId: TenantId, organizationId: OrganizationId, ids: readonly AppId[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#db
      .insertInto('organization_apps')
      .values(ids.map((appId) => ({ tenant_id: tenantId, organization_id: organizationId, app_id: appId })))
      .onConflict((on) => on.doNothing())
      .execute();
  }

  /** Takes what the organization and its members had in these applications with them. */
  async removeApps(tenantId: TenantId, organizationId: OrganizationId, ids: readonly AppId[]): Promise<void> {
    await this.#db
      .deleteFrom('organization_apps')
      .where('tenant_id', '=', tenantId)
      .where('organization_id', '=', organizationId)
      .where('app_id', 'in', [...ids])
      .execute();
  }

  async putUnder(managing: OrganizationPlace, organizationId: OrganizationId): Promise<void> {
    await this.#db
      .insertInto('managed_organizations')
      .values({
        tenant_id: managing.tenantId,
        organization_id: organizationId,
        managing_organization_id: managing.organizationId,
        app_id: managing.appId,
      })
      .execute();
  }

  async #read(tenantId: TenantId, condition: RawBuilder<unknown>): Promise<Organization[]> {
    const { rows } = await sql<Row>`select o.*,
      coalesce((select json_agg(a.app_id order by a.created_at, a.app_id) from organization_apps a
        where a.organization_id = o.organization_id), '[]') as app_ids,
      coalesce((select json_agg(json_build_object('appId', m.app_id, 'organizationId', m.organization_id)
        order by m.app_id, m.organization_id) from managed_organizations m
        where m.managing_organization_id = o.organization_id), '[]') as manages,
      (select u.managing_organization_id from managed_organizations u
        where u.organization_id = o.organization_id) as managed_by,
      (select l.updated_at from organization_logos l where l.organization_id = o.organization_id) as logo_at
      from organizations o where o.tenant_id = ${tenantId} and ${condition}
      order by o.created_at, o.organization_id`.execute(this.#db);
    return rows.map(toOrganization);
  }
}

const toOrganization = (row: Row): Organization => ({
  tenantId: row.tenant_id,
  organizationId: row.organization_id,
  name: row.name,
  aliasName: row.alias_name,
  domains: row.domains,
  enabled: row.enabled,
  appIds: row.app_ids,
  manages: row.manages,
  ...(row.managed_by !== null && { managedBy: row.managed_by }),
  ...(row.logo_at !== null && { logoAt: row.logo_at.getTime() }),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
