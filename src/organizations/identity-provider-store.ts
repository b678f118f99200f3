/** Reads and writes the identity providers of organizations. */
import type { Selectable } from 'kysely';
import type { OrganizationId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { OrganizationIdentityProvidersTable } from '../storage/tables.ts';
import type { IdentityProvider, IdentityProviderInput } from './identity-provider.ts';

export class IdentityProviderStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  async find(tenantId: TenantId, organizationId: OrganizationId): Promise<IdentityProvider | undefined> {
    const row = await this.#db
      .selectFrom('organization_identity_providers')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('organization_id', '=', organizationId)
      .executeTakeFirst();
    return row && toIdentityProvider(row);
  }

  /** Replaces the one before. */
  async put(tenantId: TenantId, organizationId: OrganizationId, input: IdentityProviderInput): Promise<void> {
    const columns = {
      entity_id: input.entityId,
      sso_url: input.ssoUrl,
      sso_binding: input.ssoBinding,
      certificates: JSON.stringify(input.certificates),
      email_attribute: input.emailAttribute,
      first_name_attribute: input.firstNameAttribute,
      last_name_attribute: input.lastNameAttribute,
      create_members: input.createMembers,
      updated_at: new Date(),
    };
    await this.#db
      .insertInto('organization_identity_providers')
      .values({ tenant_id: tenantId, organization_id: organizationId, ...columns })
      .onConflict((on) => on.column('organization_id').doUpdateSet(columns))
      .execute();
  }

  async remove(tenantId: TenantId, organizationId: OrganizationId): Promise<void> {
    await this.#db
      .deleteFrom('organization_identity_providers')
      .where('tenant_id', '=', tenantId)
      .where('organization_id', '=', organizationId)
      .execute();
  }
}

const toIdentityProvider = (row: Selectable<OrganizationIdentityProvidersTable>): IdentityProvider => ({
  tenantId: row.tenant_id,
  organizationId: row.organization_id,
  entityId: row.entity_id,
  ssoUrl: row.sso_url,
  ssoBinding: row.sso_binding,
  certificates: row.certificates,
  emailAttribute: row.email_attribute,
  firstNameAttribute: row.first_name_attribute,
  lastNameAttribute: row.last_name_attribute,
  createMembers: row.create_members,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
