/** Reads and writes the rows of resources. */
import { type Selectable, sql } from 'kysely';
import type { ResourceId, TenantId } from '../base/ids.ts';
import { isStorable } from '../http/validate.ts';
import type { Database } from '../storage/database.ts';
import type { ResourcesTable } from '../storage/tables.ts';
import type { Resource, ResourceInput } from './resource.ts';

export class ResourceStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  async find(tenantId: TenantId, resourceId: ResourceId): Promise<Resource | undefined> {
    const row = await this.#of(tenantId).where('resource_id', '=', resourceId).executeTakeFirst();
    return row && toResource(row);
  }

  /** As `find`, and keeps others from changing it until the transaction ends. */
  async findLocked(tenantId: TenantId, resourceId: ResourceId): Promise<Resource | undefined> {
    const row = await this.#of(tenantId).where('resource_id', '=', resourceId).forUpdate().executeTakeFirst();
    return row && toResource(row);
  }

  /** Exact match (contract R134). */
  async findByUri(tenantId: TenantId, uri: string): Promise<Resource | undefined> {
    if (!isStorable(uri)) return undefined;
    const row = await this.#of(tenantId).where('uri', '=', uri).executeTakeFirst();
    return row && toResource(row);
  }

  /** Oldest first. */
  async list(tenantId: TenantId): Promise<Resource[]> {
    const rows = await this.#of(tenantId).orderBy('created_at').orderBy('resource_id').execute();
    return rows.map(toResource);
  }

  async insert(tenantId: TenantId, resourceId: ResourceId, input: ResourceInput): Promise<Resource> {
    const row = await this.#db
      .insertInto('resources')
      .values({ tenant_id: tenantId, resource_id: resourceId, ...toColumns(input) })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toResource(row);
  }

  /** Fails for one that is not there. */
  async update(tenantId: TenantId, resourceId: ResourceId, input: Partial<ResourceInput>): Promise<Resource> {
    const row = await this.#db
      .updateTable('resources')
      .set({ ...toColumns(input), updated_at: new Date() })
      .where('tenant_id', '=', tenantId)
      .where('resource_id', '=', resourceId)
      .returningAll()
      .executeTakeFirstOrThrow();
    return toResource(row);
  }

  /**
   * Takes with it what users allowed for it, consents and grants; client tokens for it end as well, as their audience
   * is no resource any more. Fails with a foreign key violation while a client has it, and for one that is not there.
   */
  async remove(tenantId: TenantId, resourceId: ResourceId): Promise<void> {
    const { uri } = await this.#db
      .deleteFrom('resources')
      .where('tenant_id', '=', tenantId)
      .where('resource_id', '=', resourceId)
      .returning('uri')
      .executeTakeFirstOrThrow();
    await this.endUses(tenantId, uri);
  }

  /** Ends what users allowed for the resource that has, or had, this URI: consents, and grants with all their tokens. */
  async endUses(tenantId: TenantId, uri: string): Promise<void> {
    await this.#db
      .deleteFrom('consents')
      .where('tenant_id', '=', tenantId)
      .where('resource', '=', uri)
      .execute();
    await this.#db
      .deleteFrom('grants')
      .where('tenant_id', '=', tenantId)
      .where(sql<boolean>`payload->'resources' ? ${uri}`)
      .execute();
  }

  #of(tenantId: TenantId) {
    return this.#db.selectFrom('resources').selectAll().where('tenant_id', '=', tenantId);
  }
}

type Columns<I> = I extends ResourceInput ? Omit<ResourceRow, 'tenant_id'> : Partial<ResourceRow>;
type ResourceRow = Pick<
  Selectable<ResourcesTable>,
  | 'name'
  | 'description'
  | 'uri'
  | 'access_token_ttl'
  | 'refresh_token_ttl'
  | 'max_refresh_rotate'
  | 'signing_alg'
>;

/** Absent members become absent columns. */
function toColumns<I extends Partial<ResourceInput>>(input: I): Columns<I> {
  const columns = {
    name: input.name,
    description: input.description,
    uri: input.uri,
    access_token_ttl: input.accessTokenTtl,
    refresh_token_ttl: input.refreshTokenTtl,
    max_refresh_rotate: input.maxRefreshRotate,
    signing_alg: input.signingAlg,
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined)) as Columns<I>;
}

const toResource = (row: Selectable<ResourcesTable>): Resource => ({
  resourceId: row.resource_id,
  tenantId: row.tenant_id,
  name: row.name,
  description: row.description,
  uri: row.uri,
  accessTokenTtl: row.access_token_ttl,
  refreshTokenTtl: row.refresh_token_ttl,
  maxRefreshRotate: row.max_refresh_rotate,
  signingAlg: row.signing_alg,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
