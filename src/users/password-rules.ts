/** All that a new password has to meet: its text, the dictionary, the list of breached ones, the owner's former ones. */

import type { TenantId, UserId } from '../base/ids.ts';
import { TextCodeError } from '../base/text-code-error.ts';
import type { Database } from '../storage/database.ts';
import type { BreachedPasswords } from './breached-passwords.ts';
import type { PasswordHasher } from './password.ts';
import { isGuessable } from './password-dictionary.ts';
import { PasswordHistoryStore } from './password-history-store.ts';
import {
  PASSWORD_MAX_LENGTH,
  type PasswordPolicy,
  type PasswordProblem,
  weaknesses,
} from './password-policy.ts';
import type { Member } from './user.ts';

/** Whose password it is to be. */
export interface PasswordOwner {
  readonly identifiers: readonly string[];
  /** Absent for a user who is yet to be made: there is nothing to compare with. */
  readonly known?: { readonly tenantId: TenantId; readonly userId: UserId };
}

/** `username`: one that the member is given with the password. */
export const ownerOf = ({ user, membership }: Member, username?: string): PasswordOwner => ({
  identifiers: [user.email, user.phoneNumber, membership?.username, username].filter(
    (one) => one !== undefined,
  ),
  known: { tenantId: user.tenantId, userId: user.userId },
});

export class PasswordRules {
  readonly #db: Database;
  readonly #hasher: Pick<PasswordHasher, 'verify'>;
  readonly #breached: BreachedPasswords;
  constructor(parts: { db: Database; hasher: Pick<PasswordHasher, 'verify'>; breached: BreachedPasswords }) {
    this.#db = parts.db;
    this.#hasher = parts.hasher;
    this.#breached = parts.breached;
  }

  /** Everything that is wrong with the password, for `/v1/auth/password/validate` and for pages; empty where it is good. */
  async validatePassword(
    policy: PasswordPolicy,
    password: string,
    owner: PasswordOwner = { identifiers: [] },
  ): Promise<PasswordProblem[]> {
    const weak = weaknesses(password, policy, owner.identifiers);
    // Nothing costly is done with a text of any length.
    if (password.length > PASSWORD_MAX_LENGTH) return weak;
    return [
      ...weak,
      ...(await this.#guessable(policy, password, owner)),
      ...(await this.#leaked(policy, password)),
      ...(await this.#used(policy, password, owner)),
    ];
  }

  /** @throws 400 with the code and the sentence of the first problem (contract/management-api.md 12) */
  async assertGood(policy: PasswordPolicy, password: string, owner?: PasswordOwner): Promise<void> {
    const [problem] = await this.validatePassword(policy, password, owner);
    if (problem) throw new TextCodeError(400, problem.code, problem.message);
  }

  async #guessable(
    policy: PasswordPolicy,
    password: string,
    owner: PasswordOwner,
  ): Promise<PasswordProblem[]> {
    if (!policy.checkDictionary || !(await isGuessable(password, owner.identifiers))) return [];
    const message =
      'The password is too easy to guess; use words that do not belong together, or a longer one';
    return [{ code: 'auth_password_weak', rule: 'guessable', message }];
  }

  async #leaked(policy: PasswordPolicy, password: string): Promise<PasswordProblem[]> {
    if (!policy.checkBreached || !(await this.#breached.has(password))) return [];
    const message = 'The password is known from a data breach; choose another one';
    return [{ code: 'auth_password_breached', rule: 'breached', message }];
  }

  async #used(
    { blockPrevious }: PasswordPolicy,
    password: string,
    { known }: PasswordOwner,
  ): Promise<PasswordProblem[]> {
    if (blockPrevious === 0 || known === undefined) return [];
    const message = 'The password was used before; choose one that you have not had lately';
    // One after the other: a change of a password must not fill the queue of the sign-ins.
    for (const former of await new PasswordHistoryStore(this.#db).latest(known, blockPrevious))
      if (await this.#hasher.verify(former, password))
        return [{ code: 'auth_password_recently_used', rule: 'usedBefore', message }];
    return [];
  }
}
