/** Reads and writes the rows of sealed secrets of the ways to sign in. */
import { sql } from 'kysely';
import type { AppId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';

/** The method of an application that a secret belongs to. */
export interface LoginMethod {
  readonly tenantId: TenantId;
  readonly appId: AppId;
  readonly method: string;
}

export class LoginSecretStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** The sealed value. */
  async find({ tenantId, appId, method }: LoginMethod, name: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('application_login_secrets')
      .select('sealed_value')
      .where('tenant_id', '=', tenantId)
      .where('app_id', '=', appId)
      .where('method', '=', method)
      .where('name', '=', name)
      .executeTakeFirst();
    return row?.sealed_value;
  }

  async put({ tenantId, appId, method }: LoginMethod, name: string, sealed: string): Promise<void> {
    await this.#db
      .insertInto('application_login_secrets')
      .values({ tenant_id: tenantId, app_id: appId, method, name, sealed_value: sealed })
      .onConflict((on) => on.columns(['app_id', 'method', 'name']).doUpdateSet({ sealed_value: sealed }))
      .execute();
  }

  /** Removes those of the method that are not named. */
  async keepOnly({ tenantId, appId, method }: LoginMethod, names: readonly string[]): Promise<void> {
    await this.#db
      .deleteFrom('application_login_secrets')
      .where('tenant_id', '=', tenantId)
      .where('app_id', '=', appId)
      .where('method', '=', method)
      .where(sql<boolean>`name <> all(${names}::text[])`)
      .execute();
  }
}
