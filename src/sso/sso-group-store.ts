/** Reads and writes the rows of client groups. */
import type { Selectable } from 'kysely';
import type { SsoGroupId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { SsoGroupsTable } from '../storage/tables.ts';
import type { SsoGroup, SsoGroupConfiguration, SsoGroupInput } from './sso-group.ts';

export class SsoGroupStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  async find(tenantId: TenantId, id: SsoGroupId): Promise<SsoGroup | undefined> {
    const row = await this.#of(tenantId).where('group_id', '=', id).executeTakeFirst();
    return row && toGroup(row);
  }

  /** As `find`, and keeps others from changing or joining it until the transaction ends. */
  async findLocked(tenantId: TenantId, id: SsoGroupId): Promise<SsoGroup | undefined> {
    const row = await this.#of(tenantId).where('group_id', '=', id).forUpdate().executeTakeFirst();
    return row && toGroup(row);
  }

  /** Oldest first. */
  async list(tenantId: TenantId): Promise<SsoGroup[]> {
    const rows = await this.#of(tenantId).orderBy('created_at').orderBy('group_id').execute();
    return rows.map(toGroup);
  }

  async insert(
    { tenantId, groupId, createdBy }: Pick<SsoGroup, 'tenantId' | 'groupId' | 'createdBy'>,
    input: SsoGroupInput,
  ): Promise<SsoGroup> {
    const row = await this.#db
      .insertInto('sso_groups')
      .values({ tenant_id: tenantId, group_id: groupId, created_by: createdBy, ...toColumns(input) })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toGroup(row);
  }

  async update(tenantId: TenantId, id: SsoGroupId, input: SsoGroupInput): Promise<SsoGroup> {
    const row = await this.#db
      .updateTable('sso_groups')
      .set({ ...toColumns(input), updated_at: new Date() })
      .where('tenant_id', '=', tenantId)
      .where('group_id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return toGroup(row);
  }

  /** Fails with a foreign key violation while it has clients. */
  async remove(tenantId: TenantId, id: SsoGroupId): Promise<void> {
    await this.#db
      .deleteFrom('sso_groups')
      .where('tenant_id', '=', tenantId)
      .where('group_id', '=', id)
      .execute();
  }

  #of(tenantId: TenantId) {
    return this.#db.selectFrom('sso_groups').selectAll().where('tenant_id', '=', tenantId);
  }
}

const toColumns = ({ name, description, configuration }: SsoGroupInput) => ({
  name,
  description,
  configuration: JSON.stringify(configuration),
});

const toGroup = (row: Selectable<SsoGroupsTable>): SsoGroup => ({
  groupId: row.group_id,
  tenantId: row.tenant_id,
  name: row.name,
  description: row.description,
  configuration: row.configuration as unknown as SsoGroupConfiguration,
  createdBy: row.created_by,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
