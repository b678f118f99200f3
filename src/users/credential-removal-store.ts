/** Deletes the rows that let somebody sign in as a user, and everything that their sign-ins have given. */
import { sql } from 'kysely';
import type { Database } from '../storage/database.ts';
import type { User } from './user.ts';

export interface RemovedCredentials {
  readonly password: boolean;
  readonly passkeys: number;
  readonly authenticators: number;
}

export class CredentialRemovalStore {
  readonly #db: Database;

  /** Pass the transaction that holds the user's lock. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Access and refresh tokens rest on grants, and end with them. `keepPassword`: it has just been chosen anew. */
  async removeAll(
    user: User,
    { keepPassword }: { readonly keepPassword: boolean },
  ): Promise<RemovedCredentials> {
    const passkeys = await this.#delete('passkeys', user);
    const authenticators = await this.#delete('totp_authenticators', user);
    await this.#delete('recovery_codes', user);
    await this.#delete('grants', user);
    const password = !keepPassword && (await this.#removePassword(user));
    return { password, passkeys, authenticators };
  }

  async #delete(
    table: 'passkeys' | 'totp_authenticators' | 'recovery_codes' | 'grants',
    { tenantId, userId }: User,
  ): Promise<number> {
    const { numAffectedRows } = await sql`delete from ${sql.table(table)}
      where tenant_id = ${tenantId} and user_id = ${userId}`.execute(this.#db);
    return Number(numAffectedRows ?? 0);
  }

  async #removePassword({ tenantId, userId }: User): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('users')
      .set({ password_hash: null, password_updated_at: null, password_must_change: false })
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .where('password_hash', 'is not', null)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }
}
