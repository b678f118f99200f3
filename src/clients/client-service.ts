/** The verbs of clients. A client is always named together with its application, so that reach is one check. */
import { type AuditLog, actorOf, type SystemAuthor } from '../audit/audit-log.ts';
import { type ManagementCaller, reaches } from '../base/caller.ts';
import { invalid, notFound } from '../base/errors.ts';
import type { AppId, ClientId, ResourceId, TenantId } from '../base/ids.ts';
import { newId, newSecret } from '../base/secrets.ts';
import { assertUnchanged } from '../base/version.ts';
import { type Database, isForeignKeyViolation } from '../storage/database.ts';
import { gathered } from '../storage/gathered.ts';
import { type Client, type ClientSecret, DEFAULT_SETTINGS, type OidcClient } from './client.ts';
import { assertMayActAs, isLimited, touchesAuthentication } from './client-limits.ts';
import { assertRolesAllowed, inheritRoles, setClientRoles } from './client-roles.ts';
import { mergeSettings, type OidcClientInput } from './client-rules.ts';
import { type FreshSecret, generateSecret, revokeSecret, toSecret } from './client-secrets.ts';
import { ClientStore } from './client-store.ts';

/** The application and the client that a path or a token names. */
export interface ClientAddress {
  readonly appId: AppId;
  readonly clientId: ClientId;
}

/** A client with the value of its first secret, shown this once (contract D11). */
export interface CreatedClient {
  readonly client: OidcClient;
  readonly clientSecret: string;
}

/** Given ids and secrets, for a client that has to have known ones; used at the first start only. */
export interface FixedCredentials {
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
}

type Author = ManagementCaller | SystemAuthor;

