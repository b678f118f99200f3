/** The verbs of applications, each together with the default client that belongs to it. */
import { type AuditLog, actorOf, type SystemAuthor } from '../audit/audit-log.ts';
import { type ManagementCaller, reaches } from '../base/caller.ts';
import { conflict, invalid, notFound, taken } from '../base/errors.ts';
import type { AppId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import { assertUnchanged } from '../base/version.ts';
import type { Client } from '../clients/client.ts';
import { clientFault } from '../clients/client-references.ts';
import { ClientService, type FixedCredentials } from '../clients/client-service.ts';
import { ClientStore } from '../clients/client-store.ts';
import { keepingManagement } from '../clients/last-management-client.ts';
import type { ImportMetadata } from '../clients/metadata-import.ts';
import { ApplicationKeyStore } from '../keys/application-key-store.ts';
import type { SamlCertificates } from '../keys/saml-certificates.ts';
import { type Database, isForeignKeyViolation, isUniqueViolation } from '../storage/database.ts';
import {
  type Application,
  type ApplicationInput,
  type ApplicationKind,
  type ApplicationSettings,
  DEFAULT_APPLICATION_SETTINGS,
  deprecatedClientInput,
  mergeApplication,
  type ShownApplication,
} from './application.ts';
import { ApplicationStore } from './application-store.ts';
import type { LoginSecrets } from './login-secrets.ts';
import { setServiceProviders } from './used-service-providers.ts';

type Author = ManagementCaller | SystemAuthor;

export interface CreateOptions extends FixedCredentials {
  readonly kind?: ApplicationKind;
  readonly appId?: string;
}

export interface CreatedApplication {
  readonly application: Application;
  readonly client: Client;
  /** Shown this once (contract D11). */
  readonly clientSecret: string;
}

/** The one that a client token reaches; an admin token reaches all. */
const onlyApplication = (caller: ManagementCaller): AppId | undefined =>
  caller.kind === 'admin' ? undefined : caller.appId;

export class ApplicationService {
  readonly #db: Database;
  readonly #audit: AuditLog;
  readonly #clients: ClientService;
  readonly #loginSecrets: LoginSecrets;
  readonly #kind: ApplicationKind;

  /** Applications of one kind only: the other kind is as if it were not there (contract C29). */
  constructor(parts: {
    db: Database;
    audit: AuditLog;
    certificates: SamlCertificates;
    loginSecrets: LoginSecrets;
    allowedInternalHosts: readonly string[];
    importMetadata: ImportMetadata;
    kind?: ApplicationKind;
  }) {
    this.#kind = parts.kind ?? 'end_user';
    this.#db = parts.db;
    this.#audit = parts.audit;
    this.#loginSecrets = parts.loginSecrets;
    this.#clients = new ClientService(parts);
  }

  /**
   * Makes the application and its default client, from `first_client` or from the deprecated members.
   * @throws 400 for a rule broken, 409 for a subdomain or custom domain that is taken (contract C23).
   */
  async create(
    author: Author,
    input: ApplicationInput,
    options: CreateOptions = {},
  ): Promise<CreatedApplication> {
    const appId = (options.appId ?? newId()) as AppId;
    const clientInput = await this.#clients.imported(input.first_client ?? deprecatedClientInput(input));
    if (!clientInput.name) throw invalid('client_display_name is required where there is no first_client');
    const settings = mergeApplication(DEFAULT_APPLICATION_SETTINGS, input, new Date());
    const certificate = await this.#clients.certificateFor(clientInput);
    return this.#write(async (trx) => {
      const store = new ApplicationStore(trx);
      await assertUnique(store, author, appId, settings);
      await store.insert({
        tenantId: author.tenantId,
        appId,
        kind: options.kind ?? this.#kind,
        name: input.app_name ?? '',
        settings,
        createdBy: actorOf(author).id,
      });
      await setServiceProviders(trx, author, appId, input.service_providers);
      const fixed = { ...options, certificate };
      const created = await this.#clients.createWithin(trx, author, appId, clientInput, fixed);
      await this.#record(trx, author, 'application.created', appId);
      return { ...created, application: (await store.find(author.tenantId, appId)) as Application };
    });
  }

  /** With a client token the list has one entry (contract C26). */
  async list(caller: ManagementCaller): Promise<ShownApplication[]> {
    const applications = await this.listBare(caller);
    const defaults = await this.#defaultClients(caller);
    return applications.map((application) => ({ application, client: defaults.get(application.appId) }));
  }

  /** As `list`, without the default clients. */
  listBare(caller: ManagementCaller): Promise<Application[]> {
    return new ApplicationStore(this.#db).list(caller.tenantId, this.#kind, onlyApplication(caller));
  }

  /** @throws 404 for one out of reach. */
  get(caller: ManagementCaller, appId: AppId): Promise<ShownApplication> {
    return this.#show(this.#db, caller, appId);
  }

  /** Absent members stay; deprecated members go to the default client. @throws 404, 400, 409. */
  async update(caller: ManagementCaller, appId: AppId, body: ApplicationInput): Promise<ShownApplication> {
    const input = await this.#imported(caller, appId, body);
    return this.#keeping(caller, appId, async (trx) => {
      const store = new ApplicationStore(trx);
      const application = this.#inReach(caller, appId, await store.findLocked(caller.tenantId, appId));
      assertUnchanged(caller, await this.#show(trx, caller, appId));
      const settings = mergeApplication(application.settings, input, new Date());
      await assertUnique(store, caller, appId, settings);
      await store.update(caller.tenantId, appId, input.app_name ?? application.name, settings);
      await setServiceProviders(trx, caller, appId, input.service_providers);
      await this.#updateDefaultClient(trx, caller, appId, input);
      if (input.should_delete_signing_key && !settings.signing_key_enabled)
        await this.#removeKeys(trx, caller, appId);
      await this.#record(trx, caller, 'application.updated', appId, { fields: Object.keys(input) });
      return this.#show(trx, caller, appId);
    });
  }

  /** Replaces the methods that are named, keeps the others, and their secrets sealed (contract/management-api.md 1). @throws 404 */
  setAuthMethods(
    caller: ManagementCaller,
    appId: AppId,
    methods: Readonly<Record<string, unknown>>,
  ): Promise<ShownApplication> {
    return this.#write(async (trx) => {
      const store = new ApplicationStore(trx);
      const { name, settings } = this.#inReach(caller, appId, await store.findLocked(caller.tenantId, appId));
      const shown = await this.#show(trx, caller, appId);
      assertUnchanged(caller, shown.application.settings.login_preferences);
      const open = await this.#loginSecrets.replace(trx, { tenantId: caller.tenantId, appId }, methods);
      const auth_methods = { ...settings.login_preferences.auth_methods, ...open };
      await store.update(caller.tenantId, appId, name, { ...settings, login_preferences: { auth_methods } });
      await this.#record(trx, caller, 'application.login_preferences_updated', appId, {
        methods: Object.keys(methods),
      });
      return this.#show(trx, caller, appId);
    });
  }

  /** Sets the default client's list. @throws 404 also where there is no default client. */
  setResources(caller: ManagementCaller, appId: AppId, resources: string[]): Promise<ShownApplication> {
    return this.update(caller, appId, { resources });
  }

  /** Deletes the clients too. @throws 404, 412, or 409 for the caller's own, or where nobody could manage the tenant again. */
  remove(caller: ManagementCaller, appId: AppId): Promise<void> {
    return this.#keeping(caller, appId, async (trx) => {
      const store = new ApplicationStore(trx);
      this.#inReach(caller, appId, await store.findLocked(caller.tenantId, appId));
      if (this.#kind === 'management') assertNotOwn(caller, appId);
      assertUnchanged(caller, await this.#show(trx, caller, appId));
      await store.remove(caller.tenantId, appId);
      await this.#record(trx, caller, 'application.deleted', appId);
    });
  }

  /** Before the transaction: the metadata of a SAML client may have to be fetched. */
  async #imported(caller: ManagementCaller, appId: AppId, body: ApplicationInput): Promise<ApplicationInput> {
    const { first_client: first } = body;
    if (!first || !('sp_metadata' in first)) return body;
    const { client } = await this.get(caller, appId);
    return { ...body, first_client: await this.#clients.imported(first, client) };
  }

  async #removeKeys(trx: Database, caller: ManagementCaller, appId: AppId): Promise<void> {
    const store = new ApplicationKeyStore(trx);
    for (const key of await store.list(caller.tenantId, appId)) {
      await store.remove(key);
      await this.#record(trx, caller, 'signing_key.deleted', key.keyId, { app_id: appId, kid: key.kid });
    }
  }

  async #updateDefaultClient(
    trx: Database,
    caller: ManagementCaller,
    appId: AppId,
    input: ApplicationInput,
  ): Promise<void> {
    const clientInput = { ...deprecatedClientInput(input), ...input.first_client };
    if (Object.keys(clientInput).length === 0) return;
    const store = new ClientStore(trx);
    const client = await store.findDefault(caller.tenantId, appId);
    if (!client) throw notFound('The application has no default client');
    await store.lock(caller.tenantId, client.clientId);
    // The version that the caller has seen is that of the application with this client, checked before.
    const { ifMatch: _, ...author } = caller;
    await this.#clients.updateWithin(trx, author, { appId, clientId: client.clientId }, clientInput);
  }

  async #show(db: Database, caller: ManagementCaller, appId: AppId): Promise<ShownApplication> {
    const application = this.#inReach(
      caller,
      appId,
      await new ApplicationStore(db).find(caller.tenantId, appId),
    );
    const client = await new ClientStore(db).findDefault(caller.tenantId, appId);
    return { application, client };
  }

  async #defaultClients(caller: ManagementCaller): Promise<Map<AppId, Client>> {
    const clients = await new ClientStore(this.#db).listDefaults(caller.tenantId, onlyApplication(caller));
    return new Map(clients.map((client) => [client.appId, client]));
  }

  #keeping<T>(caller: ManagementCaller, appId: AppId, work: (trx: Database) => Promise<T>): Promise<T> {
    return this.#write((trx) => keepingManagement(trx, caller, appId, () => work(trx)));
  }

  async #write<T>(work: (trx: Database) => Promise<T>): Promise<T> {
    try {
      return await this.#db.transaction().execute(work);
    } catch (error) {
      if (isUniqueViolation(error, 'applications_subdomain')) throw taken('subdomain is already taken');
      if (isForeignKeyViolation(error))
        throw invalid('resources or service_providers: unknown resource or service provider');
      throw clientFault(error);
    }
  }

  #inReach(caller: ManagementCaller, appId: AppId, application: Application | undefined): Application {
    if (!application || !reaches(caller, appId) || application.kind !== this.#kind)
      throw notFound('Application not found');
    return application;
  }

  #record(
    db: Database,
    author: Author,
    type: string,
    subject: string,
    details: Record<string, unknown> = {},
  ): Promise<void> {
    return this.#audit.record(db, {
      tenantId: author.tenantId,
      type,
      actor: actorOf(author),
      subject,
      details,
    });
  }
}

/** A caller who deletes what the token stands on would not hear whether it worked. */
function assertNotOwn(caller: ManagementCaller, appId: AppId): void {
  if (appId === caller.appId)
    throw conflict('This is the application of your own token; delete it with a token of another one');
}

async function assertUnique(
  store: ApplicationStore,
  author: Author,
  appId: AppId,
  settings: ApplicationSettings,
): Promise<void> {
  const domain = settings.custom_domain?.domain;
  const isHub = settings.authenticator_preferences.is_centralized;
  if (domain === undefined && !isHub) return;
  await store.lockTenant(author.tenantId);
  if (domain !== undefined && (await store.hasCustomDomain(author.tenantId, domain, appId)))
    throw taken('custom_domain is already taken');
  if (isHub && (await store.hasHub(author.tenantId, appId)))
    throw invalid('authenticator_preferences.is_centralized: another application is the Authentication Hub');
}
