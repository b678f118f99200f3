/** Reads and writes the rows of clients, their secrets and their resource lists. */
import { type Selectable, sql } from 'kysely';
import type { AppId, ClientId, ResourceId, RoleId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { ClientsTable } from '../storage/tables.ts';
import type { Client, ClientSecret, OidcClientSettings } from './client.ts';
import { type StoredClientGroup, toClientGroup } from './client-group.ts';
import type { SamlClientSettings } from './saml-client.ts';

export interface NewClient {
  readonly tenantId: TenantId;
  readonly clientId: ClientId;
  readonly appId: AppId;
  readonly isDefault: boolean;
  readonly protocol: Client['protocol'];
  readonly name: string;
  /** Null for an OIDC client. */
  readonly spEntityId: string | null;
  readonly settings: OidcClientSettings | SamlClientSettings;
}

interface ClientRow extends Selectable<ClientsTable> {
  app_kind: Client['appKind'];
  app_name: string;
  app_requires_mfa: boolean;
  client_group: StoredClientGroup | null;
  secrets: { secretId: string; hash: string; hint: string; createdAt: string }[];
  resource_ids: ResourceId[];
  roles: Client['roles'];
  /** Null for an OIDC client. */
  certificate: string | null;
}

export class ClientStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** With application, secrets, resources and roles, in one query. */
  async find(tenantId: TenantId, clientId: ClientId): Promise<Client | undefined> {
    const row = await this.#whole(tenantId).where('c.client_id', '=', clientId).executeTakeFirst();
    return row && toClient(row);
  }

  /** Many at once, in the order of the addresses; undefined for one that is not there. */
  async findEach(
    keys: readonly { readonly tenantId: TenantId; readonly clientId: ClientId }[],
  ): Promise<(Client | undefined)[]> {
    const tenants = keys.map((key) => key.tenantId);
    const clients = keys.map((key) => key.clientId);
    const rows = await this.#everywhere()
      .where(
        sql<boolean>`(c.tenant_id, c.client_id) in (select * from unnest(${tenants}::text[], ${clients}::text[]))`,
      )
      .execute();
    const found = new Map(rows.map((row) => [`${row.tenant_id} ${row.client_id}`, row]));
    return keys.map((key) => {
      const row = found.get(`${key.tenantId} ${key.clientId}`);
      return row && toClient(row);
    });
  }

  /** The client that was made with the application. */
  async findDefault(tenantId: TenantId, appId: AppId): Promise<Client | undefined> {
    const row = await this.#whole(tenantId)
      .where('c.app_id', '=', appId)
      .where('c.is_default', '=', true)
      .executeTakeFirst();
    return row && toClient(row);
  }

  /** Oldest first. */
  async list(tenantId: TenantId, appId: AppId): Promise<Client[]> {
    const rows = await this.#whole(tenantId)
      .where('c.app_id', '=', appId)
      .orderBy('c.created_at')
      .orderBy('c.client_id')
      .execute();
    return rows.map(toClient);
  }

  /** The default clients of all applications of the tenant, or of one. */
  async listDefaults(tenantId: TenantId, appId?: AppId): Promise<Client[]> {
    const defaults = this.#whole(tenantId).where('c.is_default', '=', true);
    const rows = await (appId === undefined ? defaults : defaults.where('c.app_id', '=', appId)).execute();
    return rows.map(toClient);
  }

  /** Keeps others from changing the client until the transaction ends. False if it is not there. */
  async lock(tenantId: TenantId, clientId: ClientId): Promise<boolean> {
    const row = await this.#db
      .selectFrom('clients')
      .select('client_id')
      .where('tenant_id', '=', tenantId)
      .where('client_id', '=', clientId)
      .forUpdate()
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Keeps the application there, and its list of clients to one writer. False if it is not there. */
  async lockApplication(tenantId: TenantId, appId: AppId): Promise<boolean> {
    const row = await this.#db
      .selectFrom('applications')
      .select('app_id')
      .where('tenant_id', '=', tenantId)
      .where('app_id', '=', appId)
      .forUpdate()
      .executeTakeFirst();
    return row !== undefined;
  }

  async insert(client: NewClient): Promise<void> {
    await this.#db
      .insertInto('clients')
      .values({
        tenant_id: client.tenantId,
        client_id: client.clientId,
        app_id: client.appId,
        protocol: client.protocol,
        is_default: client.isDefault,
        name: client.name,
        sp_entity_id: client.spEntityId,
        settings: JSON.stringify(client.settings),
      })
      .execute();
  }

  async update(
    { tenantId, clientId }: Pick<NewClient, 'tenantId' | 'clientId'>,
    { name, spEntityId, settings }: Pick<NewClient, 'name' | 'spEntityId' | 'settings'>,
  ): Promise<void> {
    await this.#db
      .updateTable('clients')
      .set({
        name,
        sp_entity_id: spEntityId,
        settings: JSON.stringify(settings),
        updated_at: new Date(),
      })
      .where('tenant_id', '=', tenantId)
      .where('client_id', '=', clientId)
      .execute();
  }

  async remove(tenantId: TenantId, clientId: ClientId): Promise<void> {
    await this.#db
      .deleteFrom('clients')
      .where('tenant_id', '=', tenantId)
      .where('client_id', '=', clientId)
      .execute();
  }

  async insertSecret(tenantId: TenantId, clientId: ClientId, secret: ClientSecret): Promise<void> {
    await this.#db
      .insertInto('client_secrets')
      .values({
        tenant_id: tenantId,
        secret_id: secret.secretId,
        client_id: clientId,
        secret_hash: secret.hash,
        hint: secret.hint,
        created_at: secret.createdAt,
      })
      .execute();
  }

  async removeSecret(tenantId: TenantId, secretId: string): Promise<void> {
    await this.#db
      .deleteFrom('client_secrets')
      .where('tenant_id', '=', tenantId)
      .where('secret_id', '=', secretId)
      .execute();
  }

  /** Those of the ids that are resources of the tenant. */
  async knownResources(tenantId: TenantId, ids: readonly ResourceId[]): Promise<Set<ResourceId>> {
    if (ids.length === 0) return new Set();
    const rows = await this.#db
      .selectFrom('resources')
      .select('resource_id')
      .where('tenant_id', '=', tenantId)
      .where('resource_id', 'in', [...ids])
      .execute();
    return new Set(rows.map((row) => row.resource_id));
  }

  /** Replaces the list, in this order. */
  async setResources(tenantId: TenantId, clientId: ClientId, ids: readonly ResourceId[]): Promise<void> {
    await this.#db
      .deleteFrom('client_resources')
      .where('tenant_id', '=', tenantId)
      .where('client_id', '=', clientId)
      .execute();
    if (ids.length === 0) return;
    const rows = ids.map((id, position) => ({
      tenant_id: tenantId,
      client_id: clientId,
      resource_id: id,
      position,
    }));
    await this.#db.insertInto('client_resources').values(rows).execute();
  }

  /** Replaces the client's roles, in this order. */
  async setRoles(tenantId: TenantId, clientId: ClientId, ids: readonly RoleId[]): Promise<void> {
    await this.#db
      .deleteFrom('client_roles')
      .where('tenant_id', '=', tenantId)
      .where('client_id', '=', clientId)
      .execute();
    if (ids.length === 0) return;
    const rows = ids.map((id, position) => ({
      tenant_id: tenantId,
      client_id: clientId,
      role_id: id,
      position,
    }));
    await this.#db.insertInto('client_roles').values(rows).execute();
  }

  #whole(tenantId: TenantId) {
    return this.#everywhere().where('c.tenant_id', '=', tenantId);
  }

  #everywhere() {
    return this.#db
      .selectFrom('clients as c')
      .innerJoin('applications as a', 'a.app_id', 'c.app_id')
      .selectAll('c')
      .select([
        'a.kind as app_kind',
        'a.name as app_name',
        REQUIRES_MFA.as('app_requires_mfa'),
        GROUP.as('client_group'),
        SECRETS.as('secrets'),
        RESOURCES.as('resource_ids'),
        ROLES.as('roles'),
        CERTIFICATE.as('certificate'),
      ]);
  }
}