export class ClientService {
  readonly #db: Database;
  readonly #audit: AuditLog;
  /** Reads by id of one moment are one statement. */
  readonly #read: (key: { tenantId: TenantId; clientId: ClientId }) => Promise<Client | undefined>;

  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#read = gathered((keys) => new ClientStore(parts.db).findEach(keys));
    this.#db = parts.db;
    this.#audit = parts.audit;
  }

  /** @throws 404 for an application out of reach, 400 for settings that break a rule. */
  create(caller: ManagementCaller, appId: AppId, input: OidcClientInput): Promise<CreatedClient> {
    return this.#write(async (trx) => {
      await this.#lockApplication(trx, caller, appId);
      return this.createWithin(trx, caller, appId, input);
    });
  }

  /** Creates in a transaction of the caller, for an application that is known to be in reach. */
  async createWithin(
    trx: Database,
    author: Author,
    appId: AppId,
    input: OidcClientInput,
    fixed: FixedCredentials = {},
  ): Promise<CreatedClient> {
    const store = new ClientStore(trx);
    const clientId = (fixed.clientId ?? newId()) as ClientId;
    const clientSecret = fixed.clientSecret ?? newSecret();
    const isDefault = (await store.findDefault(author.tenantId, appId)) === undefined;
    const settings = mergeSettings(DEFAULT_SETTINGS, input);
    await store.insert({
      tenantId: author.tenantId,
      clientId,
      appId,
      isDefault,
      name: input.name ?? '',
      settings,
    });
    await store.insertSecret(author.tenantId, clientId, toSecret(clientSecret));
    await setResources(store, author, clientId, input.resources ?? []);
    await setClientRoles(trx, author, { clientId, roles: [] }, input.role_ids ?? []);
    if (isLimited(author) && !settings.is_third_party) await inheritRoles(trx, author, clientId);
    await this.#record(trx, author, 'client.created', clientId, { app_id: appId });
    const client = (await store.find(author.tenantId, clientId)) as OidcClient;
    assertRolesAllowed(client);
    return { client, clientSecret };
  }

  /** @throws 404 for an application out of reach. */
  async list(caller: ManagementCaller, appId: AppId): Promise<Client[]> {
    if (!reaches(caller, appId)) throw noApplication();
    const clients = await new ClientStore(this.#db).list(caller.tenantId, appId);
    if (clients.length === 0) await this.#write((trx) => this.#lockApplication(trx, caller, appId));
    return clients;
  }

  /** @throws 404 unless it is a client of this application, in reach. */
  async get(caller: ManagementCaller, at: ClientAddress): Promise<Client> {
    if (!reaches(caller, at.appId)) throw noApplication();
    const { tenantId } = caller;
    return ofApplication(at, await this.#read({ tenantId, clientId: at.clientId }));
  }

  /** Absent members stay. @throws 404, 400. */
  update(caller: ManagementCaller, at: ClientAddress, input: OidcClientInput): Promise<Client> {
    return this.#locked(caller, at, (trx) => this.updateWithin(trx, caller, at, input));
  }

  /** Changes a client in a transaction of the caller. */
  async updateWithin(
    trx: Database,
    caller: ManagementCaller,
    at: ClientAddress,
    input: OidcClientInput,
  ): Promise<Client> {
    const client = oidcOnly(await getWithin(trx, caller, at));
    assertUnchanged(caller, client);
    // A client that stops being a third party would be one without roles.
    if (touchesAuthentication(input) || input.is_third_party === false) assertMayActAs(caller, client);
    const store = new ClientStore(trx);
    const settings = mergeSettings(client.settings, input);
    await store.update(caller.tenantId, at.clientId, input.name ?? client.name, settings);
    if (input.resources !== undefined) await setResources(store, caller, at.clientId, input.resources);
    if (input.role_ids !== undefined) await setClientRoles(trx, caller, client, input.role_ids);
    await this.#record(trx, caller, 'client.updated', at.clientId, { fields: Object.keys(input) });
    const updated = oidcOnly(await getWithin(trx, caller, at));
    assertRolesAllowed(updated);
    return updated;
  }

  /** Replaces the resource list (contract R61). */
  setResources(caller: ManagementCaller, at: ClientAddress, resources: string[]): Promise<Client> {
    return this.update(caller, at, { resources });
  }

  remove(caller: ManagementCaller, at: ClientAddress): Promise<void> {
    return this.#locked(caller, at, (trx, client) => {
      assertUnchanged(caller, client);
      return this.#removeWithin(trx, caller, at.clientId);
    });
  }

  /** Leaves the application unusable until an admin token creates a new client. */
  removeAll(caller: ManagementCaller, appId: AppId): Promise<void> {
    return this.#write(async (trx) => {
      await this.#lockApplication(trx, caller, appId);
      for (const { clientId } of await new ClientStore(trx).list(caller.tenantId, appId))
        await this.#removeWithin(trx, caller, clientId);
    });
  }

  /** @throws 400 where two secrets are active already. */
  generateSecret(caller: ManagementCaller, at: ClientAddress): Promise<FreshSecret> {
    return this.#locked(caller, at, (trx, client) => {
      assertMayActAs(caller, client);
      const { secrets } = client;
      return generateSecret({ trx, audit: this.#audit, caller, clientId: at.clientId, secrets });
    });
  }

  async listSecrets(caller: ManagementCaller, at: ClientAddress): Promise<readonly ClientSecret[]> {
    return (await this.get(caller, at)).secrets;
  }

  /** @throws 400 for the last one. */
  revokeSecret(caller: ManagementCaller, at: ClientAddress, secretId: string): Promise<void> {
    return this.#locked(caller, at, (trx, { secrets }) =>
      revokeSecret({ trx, audit: this.#audit, caller, clientId: at.clientId, secrets }, secretId),
    );
  }

  async #removeWithin(trx: Database, caller: ManagementCaller, clientId: ClientId): Promise<void> {
    await new ClientStore(trx).remove(caller.tenantId, clientId);
    await this.#record(trx, caller, 'client.deleted', clientId);
  }

  /** Runs with the client locked and read after the lock, so that two writers see each other's work. */
  #locked<T>(
    caller: ManagementCaller,
    at: ClientAddress,
    work: (trx: Database, client: Client) => Promise<T>,
  ): Promise<T> {
    return this.#write(async (trx) => {
      await new ClientStore(trx).lock(caller.tenantId, at.clientId);
      return work(trx, await getWithin(trx, caller, at));
    });
  }

  async #write<T>(work: (trx: Database) => Promise<T>): Promise<T> {
    try {
      return await this.#db.transaction().execute(work);
    } catch (error) {
      // The resource went away between the look and the write.
      if (isForeignKeyViolation(error)) throw invalid('resources or role_ids: unknown resource or role');
      throw error;
    }
  }

  async #lockApplication(trx: Database, caller: ManagementCaller, appId: AppId): Promise<void> {
    if (!reaches(caller, appId)) throw noApplication();
    if (!(await new ClientStore(trx).lockApplication(caller.tenantId, appId))) throw noApplication();
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

const noApplication = () => notFound('Application not found');

async function getWithin(db: Database, caller: ManagementCaller, at: ClientAddress): Promise<Client> {
  if (!reaches(caller, at.appId)) throw noApplication();
  return ofApplication(at, await new ClientStore(db).find(caller.tenantId, at.clientId));
}

function ofApplication(at: ClientAddress, client: Client | undefined): Client {
  if (client?.appId !== at.appId) throw notFound('Client not found');
  return client;
}

function oidcOnly(client: Client): OidcClient {
  if (client.protocol === 'saml') throw invalid('SAML clients are not available yet');
  return client;
}

/** @throws 400 naming every id that is no resource of the tenant (contract R65). */
async function setResources(
  store: ClientStore,
  author: Author,
  clientId: ClientId,
  resources: readonly string[],
): Promise<void> {
  const ids = [...new Set(resources)] as ResourceId[];
  const known = await store.knownResources(author.tenantId, ids);
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw invalid(...unknown.map((id) => `resources: unknown resource ${id.slice(0, 100)}`));
  await store.setResources(author.tenantId, clientId, ids);
}
