/** Reads which clients can get an admin token, under a lock that all who could take one away share. */
import { sql } from 'kysely';
import type { AppId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { Pkce } from './client.ts';

/** Without credentials of its own a client of a management application gets no token (contract D10). */
const WITHOUT_CREDENTIALS: Pkce = 'enforcePkceInsteadOfClientCredentials';

export class ManagementClientStore {
  readonly #db: Database;

  /** Pass the transaction whose lock is meant. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Waits for others who change clients of management applications. False, and no lock, for any other application. */
  async lock(tenantId: TenantId, appId: AppId): Promise<boolean> {
    const row = await this.#db
      .selectFrom('tenants as t')
      .innerJoin('applications as a', 'a.tenant_id', 't.tenant_id')
      .select('t.tenant_id')
      .where('t.tenant_id', '=', tenantId)
      .where('a.app_id', '=', appId)
      .where('a.kind', '=', 'management')
      // Audit events refer to the tenant: this strength lets them through.
      .forNoKeyUpdate('t')
      .executeTakeFirst();
    return row !== undefined;
  }

  /** True where the tenant has a client that can get an admin token. */
  async hasOne(tenantId: TenantId): Promise<boolean> {
    const row = await this.#db
      .selectFrom('clients as c')
      .innerJoin('applications as a', 'a.app_id', 'c.app_id')
      .select('c.client_id')
      .where('c.tenant_id', '=', tenantId)
      .where('a.kind', '=', 'management')
      .where('c.protocol', '=', 'oidc')
      .where(sql<boolean>`c.settings->>'pkce' is distinct from ${WITHOUT_CREDENTIALS}`)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }
}
