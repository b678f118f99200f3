/** The verbs of clients. A client is always named together with its application, so that reach is one check. */
import { type AuditLog, actorOf, type SystemAuthor } from '../audit/audit-log.ts';
import { type ManagementCaller, reaches } from '../base/caller.ts';
import { invalid, notFound } from '../base/errors.ts';
import type { AppId, ClientId, TenantId } from '../base/ids.ts';
import { newId, newSecret } from '../base/secrets.ts';
import { assertUnchanged } from '../base/version.ts';
import type { SamlCertificate } from '../keys/saml-certificate-store.ts';
import type { SamlCertificates } from '../keys/saml-certificates.ts';
import type { Database } from '../storage/database.ts';
import { gathered } from '../storage/gathered.ts';
import type { Client, ClientSecret } from './client.ts';
import { type ClientInput, forOidc, forSaml, type SamlClientInput } from './client-input.ts';
import { assertMayActAs } from './client-limits.ts';
import { assertGroup, clientFault, setResources } from './client-references.ts';
import { assertRolesAllowed } from './client-roles.ts';
import {
  assertUsesSecrets,
  type FreshSecret,
  generateSecret,
  revokeSecret,
  toSecret,
} from './client-secrets.ts';
import { ClientStore } from './client-store.ts';
import { keepingManagement } from './last-management-client.ts';
import type { ImportMetadata } from './metadata-import.ts';
import { insertOidcClient, updateOidcClient } from './oidc-client-change.ts';
import { responderProblems } from './responder-rules.ts';
import { DEFAULT_SAML_SETTINGS } from './saml-client.ts';
import { insertSamlClient, updateSamlClient } from './saml-client-change.ts';
import { mergeSamlSettings } from './saml-client-rules.ts';
import { keyKindFor } from './signature-algorithm.ts';

/** The application and the client that a path or a token names. */
export interface ClientAddress {
  readonly appId: AppId;
  readonly clientId: ClientId;
}

/** A client with the value of its first secret, shown this once (contract D11). */
export interface CreatedClient {
  readonly client: Client;
  readonly clientSecret: string;
}

/** What a new client is given instead of making it; ids and secrets at the first start only. */
export interface FixedCredentials {
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  /** Made beforehand, as it takes a while (`certificateFor`). */
  readonly certificate?: SamlCertificate | undefined;
}

type Author = ManagementCaller | SystemAuthor;

export class ClientService {
  readonly #db: Database;
  readonly #audit: AuditLog;
  readonly #certificates: SamlCertificates;
  readonly #allowedInternalHosts: readonly string[];
  readonly #importMetadata: ImportMetadata;
  /** Reads by id of one moment are one statement. */
  readonly #read: (key: { tenantId: TenantId; clientId: ClientId }) => Promise<Client | undefined>;

  constructor(parts: {
    db: Database;
    audit: AuditLog;
    certificates: SamlCertificates;
    allowedInternalHosts: readonly string[];
    importMetadata: ImportMetadata;
  }) {
    this.#importMetadata = parts.importMetadata;
    this.#allowedInternalHosts = parts.allowedInternalHosts;
    this.#read = gathered((keys) => new ClientStore(parts.db).findEach(keys));
    this.#db = parts.db;
    this.#audit = parts.audit;
    this.#certificates = parts.certificates;
  }

