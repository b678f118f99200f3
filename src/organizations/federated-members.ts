/** Which organization signs somebody in at its own identity provider, and whom that provider may bring in. */
import type { AuditLog } from '../audit/audit-log.ts';
import { forbidden, invalid, notFound } from '../base/errors.ts';
import type { AppId, OrganizationId, TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { Admission } from '../users/admission.ts';
import { normalEmail } from '../users/user.ts';
import { UserStore } from '../users/user-store.ts';
import type { IdentityProvider } from './identity-provider.ts';
import { emailDomain, maySpeakFor } from './identity-provider-rules.ts';
import { IdentityProviderStore } from './identity-provider-store.ts';
import type { OidcIdentityProvider } from './oidc-identity-provider.ts';
import { OidcIdentityProviderStore } from './oidc-identity-provider-store.ts';
import type { Organization, OrganizationPlace } from './organization.ts';
import { OrganizationMemberStore } from './organization-member-store.ts';
import { OrganizationStore } from './organization-store.ts';

/** What the identity provider says of a person. */
export interface FederatedPerson {
  readonly email: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly ip?: string;
}

interface Parts {
  readonly db: Database;
  readonly audit: AuditLog;
  readonly admission: Pick<Admission, 'signedIn' | 'signUp'>;
  readonly tenantId: TenantId;
}

const noProvider = () =>
  notFound(
    'No organization of this application signs its members in at an identity provider of its own here',
  );
const notAdmitted = () => forbidden('The organization does not let this person in: ask its administrator');

export class FederatedMembers {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** By its id, or by the domain of the email. @throws 400 where several have the domain, 404 without one */
  async providerFor(appId: AppId, email: string, organizationId?: OrganizationId): Promise<IdentityProvider> {
    return this.provider({ organizationId: await this.organizationFor(appId, email, organizationId), appId });
  }

  /** The same, whatever provider it has, and not yet looked at where it was named. */
  async organizationFor(
    appId: AppId,
    email: string,
    organizationId?: OrganizationId,
  ): Promise<OrganizationId> {
    if (organizationId !== undefined) return organizationId;
    const { db, tenantId } = this.#parts;
    const domain = emailDomain(normalEmail(email));
    if (domain === undefined) throw invalid('email must be an email address');
    const [found, ...more] = await new OrganizationStore(db).listByDomain(tenantId, domain, appId);
    if (more.length > 0)
      throw invalid('Several organizations have the domain of this email: name one by org_id');
    if (!found) throw noProvider();
    return found.organizationId;
  }

  /** @throws 404 in the same words for an organization that is not there, disabled, elsewhere, or without a provider */
  async provider(place: Omit<OrganizationPlace, 'tenantId'>): Promise<IdentityProvider> {
    await this.#organization(place);
    const { db, tenantId } = this.#parts;
    const provider = await new IdentityProviderStore(db).find(tenantId, place.organizationId);
    if (!provider) throw noProvider();
    return provider;
  }

  /** Undefined where the organization has none for OpenID Connect. @throws 404 as `provider` does */
  async oidcProvider(place: Omit<OrganizationPlace, 'tenantId'>): Promise<OidcIdentityProvider | undefined> {
    await this.#organization(place);
    return new OidcIdentityProviderStore(this.#parts.db).find(this.#parts.tenantId, place.organizationId);
  }

  /**
   * The member whom the provider has signed in.
   * @throws 403 for an address outside of the organization's domains, whatever the provider says, and for somebody who is
   * no member where the provider does not make members; 400 for a disabled user
   */
  async admit(
    provider: Pick<IdentityProvider, 'createMembers'>,
    at: Omit<OrganizationPlace, 'tenantId'>,
    { email, firstName, lastName, ip }: FederatedPerson,
  ): Promise<{ userId: UserId; isNewUser: boolean }> {
    const { db, admission, tenantId } = this.#parts;
    const place = { ...at, tenantId };
    const organization = await this.#organization(at);
    if (!maySpeakFor(organization, email)) throw notAdmitted();
    const [owner] = await new UserStore(db).findOwners(tenantId, { email });
    const isMember = owner && (await new OrganizationMemberStore(db).mayEnter(place, owner.userId));
    if (!isMember && !provider.createMembers) throw notAdmitted();
    if (owner?.status === 'Disabled') throw notAdmitted();
    const arrival = { tenantId, appId: at.appId, factor: 'social', ...(ip !== undefined && { ip }) };
    const profile = named(firstName, lastName);
    const user = owner
      ? await admission.signedIn(arrival, owner.userId, { email })
      : await admission.signUp(arrival, { email, emailVerifiedAt: new Date(), ...(profile && { profile }) });
    if (!user) throw notAdmitted();
    if (!isMember) await this.#join(organization, at.appId, user.userId);
    return { userId: user.userId, isNewUser: !owner };
  }

  #join({ organizationId }: Organization, appId: AppId, userId: UserId): Promise<void> {
    const { db, audit, tenantId } = this.#parts;
    return db.transaction().execute(async (trx) => {
      if (!(await new OrganizationMemberStore(trx).add({ tenantId, organizationId }, userId))) return;
      await audit.record(trx, {
        tenantId,
        type: 'organization.member_added',
        actor: { kind: 'user', id: userId },
        subject: organizationId,
        details: { user_id: userId, app_id: appId, by: 'identity_provider' },
      });
    });
  }

  async #organization({ organizationId, appId }: Omit<OrganizationPlace, 'tenantId'>): Promise<Organization> {
    const found = await new OrganizationStore(this.#parts.db).find(this.#parts.tenantId, organizationId);
    if (!found?.enabled || !found.appIds.includes(appId)) throw noProvider();
    return found;
  }
}

/** Shown to people, so nothing that is too long or cannot be kept. */
function named(firstName = '', lastName = '') {
  const [first, last] = [firstName, lastName].map((name) => name.trim().slice(0, 128));
  const name = { ...(first && { first_name: first }), ...(last && { last_name: last }) };
  return Object.keys(name).length > 0 ? { name } : undefined;
}
