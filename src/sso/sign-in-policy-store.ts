/** Reads and writes the rows of sign-in policies. */
import type { Selectable } from 'kysely';
import type { ClientId, SignInPolicyId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { SignInPoliciesTable } from '../storage/tables.ts';
import type { SignInPolicy, SignInPolicyInput, SignInRules } from './sign-in-policy.ts';

export class SignInPolicyStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  async find(tenantId: TenantId, id: SignInPolicyId): Promise<SignInPolicy | undefined> {
    const row = await this.#of(tenantId).where('policy_id', '=', id).executeTakeFirst();
    return row && toPolicy(row);
  }

  /** As `find`, and keeps others from changing it until the transaction ends. */
  async findLocked(tenantId: TenantId, id: SignInPolicyId): Promise<SignInPolicy | undefined> {
    const row = await this.#of(tenantId).where('policy_id', '=', id).forUpdate().executeTakeFirst();
    return row && toPolicy(row);
  }

  /** Of the group that the client is in; undefined without a group, and for one with the default journey. */
  async findForClient(tenantId: TenantId, clientId: ClientId): Promise<SignInPolicy | undefined> {
    const row = await this.#db
      .selectFrom('clients as c')
      .innerJoin('sso_groups as g', 'g.group_id', 'c.client_group_id')
      .innerJoin('sign_in_policies as p', (join) =>
        join.onRef('p.tenant_id', '=', 'g.tenant_id').onRef('p.name', '=', 'g.policy_name'),
      )
      .selectAll('p')
      .where('c.tenant_id', '=', tenantId)
      .where('c.client_id', '=', clientId)
      .executeTakeFirst();
    return row && toPolicy(row);
  }

  /** Oldest first. */
  async list(tenantId: TenantId): Promise<SignInPolicy[]> {
    const rows = await this.#of(tenantId).orderBy('created_at').orderBy('policy_id').execute();
    return rows.map(toPolicy);
  }

  /** Fails with a unique violation for a taken name. */
  async insert(tenantId: TenantId, id: SignInPolicyId, input: SignInPolicyInput): Promise<SignInPolicy> {
    const row = await this.#db
      .insertInto('sign_in_policies')
      .values({ tenant_id: tenantId, policy_id: id, ...toColumns(input) })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toPolicy(row);
  }

  /** Fails with a unique violation for a taken name, and with a foreign key violation for a new name while groups use the old one. */
  async update(tenantId: TenantId, id: SignInPolicyId, input: SignInPolicyInput): Promise<SignInPolicy> {
    const row = await this.#db
      .updateTable('sign_in_policies')
      .set({ ...toColumns(input), updated_at: new Date() })
      .where('tenant_id', '=', tenantId)
      .where('policy_id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return toPolicy(row);
  }

  /** Fails with a foreign key violation while groups use it. */
  async remove(tenantId: TenantId, id: SignInPolicyId): Promise<void> {
    await this.#db
      .deleteFrom('sign_in_policies')
      .where('tenant_id', '=', tenantId)
      .where('policy_id', '=', id)
      .execute();
  }

  #of(tenantId: TenantId) {
    return this.#db.selectFrom('sign_in_policies').selectAll().where('tenant_id', '=', tenantId);
  }
}

const toColumns = ({ name, description, rules }: SignInPolicyInput) => ({
  name,
  description,
  rules: JSON.stringify(rules),
});

const toPolicy = (row: Selectable<SignInPoliciesTable>): SignInPolicy => ({
  policyId: row.policy_id,
  tenantId: row.tenant_id,
  name: row.name,
  description: row.description,
  rules: row.rules as unknown as SignInRules,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
