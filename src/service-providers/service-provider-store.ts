/** Reads and writes the rows of service providers. */
import { type Selectable, sql } from 'kysely';
import type { ServiceProviderId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { ServiceProvidersTable } from '../storage/tables.ts';
import type { ServiceProvider, ServiceProviderInput } from './service-provider.ts';

type Row = Selectable<ServiceProvidersTable> & { certificate: string };

export class ServiceProviderStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  async find(tenantId: TenantId, id: ServiceProviderId): Promise<ServiceProvider | undefined> {
    const row = await this.#of(tenantId).where('p.service_provider_id', '=', id).executeTakeFirst();
    return row && toServiceProvider(row);
  }

  /** As `find`, and keeps others from changing it, or naming it, until the transaction ends. */
  async findLocked(tenantId: TenantId, id: ServiceProviderId): Promise<ServiceProvider | undefined> {
    const row = await this.#of(tenantId)
      .where('p.service_provider_id', '=', id)
      .forUpdate('p')
      .executeTakeFirst();
    return row && toServiceProvider(row);
  }

  /** Oldest first. */
  async list(tenantId: TenantId): Promise<ServiceProvider[]> {
    const rows = await this.#of(tenantId).orderBy('p.created_at').orderBy('p.service_provider_id').execute();
    return rows.map(toServiceProvider);
  }

  async insert(tenantId: TenantId, id: ServiceProviderId, input: ServiceProviderInput): Promise<void> {
    await this.#db
      .insertInto('service_providers')
      .values({ tenant_id: tenantId, service_provider_id: id, ...toColumns(input) })
      .execute();
  }

  async update(tenantId: TenantId, id: ServiceProviderId, input: ServiceProviderInput): Promise<void> {
    await this.#db
      .updateTable('service_providers')
      .set({ ...toColumns(input), updated_at: new Date() })
      .where('tenant_id', '=', tenantId)
      .where('service_provider_id', '=', id)
      .execute();
  }

  /** Fails with a foreign key violation while an application names it. */
  async remove(tenantId: TenantId, id: ServiceProviderId): Promise<void> {
    await this.#db
      .deleteFrom('service_providers')
      .where('tenant_id', '=', tenantId)
      .where('service_provider_id', '=', id)
      .execute();
  }

  #of(tenantId: TenantId) {
    return this.#db
      .selectFrom('service_providers as p')
      .selectAll('p')
      .select(CERTIFICATE.as('certificate'))
      .where('p.tenant_id', '=', tenantId);
  }
}

const CERTIFICATE = sql<string>`(select m.pem from saml_certificates m
  where m.service_provider_id = p.service_provider_id and m.status = 'current')`;

const toColumns = (input: ServiceProviderInput) => ({
  name: input.name,
  description: input.description,
  assertion_consumer_service_url: input.assertionConsumerServiceUrl,
  entity_id: input.entityId,
  name_qualifier: input.nameQualifier,
});

const toServiceProvider = (row: Row): ServiceProvider => ({
  serviceProviderId: row.service_provider_id,
  tenantId: row.tenant_id,
  name: row.name,
  description: row.description,
  assertionConsumerServiceUrl: row.assertion_consumer_service_url,
  entityId: row.entity_id,
  nameQualifier: row.name_qualifier,
  certificate: row.certificate,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
