/** The rows of authenticator apps that users have confirmed. */
import type { Selectable } from 'kysely';
import type { TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { TotpAuthenticatorsTable } from '../storage/tables.ts';

export interface TotpAuthenticator {
  readonly totpId: string;
  readonly sealedSecret: string;
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  readonly digits: number;
  /** Seconds. */
  readonly period: number;
  /** The latest time step whose code was accepted. */
  readonly lastStep: number;
  readonly createdAt: Date;
}

const toAuthenticator = (row: Selectable<TotpAuthenticatorsTable>): TotpAuthenticator => ({
  totpId: row.totp_id,
  sealedSecret: row.sealed_secret,
  algorithm: row.algorithm,
  digits: row.digits,
  period: row.period,
  lastStep: Number(row.last_step),
  createdAt: row.created_at,
});

export class TotpStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Oldest first. */
  async list(tenantId: TenantId, userId: UserId): Promise<TotpAuthenticator[]> {
    const rows = await this.#db
      .selectFrom('totp_authenticators')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .orderBy('created_at')
      .orderBy('totp_id')
      .execute();
    return rows.map(toAuthenticator);
  }

  async insert(
    tenantId: TenantId,
    userId: UserId,
    authenticator: Omit<TotpAuthenticator, 'createdAt'>,
  ): Promise<void> {
    await this.#db
      .insertInto('totp_authenticators')
      .values({
        tenant_id: tenantId,
        user_id: userId,
        totp_id: authenticator.totpId,
        sealed_secret: authenticator.sealedSecret,
        algorithm: authenticator.algorithm,
        digits: authenticator.digits,
        period: authenticator.period,
        last_step: authenticator.lastStep,
      })
      .execute();
  }

  /** True for exactly one of any number of concurrent callers, and never for this step or an earlier one again (RFC 6238 5.2). */
  async useStep(tenantId: TenantId, totpId: string, step: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('totp_authenticators')
      .set({ last_step: step })
      .where('tenant_id', '=', tenantId)
      .where('totp_id', '=', totpId)
      .where('last_step', '<', step)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** False where the user has no such authenticator. */
  async remove(tenantId: TenantId, userId: UserId, totpId: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('totp_authenticators')
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .where('totp_id', '=', totpId)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }
}
