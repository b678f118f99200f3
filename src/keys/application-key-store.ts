/** Reads and writes the rows of application signing keys. Private halves leave it sealed. */

import type { JWK } from 'jose';
import type { Selectable } from 'kysely';
import type { AppId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { ApplicationSigningKeysTable } from '../storage/tables.ts';
import type { ApplicationKey, KeyStatus } from './application-key.ts';

export interface NewApplicationKey extends Omit<ApplicationKey, 'createdAt' | 'updatedAt'> {
  readonly publicJwk: JWK;
  readonly sealedPrivateJwk: string;
}

/** What signing and verifying need to know of one. */
export interface SealedApplicationKey {
  readonly keyId: string;
  readonly appId: AppId;
  readonly kid: string;
  /** Signs for its application now. */
  readonly signs: boolean;
  readonly publicJwk: JWK;
  readonly sealedPrivateJwk: string;
}

export class ApplicationKeyStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Oldest first. */
  async list(tenantId: TenantId, appId: AppId): Promise<ApplicationKey[]> {
    const rows = await this.#of(tenantId)
      .where('app_id', '=', appId)
      .orderBy('created_at')
      .orderBy('key_id')
      .execute();
    return rows.map(toKey);
  }

  /** Every key that is not disabled, of all applications. */
  async listInUse(tenantId: TenantId): Promise<SealedApplicationKey[]> {
    const rows = await this.#db
      .selectFrom('application_signing_keys as k')
      .innerJoin('applications as a', 'a.app_id', 'k.app_id')
      .selectAll('k')
      .select('a.settings as app_settings')
      .where('k.tenant_id', '=', tenantId)
      .where('k.status', '<>', 'disabled')
      .orderBy('k.created_at')
      .orderBy('k.key_id')
      .execute();
    return rows.map((row) => ({
      keyId: row.key_id,
      appId: row.app_id,
      kid: row.kid,
      signs: row.status === 'signing' && row.app_settings.signing_key_enabled === true,
      publicJwk: row.public_jwk as JWK,
      sealedPrivateJwk: row.sealed_private_jwk,
    }));
  }

  /** True where the tenant itself has a key of this name. */
  async isTenantKid(tenantId: TenantId, kid: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('signing_keys')
      .select('kid')
      .where('tenant_id', '=', tenantId)
      .where('kid', '=', kid)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Serialises the writers of one application's keys. False if the application is not there. */
  async lockApplication(tenantId: TenantId, appId: AppId): Promise<boolean> {
    const row = await this.#db
      .selectFrom('applications')
      .select('app_id')
      .where('tenant_id', '=', tenantId)
      .where('app_id', '=', appId)
      .forUpdate()
      .executeTakeFirst();
    return row !== undefined;
  }

  async insert(key: NewApplicationKey): Promise<ApplicationKey> {
    const row = await this.#db
      .insertInto('application_signing_keys')
      .values({
        tenant_id: key.tenantId,
        key_id: key.keyId,
        app_id: key.appId,
        kid: key.kid,
        name: key.name,
        alg: key.alg,
        status: key.status,
        source: key.source,
        public_jwk: JSON.stringify(key.publicJwk),
        sealed_private_jwk: key.sealedPrivateJwk,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toKey(row);
  }

  async update(key: ApplicationKey, values: { name: string; status: KeyStatus }): Promise<ApplicationKey> {
    const row = await this.#db
      .updateTable('application_signing_keys')
      .set({ ...values, updated_at: new Date() })
      .where('tenant_id', '=', key.tenantId)
      .where('key_id', '=', key.keyId)
      .returningAll()
      .executeTakeFirstOrThrow();
    return toKey(row);
  }

  async remove(key: ApplicationKey): Promise<void> {
    await this.#db
      .deleteFrom('application_signing_keys')
      .where('tenant_id', '=', key.tenantId)
      .where('key_id', '=', key.keyId)
      .execute();
  }

  #of(tenantId: TenantId) {
    return this.#db.selectFrom('application_signing_keys').selectAll().where('tenant_id', '=', tenantId);
  }
}

const toKey = (row: Selectable<ApplicationSigningKeysTable>): ApplicationKey => ({
  tenantId: row.tenant_id,
  keyId: row.key_id,
  appId: row.app_id,
  kid: row.kid,
  name: row.name,
  alg: row.alg,
  status: row.status,
  source: row.source,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
