/** The verbs of an organization's identity provider, for administrators of the tenant. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { AdminCaller } from '../base/caller.ts';
import { conflict, notFound } from '../base/errors.ts';
import type { OrganizationId } from '../base/ids.ts';
import { assertUnchanged } from '../base/version.ts';
import type { Database } from '../storage/database.ts';
import type { IdentityProvider, IdentityProviderInput } from './identity-provider.ts';
import { assertIdentityProvider } from './identity-provider-rules.ts';
import { IdentityProviderStore } from './identity-provider-store.ts';
import { OidcIdentityProviderStore } from './oidc-identity-provider-store.ts';
import type { Organization } from './organization.ts';
import { lockedOrganization, recordOrganization } from './organization-trail.ts';

/** With the organization that it belongs to. */
export interface PlacedIdentityProvider {
  readonly provider: IdentityProvider;
  readonly organization: Organization;
}

const none = () => notFound('This organization has no identity provider');

export class IdentityProviderService {
  readonly #db: Database;
  readonly #audit: AuditLog;

  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
  }

  /** @throws 404 */
  get(caller: AdminCaller, organizationId: OrganizationId): Promise<PlacedIdentityProvider> {
    return this.#locked(caller, organizationId, async (trx, organization) => {
      const provider = await new IdentityProviderStore(trx).find(caller.tenantId, organizationId);
      if (!provider) throw none();
      return { provider, organization };
    });
  }

  /** Makes it, or replaces the whole of it. @throws 400 for settings that break a rule, 404, 412 */
  put(
    caller: AdminCaller,
    organizationId: OrganizationId,
    input: IdentityProviderInput,
  ): Promise<PlacedIdentityProvider> {
    return this.#locked(caller, organizationId, async (trx, organization) => {
      assertIdentityProvider(input);
      const store = new IdentityProviderStore(trx);
      const before = await store.find(caller.tenantId, organizationId);
      if (before) assertUnchanged(caller, before);
      if (await new OidcIdentityProviderStore(trx).find(caller.tenantId, organizationId))
        throw conflict('This organization signs in by OpenID Connect: delete that identity provider first');
      await store.put(caller.tenantId, organizationId, input);
      await recordOrganization(this.#audit, trx, caller, {
        type: 'organization.identity_provider_set',
        organizationId,
        details: { entity_id: input.entityId, create_members: input.createMembers },
      });
      const provider = (await store.find(caller.tenantId, organizationId)) as IdentityProvider;
      return { provider, organization };
    });
  }

  /** @throws 404, 412 */
  remove(caller: AdminCaller, organizationId: OrganizationId): Promise<void> {
    return this.#locked(caller, organizationId, async (trx) => {
      const store = new IdentityProviderStore(trx);
      const before = await store.find(caller.tenantId, organizationId);
      if (!before) throw none();
      assertUnchanged(caller, before);
      await store.remove(caller.tenantId, organizationId);
      await recordOrganization(this.#audit, trx, caller, {
        type: 'organization.identity_provider_removed',
        organizationId,
        details: { entity_id: before.entityId },
      });
    });
  }

  #locked<T>(
    caller: AdminCaller,
    organizationId: OrganizationId,
    work: (trx: Database, organization: Organization) => Promise<T>,
  ): Promise<T> {
    return this.#db
      .transaction()
      .execute(async (trx) => work(trx, await lockedOrganization(trx, caller, organizationId)));
  }
}
