/** The verbs of organizations themselves; their roles and members: organization-role-service.ts, organization-member-service.ts. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { AdminCaller } from '../base/caller.ts';
import { invalid, notFound, taken } from '../base/errors.ts';
import type { AppId, OrganizationId, TenantId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import { assertUnchanged } from '../base/version.ts';
import { type Database, isUniqueViolation } from '../storage/database.ts';
import { type Logo, toLogo } from './logo.ts';
import type { Organization, OrganizationInput } from './organization.ts';
import { OrganizationLogoStore } from './organization-logo-store.ts';
import { OrganizationMemberStore } from './organization-member-store.ts';
import { managedOrganization } from './organization-reach.ts';
import { OrganizationStore } from './organization-store.ts';
import {
  lockedOrganization,
  type OrganizationCaller,
  organizationNotFound,
  recordOrganization,
} from './organization-trail.ts';

export class OrganizationService {
  readonly #db: Database;
  readonly #audit: AuditLog;

  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
  }

  list(caller: AdminCaller, name?: string): Promise<Organization[]> {
    return new OrganizationStore(this.#db).list(caller.tenantId, name);
  }

  /** @throws 404 */
  async get(caller: AdminCaller, organizationId: OrganizationId): Promise<Organization> {
    const organization = await new OrganizationStore(this.#db).find(caller.tenantId, organizationId);
    if (!organization) throw organizationNotFound();
    return organization;
  }

  /** @throws 404 */
  async getByName(caller: AdminCaller, name: string): Promise<Organization> {
    const organization = await new OrganizationStore(this.#db).findByName(caller.tenantId, name);
    if (!organization) throw organizationNotFound();
    return organization;
  }

  /** @throws 400 naming applications that are not there, 409 for a taken name. */
  create(caller: AdminCaller, input: OrganizationInput, appIds: readonly AppId[]): Promise<Organization> {
    return this.#write(async (trx) => {
      await assertApplications(trx, caller.tenantId, appIds);
      return this.#insert(trx, caller, input, appIds);
    });
  }

  /** An organization under another one, with its application. @throws 403, 404 for either, 409 for a taken name. */
  createManaged(
    caller: OrganizationCaller,
    at: { organizationId: OrganizationId; appId: AppId },
    input: OrganizationInput,
  ): Promise<Organization> {
    return this.#write(async (trx) => {
      const managing = await managedOrganization(trx, caller, at);
      if (!managing.appIds.includes(at.appId)) throw notFound('Application not found in this organization');
      const { organizationId } = await this.#insert(trx, caller, input, [at.appId]);
      const store = new OrganizationStore(trx);
      await store.putUnder({ ...at, tenantId: caller.tenantId }, organizationId);
      return (await store.find(caller.tenantId, organizationId)) as Organization;
    });
  }

  /** Absent members stay. @throws 404, 409, 412 */
  update(
    caller: AdminCaller,
    organizationId: OrganizationId,
    input: Partial<OrganizationInput>,
  ): Promise<Organization> {
    return this.#locked(caller, organizationId, async (trx, organization) => {
      assertUnchanged(caller, organization);
      const store = new OrganizationStore(trx);
      await store.update(caller.tenantId, organizationId, input);
      if (input.enabled === false) await new OrganizationMemberStore(trx).endSignIns(organization);
      await this.#record(trx, caller, 'organization.updated', organizationId, { fields: Object.keys(input) });
      return (await store.find(caller.tenantId, organizationId)) as Organization;
    });
  }

  /** @throws 404, 412 */
  remove(caller: AdminCaller, organizationId: OrganizationId): Promise<void> {
    return this.#locked(caller, organizationId, async (trx, organization) => {
      assertUnchanged(caller, organization);
      await new OrganizationMemberStore(trx).endSignIns(organization);
      await new OrganizationStore(trx).remove(caller.tenantId, organizationId);
      await this.#record(trx, caller, 'organization.deleted', organizationId, { name: organization.name });
    });
  }

  /** Adds to the applications that are there. @throws 404, 412, 400 naming applications that are not there. */
  addApps(caller: AdminCaller, organizationId: OrganizationId, appIds: readonly AppId[]): Promise<void> {
    return this.#locked(caller, organizationId, async (trx, organization) => {
      assertUnchanged(caller, organization);
      await assertApplications(trx, caller.tenantId, appIds);
      const store = new OrganizationStore(trx);
      await store.addApps(caller.tenantId, organizationId, [...new Set(appIds)]);
      await store.update(caller.tenantId, organizationId, {});
      await this.#record(trx, caller, 'organization.apps_added', organizationId, { app_ids: appIds });
    });
  }

  /** @throws 412, 404 for the organization, and for an application that it does not have. */
  removeApps(caller: AdminCaller, organizationId: OrganizationId, appIds: readonly AppId[]): Promise<void> {
    return this.#locked(caller, organizationId, async (trx, organization) => {
      assertUnchanged(caller, organization);
      const missing = appIds.filter((appId) => !organization.appIds.includes(appId));
      if (missing.length > 0)
        throw notFound(`Application not found in this organization: ${missing.join(', ')}`);
      const store = new OrganizationStore(trx);
      await store.removeApps(caller.tenantId, organizationId, appIds);
      await new OrganizationMemberStore(trx).endSignIns(organization, { appIds });
      await store.update(caller.tenantId, organizationId, {});
      await this.#record(trx, caller, 'organization.apps_removed', organizationId, { app_ids: appIds });
    });
  }

  /** @throws 404, 400 for what is no picture. */
  setLogo(caller: AdminCaller, organizationId: OrganizationId, content: Uint8Array): Promise<void> {
    return this.#locked(caller, organizationId, async (trx) => {
      await new OrganizationLogoStore(trx).put(caller.tenantId, organizationId, toLogo(content));
      await this.#record(trx, caller, 'organization.logo_set', organizationId);
    });
  }

  /** For everybody: logos stand on sign-in pages. */
  findLogo(tenantId: TenantId, organizationId: OrganizationId): Promise<Logo | undefined> {
    return new OrganizationLogoStore(this.#db).find(tenantId, organizationId);
  }

  async #insert(
    trx: Database,
    caller: OrganizationCaller,
    input: OrganizationInput,
    appIds: readonly AppId[],
  ): Promise<Organization> {
    const store = new OrganizationStore(trx);
    const organizationId = newId<OrganizationId>();
    await store.insert(caller.tenantId, organizationId, input);
    await store.addApps(caller.tenantId, organizationId, [...new Set(appIds)]);
    await this.#record(trx, caller, 'organization.created', organizationId, { name: input.name });
    return (await store.find(caller.tenantId, organizationId)) as Organization;
  }

  #locked<T>(
    caller: AdminCaller,
    organizationId: OrganizationId,
    work: (trx: Database, organization: Organization) => Promise<T>,
  ): Promise<T> {
    return this.#write(async (trx) => work(trx, await lockedOrganization(trx, caller, organizationId)));
  }

  async #write<T>(work: (trx: Database) => Promise<T>): Promise<T> {
    try {
      return await this.#db.transaction().execute(work);
    } catch (error) {
      throw isUniqueViolation(error, 'organizations_name') ? taken('name is already taken') : error;
    }
  }

  #record(
    db: Database,
    caller: OrganizationCaller,
    type: string,
    organizationId: OrganizationId,
    details: Record<string, unknown> = {},
  ): Promise<void> {
    return recordOrganization(this.#audit, db, caller, { type, organizationId, details });
  }
}

async function assertApplications(db: Database, tenantId: TenantId, appIds: readonly AppId[]): Promise<void> {
  const known = await new OrganizationStore(db).holdApplications(tenantId, appIds);
  const unknown = appIds.filter((appId) => !known.has(appId));
  if (unknown.length > 0) throw invalid(...unknown.map((appId) => `app_ids: unknown application ${appId}`));
}