  /** @throws 404 for an application out of reach, 400 for settings that break a rule, 409 for a taken entity ID. */
  async create(caller: ManagementCaller, appId: AppId, body: ClientInput): Promise<CreatedClient> {
    if (!reaches(caller, appId)) throw noApplication();
    const input = await this.imported(body);
    const certificate = await this.certificateFor(input);
    return this.#write(async (trx) => {
      await this.#lockApplication(trx, caller, appId);
      return this.createWithin(trx, caller, appId, input, { certificate });
    });
  }

  /** What a SAML client signs with; undefined for an OIDC client. @throws 400 before any work is done. */
  async certificateFor(input: ClientInput): Promise<SamlCertificate | undefined> {
    if (input.authentication_protocol !== 'saml') return undefined;
    const { signature_algorithm } = mergeSamlSettings(DEFAULT_SAML_SETTINGS, forSaml(input));
    return this.#certificates.make(input.name ?? '', keyKindFor(signature_algorithm));
  }

  /** Creates in a transaction of the caller, for an application that is known to be in reach. */
  async createWithin(
    trx: Database,
    author: Author,
    appId: AppId,
    input: ClientInput,
    fixed: FixedCredentials = {},
  ): Promise<CreatedClient> {
    const store = new ClientStore(trx);
    const { tenantId } = author;
    const clientId = (fixed.clientId ?? newId()) as ClientId;
    const clientSecret = fixed.clientSecret ?? newSecret();
    const isDefault = (await store.findDefault(tenantId, appId)) === undefined;
    const head = { tenantId, clientId, appId, isDefault, name: input.name ?? '' };
    this.#assertResponders(input);
    const certificate = fixed.certificate ?? (await this.certificateFor(input));
    await assertGroup(trx, author, input.client_group_id);
    if (certificate) await insertSamlClient(trx, head, input, certificate);
    else await insertOidcClient(trx, author, head, input);
    await store.insertSecret(tenantId, clientId, toSecret(clientSecret));
    await setResources(store, author, clientId, input.resources ?? []);
    await this.#record(trx, author, 'client.created', clientId, { app_id: appId });
    const client = (await store.find(tenantId, clientId)) as Client;
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

  /**
   * A new client's body with the fields that the metadata in it stands for; `known` is the client that is changed.
   * Outside of transactions: the metadata may have to be fetched. @throws 400
   */
  async imported<Input extends ClientInput>(body: Input, known?: Client): Promise<Input | SamlClientInput> {
    if (!('sp_metadata' in body) || body.sp_metadata === undefined) return body;
    // Refuses what an OIDC client does not have before anybody is asked for it.
    if (known?.protocol === 'oidc') forOidc(body);
    return this.#importMetadata(body, known?.protocol === 'saml' ? known.spEntityId : undefined);
  }

  /** Absent members stay. @throws 404, 400, 412, or 409 where nobody could get an admin token again. */
  async update(caller: ManagementCaller, at: ClientAddress, body: ClientInput): Promise<Client> {
    const input = 'sp_metadata' in body ? await this.imported(body, await this.get(caller, at)) : body;
    return this.#locked(caller, at, (trx) => this.updateWithin(trx, caller, at, input));
  }

  /** Changes a client in a transaction of the caller. */
  async updateWithin(
    trx: Database,
    caller: ManagementCaller,
    at: ClientAddress,
    input: ClientInput,
  ): Promise<Client> {
    const client = await clientAt(trx, caller, at);
    assertUnchanged(caller, client);
    await assertGroup(trx, caller, input.client_group_id, client.settings.client_group_id);
    if (client.protocol === 'saml') await updateSamlClient(trx, client, input);
    else await updateOidcClient(trx, caller, client, input);
    if (client.protocol === 'oidc') this.#assertResponders(input);
    if (input.resources !== undefined)
      await setResources(new ClientStore(trx), caller, at.clientId, input.resources);
    await this.#record(trx, caller, 'client.updated', at.clientId, { fields: Object.keys(input) });
    const updated = await clientAt(trx, caller, at);
    assertRolesAllowed(updated);
    return updated;
  }

  /** Replaces the resource list (contract R61). */
  setResources(caller: ManagementCaller, at: ClientAddress, resources: string[]): Promise<Client> {
    return this.update(caller, at, { resources });
  }

  /** @throws 404, 412, or 409 where nobody could get an admin token again. */
  remove(caller: ManagementCaller, at: ClientAddress): Promise<void> {
    return this.#locked(caller, at, (trx, client) => {
      assertUnchanged(caller, client);
      return this.#removeWithin(trx, caller, at.clientId);
    });
  }

  /**
   * Leaves the application unusable until an admin token creates a new client.
   * @throws 404, or 409 where nobody could get an admin token again.
   */
  removeAll(caller: ManagementCaller, appId: AppId): Promise<void> {
    return this.#write((trx) =>
      keepingManagement(trx, caller, appId, async () => {
        await this.#lockApplication(trx, caller, appId);
        for (const { clientId } of await new ClientStore(trx).list(caller.tenantId, appId))
          await this.#removeWithin(trx, caller, clientId);
      }),
    );
  }

  /** @throws 400 where two secrets are active already. */
  generateSecret(caller: ManagementCaller, at: ClientAddress): Promise<FreshSecret> {
    return this.#locked(caller, at, (trx, client) => {
      assertUsesSecrets(client);
      assertMayActAs(caller, client);
      const { secrets } = client;
      return generateSecret({ trx, audit: this.#audit, caller, clientId: at.clientId, secrets });
    });
  }

  async listSecrets(caller: ManagementCaller, at: ClientAddress): Promise<readonly ClientSecret[]> {
    const client = await this.get(caller, at);
    assertUsesSecrets(client);
    return client.secrets;
  }

  /** @throws 400 for the last one. */
  revokeSecret(caller: ManagementCaller, at: ClientAddress, secretId: string): Promise<void> {
    return this.#locked(caller, at, (trx, client) => {
      assertUsesSecrets(client);
      const { secrets } = client;
      return revokeSecret({ trx, audit: this.#audit, caller, clientId: at.clientId, secrets }, secretId);
    });
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
    return this.#write((trx) =>
      keepingManagement(trx, caller, at.appId, async () => {
        await new ClientStore(trx).lock(caller.tenantId, at.clientId);
        return work(trx, await clientAt(trx, caller, at));
      }),
    );
  }

  async #write<T>(work: (trx: Database) => Promise<T>): Promise<T> {
    try {
      return await this.#db.transaction().execute(work);
    } catch (error) {
      throw clientFault(error);
    }
  }

  async #lockApplication(trx: Database, caller: ManagementCaller, appId: AppId): Promise<void> {
    if (!reaches(caller, appId)) throw noApplication();
    if (!(await new ClientStore(trx).lockApplication(caller.tenantId, appId))) throw noApplication();
  }

  #assertResponders(input: ClientInput): void {
    if (input.authentication_protocol === 'saml') return;
    const { authentication_configuration: auth } = forOidc(input);
    const problems = auth === undefined ? [] : responderProblems(auth, this.#allowedInternalHosts);
    if (problems.length > 0) throw invalid(...problems);
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

/** @throws 404 unless it is a client of this application, in reach. */
export async function clientAt(db: Database, caller: ManagementCaller, at: ClientAddress): Promise<Client> {
  if (!reaches(caller, at.appId)) throw noApplication();
  return ofApplication(at, await new ClientStore(db).find(caller.tenantId, at.clientId));
}

function ofApplication(at: ClientAddress, client: Client | undefined): Client {
  if (client?.appId !== at.appId) throw notFound('Client not found');
  return client;
}
