/** The verbs of sign-in policies. Groups take one up by naming it as their journey. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { conflict, notFound, taken } from '../base/errors.ts';
import type { SignInPolicyId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import { assertUnchanged } from '../base/version.ts';
import { type Database, isForeignKeyViolation, isUniqueViolation } from '../storage/database.ts';
import type { SignInPolicy, SignInPolicyInput } from './sign-in-policy.ts';
import { SignInPolicyStore } from './sign-in-policy-store.ts';

const missing = () => notFound('Sign-in policy not found');

export class SignInPolicyService {
  readonly #db: Database;
  readonly #audit: AuditLog;

  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
  }

  list(caller: ManagementCaller): Promise<SignInPolicy[]> {
    return new SignInPolicyStore(this.#db).list(caller.tenantId);
  }

  /** @throws 404 */
  async get(caller: ManagementCaller, id: SignInPolicyId): Promise<SignInPolicy> {
    const policy = await new SignInPolicyStore(this.#db).find(caller.tenantId, id);
    if (!policy) throw missing();
    return policy;
  }

  /** @throws 409 for a taken name */
  create(caller: ManagementCaller, input: SignInPolicyInput): Promise<SignInPolicy> {
    return this.#write(async (trx) => {
      const store = new SignInPolicyStore(trx);
      const policy = await store.insert(caller.tenantId, newId<SignInPolicyId>(), input);
      await this.#record(trx, caller, 'sign_in_policy.created', policy, { name: policy.name });
      return policy;
    });
  }

  /** Absent members stay; the rules are replaced as a whole. @throws 404, 412, 409 for a taken name and for another name while groups use it */
  update(
    caller: ManagementCaller,
    id: SignInPolicyId,
    input: Partial<SignInPolicyInput>,
  ): Promise<SignInPolicy> {
    return this.#locked(caller, id, async (trx, { name, description, rules }) => {
      const updated = await new SignInPolicyStore(trx).update(caller.tenantId, id, {
        name: input.name ?? name,
        description: input.description ?? description,
        rules: input.rules ?? rules,
      });
      await this.#record(trx, caller, 'sign_in_policy.updated', updated, { fields: Object.keys(input) });
      return updated;
    });
  }

  /** @throws 404, 412, 409 while groups use it */
  remove(caller: ManagementCaller, id: SignInPolicyId): Promise<void> {
    return this.#locked(caller, id, async (trx, policy) => {
      await new SignInPolicyStore(trx).remove(caller.tenantId, id);
      await this.#record(trx, caller, 'sign_in_policy.deleted', policy, { name: policy.name });
    });
  }

  #record(
    trx: Database,
    caller: ManagementCaller,
    type: 'sign_in_policy.created' | 'sign_in_policy.updated' | 'sign_in_policy.deleted',
    { policyId }: SignInPolicy,
    details: Record<string, unknown>,
  ): Promise<void> {
    return this.#audit.recordBy(trx, caller, { type, subject: policyId, details });
  }

  #locked<T>(
    caller: ManagementCaller,
    id: SignInPolicyId,
    work: (trx: Database, policy: SignInPolicy) => Promise<T>,
  ): Promise<T> {
    return this.#write(async (trx) => {
      const policy = await new SignInPolicyStore(trx).findLocked(caller.tenantId, id);
      if (!policy) throw missing();
      assertUnchanged(caller, policy);
      return work(trx, policy);
    });
  }

  async #write<T>(work: (trx: Database) => Promise<T>): Promise<T> {
    try {
      return await this.#db.transaction().execute(work);
    } catch (error) {
      if (isUniqueViolation(error, 'sign_in_policies_name'))
        throw taken('name is already taken by another sign-in policy');
      throw isForeignKeyViolation(error)
        ? conflict('Sign-in policy is used by a client group: give those groups another journey first')
        : error;
    }
  }
}
