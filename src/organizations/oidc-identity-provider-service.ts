/** The verbs of an organization's OpenID Connect provider, for administrators of the tenant. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { AdminCaller } from '../base/caller.ts';
import { conflict, invalid, notFound } from '../base/errors.ts';
import type { OrganizationId } from '../base/ids.ts';
import { assertUnchanged } from '../base/version.ts';
import type { Sealer } from '../keys/sealer.ts';
import type { Database } from '../storage/database.ts';
import { IdentityProviderStore } from './identity-provider-store.ts';
import {
  type OidcIdentityProvider,
  type OidcIdentityProviderInput,
  secretContext,
} from './oidc-identity-provider.ts';
import { assertOidcIdentityProvider } from './oidc-identity-provider-rules.ts';
import { OidcIdentityProviderStore } from './oidc-identity-provider-store.ts';
import { lockedOrganization, recordOrganization } from './organization-trail.ts';

const none = () => notFound('This organization has no OpenID Connect identity provider');

export class OidcIdentityProviderService {
  readonly #db: Database;
  readonly #audit: AuditLog;
  readonly #sealer: Pick<Sealer, 'seal'>;

  constructor(parts: { db: Database; audit: AuditLog; sealer: Pick<Sealer, 'seal'> }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
    this.#sealer = parts.sealer;
  }

  /** @throws 404 */
  get(caller: AdminCaller, organizationId: OrganizationId): Promise<OidcIdentityProvider> {
    return this.#locked(caller, organizationId, async (trx) => {
      const provider = await new OidcIdentityProviderStore(trx).find(caller.tenantId, organizationId);
      if (!provider) throw none();
      return provider;
    });
  }

  /** Makes it, or replaces the whole of it. @throws 400 for settings that break a rule, 404, 409 beside a SAML one, 412 */
  put(
    caller: AdminCaller,
    organizationId: OrganizationId,
    { clientSecret, ...input }: OidcIdentityProviderInput,
  ): Promise<OidcIdentityProvider> {
    return this.#locked(caller, organizationId, async (trx) => {
      assertOidcIdentityProvider(input);
      const store = new OidcIdentityProviderStore(trx);
      const before = await store.find(caller.tenantId, organizationId);
      if (before) assertUnchanged(caller, before);
      if (await new IdentityProviderStore(trx).find(caller.tenantId, organizationId))
        throw conflict('This organization signs in by SAML: delete its SAML identity provider first');
      const sealedClientSecret =
        clientSecret === undefined
          ? keptSecret(input, before)
          : this.#sealer.seal(clientSecret.reveal(), secretContext(organizationId));
      await store.put(caller.tenantId, organizationId, { ...input, sealedClientSecret });
      await recordOrganization(this.#audit, trx, caller, {
        type: 'organization.oidc_identity_provider_set',
        organizationId,
        details: { issuer: input.issuer, client_id: input.clientId, create_members: input.createMembers },
      });
      return (await store.find(caller.tenantId, organizationId)) as OidcIdentityProvider;
    });
  }

  /** @throws 404, 412 */
  remove(caller: AdminCaller, organizationId: OrganizationId): Promise<void> {
    return this.#locked(caller, organizationId, async (trx) => {
      const store = new OidcIdentityProviderStore(trx);
      const before = await store.find(caller.tenantId, organizationId);
      if (!before) throw none();
      assertUnchanged(caller, before);
      await store.remove(caller.tenantId, organizationId);
      await recordOrganization(this.#audit, trx, caller, {
        type: 'organization.oidc_identity_provider_removed',
        organizationId,
        details: { issuer: before.issuer, client_id: before.clientId },
      });
    });
  }

  #locked<T>(
    caller: AdminCaller,
    organizationId: OrganizationId,
    work: (trx: Database) => Promise<T>,
  ): Promise<T> {
    return this.#db.transaction().execute(async (trx) => {
      await lockedOrganization(trx, caller, organizationId);
      return work(trx);
    });
  }
}

/** A secret is told to the issuer that it was entered for: who may change the issuer need not know it, and must not get it. */
function keptSecret(input: OidcIdentityProviderInput, before: OidcIdentityProvider | undefined): string {
  if (before === undefined) throw invalid('client_secret is required');
  if (before.issuer !== input.issuer || before.clientId !== input.clientId)
    throw invalid('client_secret is required with another issuer or client_id');
  return before.sealedClientSecret;
}
