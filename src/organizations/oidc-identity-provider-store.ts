/** Reads and writes the OpenID Connect providers of organizations. */
import type { Selectable } from 'kysely';
import type { OrganizationId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { OrganizationOidcProvidersTable } from '../storage/tables.ts';
import type { OidcIdentityProvider, OidcIdentityProviderInput } from './oidc-identity-provider.ts';

export class OidcIdentityProviderStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  async find(tenantId: TenantId, organizationId: OrganizationId): Promise<OidcIdentityProvider | undefined> {
    const row = await this.#db
      .selectFrom('organization_oidc_providers')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('organization_id', '=', organizationId)
      .executeTakeFirst();
    return row && toProvider(row);
  }

  /** Replaces the one before. */
  async put(
    tenantId: TenantId,
    organizationId: OrganizationId,
    input: Omit<OidcIdentityProviderInput, 'clientSecret'> & { readonly sealedClientSecret: string },
  ): Promise<void> {
    const columns = {
      issuer: input.issuer,
      client_id: input.clientId,
      sealed_client_secret: input.sealedClientSecret,
      token_endpoint_auth_method: input.clientAuthentication,
      scopes: JSON.stringify(input.scopes),
      email_claim: input.emailClaim,
      first_name_claim: input.firstNameClaim,
      last_name_claim: input.lastNameClaim,
      require_email_verified: input.requireEmailVerified,
      create_members: input.createMembers,
      own_callback: input.ownCallback,
      updated_at: new Date(),
    };
    await this.#db
      .insertInto('organization_oidc_providers')
      .values({ tenant_id: tenantId, organization_id: organizationId, ...columns })
      .onConflict((on) => on.column('organization_id').doUpdateSet(columns))
      .execute();
  }

  async remove(tenantId: TenantId, organizationId: OrganizationId): Promise<void> {
    await this.#db
      .deleteFrom('organization_oidc_providers')
      .where('tenant_id', '=', tenantId)
      .where('organization_id', '=', organizationId)
      .execute();
  }
}

const toProvider = (row: Selectable<OrganizationOidcProvidersTable>): OidcIdentityProvider => ({
  tenantId: row.tenant_id,
  organizationId: row.organization_id,
  issuer: row.issuer,
  clientId: row.client_id,
  sealedClientSecret: row.sealed_client_secret,
  clientAuthentication: row.token_endpoint_auth_method,
  scopes: row.scopes,
  emailClaim: row.email_claim,
  firstNameClaim: row.first_name_claim,
  lastNameClaim: row.last_name_claim,
  requireEmailVerified: row.require_email_verified,
  createMembers: row.create_members,
  ownCallback: row.own_callback,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
