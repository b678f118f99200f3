/** The rows of passkeys (WebAuthn credentials). */
import { type Selectable, sql } from 'kysely';
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { PasskeysTable } from '../storage/tables.ts';

/** Where a passkey is good: an application's own pages, or without one the hosted pages. */
export interface PasskeyScope {
  readonly rpId: string;
  readonly appId: AppId | undefined;
}

export interface Passkey extends PasskeyScope {
  /** Base64url. */
  readonly credentialId: string;
  readonly userId: UserId;
  /** The name under which it was made. */
  readonly username: string;
  /** What the authenticator knows the user by, base64url. */
  readonly userHandle: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly aaguid: string;
  /** A multi-device one is synced between devices. */
  readonly deviceType: 'singleDevice' | 'multiDevice';
  readonly backedUp: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt?: Date;
  /** What its owner calls it. */
  readonly label?: string;
}

const toPasskey = (row: Selectable<PasskeysTable>): Passkey => ({
  credentialId: row.credential_id,
  userId: row.user_id,
  rpId: row.rp_id,
  appId: row.app_id ?? undefined,
  username: row.username,
  userHandle: row.user_handle,
  publicKey: row.public_key,
  counter: Number(row.counter),
  transports: row.transports,
  aaguid: row.aaguid,
  deviceType: row.device_type,
  backedUp: row.backed_up,
  createdAt: row.created_at,
  ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at }),
  ...(row.label !== null && { label: row.label }),
});

export class PasskeyStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  async find(tenantId: TenantId, credentialId: string): Promise<Passkey | undefined> {
    const row = await this.#of(tenantId).where('credential_id', '=', credentialId).executeTakeFirst();
    return row && toPasskey(row);
  }

  /** Oldest first; `scope` narrows to those that are good there. */
  async list(tenantId: TenantId, userId: UserId, scope?: PasskeyScope): Promise<Passkey[]> {
    const rows = await this.#of(tenantId)
      .where('user_id', '=', userId)
      .$if(scope !== undefined, (query) =>
        query
          .where('rp_id', '=', scope?.rpId ?? '')
          .where(sql<boolean>`app_id is not distinct from ${scope?.appId ?? null}`),
      )
      .orderBy('created_at')
      .orderBy('credential_id')
      .execute();
    return rows.map(toPasskey);
  }

  /** Whose passkeys bear this name in this scope. */
  async findOwner(tenantId: TenantId, scope: PasskeyScope, username: string): Promise<UserId | undefined> {
    const row = await this.#of(tenantId)
      .where('rp_id', '=', scope.rpId)
      .where(sql<boolean>`app_id is not distinct from ${scope.appId ?? null}`)
      .where(sql<boolean>`lower(username) = lower(${username})`)
      .limit(1)
      .executeTakeFirst();
    return row?.user_id;
  }

  /** Serialises registrations under one name until the transaction ends. */
  async lockName(tenantId: TenantId, scope: PasskeyScope, username: string): Promise<void> {
    const name = JSON.stringify([tenantId, scope.rpId, scope.appId ?? '', username.toLowerCase()]);
    await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 16))`.execute(this.#db);
  }

  /** False where the credential is known already, whoever has it. */
  async insert(
    tenantId: TenantId,
    passkey: Omit<Passkey, 'createdAt' | 'lastUsedAt' | 'label'>,
  ): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto('passkeys')
      .values({
        tenant_id: tenantId,
        credential_id: passkey.credentialId,
        user_id: passkey.userId,
        app_id: passkey.appId ?? null,
        rp_id: passkey.rpId,
        username: passkey.username,
        user_handle: passkey.userHandle,
        public_key: passkey.publicKey,
        counter: passkey.counter,
        transports: JSON.stringify(passkey.transports),
        aaguid: passkey.aaguid,
        device_type: passkey.deviceType,
        backed_up: passkey.backedUp,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return (numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  /**
   * Writes down one use. False, and nothing written, where the counter does not go forward: the key may have been copied
   * (WebAuthn section 6.1.1). Authenticators without a counter say 0 for ever.
   */
  async recordUse(
    tenantId: TenantId,
    credentialId: string,
    use: { readonly counter: number; readonly backedUp: boolean },
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('passkeys')
      .set({ counter: use.counter, backed_up: use.backedUp, last_used_at: new Date() })
      .where('tenant_id', '=', tenantId)
      .where('credential_id', '=', credentialId)
      .where((eb) =>
        eb.or([eb('counter', '<', use.counter), eb.and([eb('counter', '=', 0), eb.val(use.counter === 0)])]),
      )
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** Undefined takes the label away. False where the user has no such passkey. */
  async setLabel(
    tenantId: TenantId,
    userId: UserId,
    credentialId: string,
    label: string | undefined,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('passkeys')
      .set({ label: label ?? null })
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .where('credential_id', '=', credentialId)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** False where the user has no such passkey. */
  async remove(tenantId: TenantId, userId: UserId, credentialId: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('passkeys')
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .where('credential_id', '=', credentialId)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  #of(tenantId: TenantId) {
    return this.#db.selectFrom('passkeys').selectAll().where('tenant_id', '=', tenantId);
  }
}