const REQUIRES_MFA = sql<boolean>`coalesce(a.settings->'hosted_login'->>'mfa' = 'required', false)`;
const GROUP = sql<StoredClientGroup | null>`(select json_build_object('groupId', g.group_id,
  'configuration', g.configuration, 'policyVersion', p.policy_id || ' ' || floor(extract(epoch from p.updated_at) * 1000),
  'secondFactor', p.rules->>'second_factor')
  from sso_groups g left join sign_in_policies p on p.tenant_id = g.tenant_id and p.name = g.policy_name
  where g.group_id = c.client_group_id)`;
const SECRETS = sql<ClientRow['secrets']>`(select coalesce(json_agg(json_build_object('secretId', s.secret_id,
  'hash', s.secret_hash, 'hint', s.hint, 'createdAt', s.created_at) order by s.created_at, s.secret_id), '[]')
  from client_secrets s where s.client_id = c.client_id)`;
const RESOURCES = sql<ResourceId[]>`(select coalesce(json_agg(r.resource_id order by r.position), '[]')
  from client_resources r where r.client_id = c.client_id)`;

const ROLES = sql<ClientRow['roles']>`(select coalesce(json_agg(json_build_object('roleId', r.role_id,
  'name', r.role_name, 'permissions', r.permissions) order by h.position), '[]')
  from client_roles h join roles r on r.role_id = h.role_id where h.client_id = c.client_id)`;

const CERTIFICATE = sql<string | null>`case c.protocol when 'saml' then (select m.pem from saml_certificates m
  where m.client_id = c.client_id and m.status = 'current') end`;

const toClient = (row: ClientRow): Client =>
  ({
    protocol: row.protocol,
    tenantId: row.tenant_id,
    clientId: row.client_id,
    appId: row.app_id,
    appKind: row.app_kind,
    appName: row.app_name,
    appRequiresMfa: row.app_requires_mfa,
    ...(row.client_group !== null && { group: toClientGroup(row.client_group) }),
    isDefault: row.is_default,
    name: row.name,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    secrets: row.secrets.map((secret) => ({ ...secret, createdAt: new Date(secret.createdAt) })),
    resourceIds: row.resource_ids,
    roles: row.roles,
    settings: row.settings,
    ...(row.protocol === 'saml' && { spEntityId: row.sp_entity_id, certificate: row.certificate }),
    // The column says which of the two documents it holds.
  }) as unknown as Client;
