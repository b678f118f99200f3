/** Short-lived state in Postgres, for deployments without Redis. */
import { sql } from 'kysely';
import type { TenantId } from '../base/ids.ts';
import type { Database } from './database.ts';
import type { EphemeralStore, Item, ItemKey, ListedItem, PutOptions } from './ephemeral-store.ts';

const secondsFromNow = (seconds: number) => sql<Date>`now() + make_interval(secs => ${seconds})`;

export class PostgresEphemeralStore implements EphemeralStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  async put(at: ItemKey, value: Record<string, unknown>, options: PutOptions): Promise<void> {
    await this.#insert(at, value, options)
      .onConflict((conflict) =>
        conflict.columns(['tenant_id', 'kind', 'key']).doUpdateSet((eb) => ({
          value: eb.ref('excluded.value'),
          grant_id: eb.ref('excluded.grant_id'),
          user_id: eb.ref('excluded.user_id'),
          expires_at: eb.ref('excluded.expires_at'),
        })),
      )
      .execute();
  }

  async putIfAbsent(at: ItemKey, value: Record<string, unknown>, options: PutOptions): Promise<boolean> {
    const result = await this.#insert(at, value, options)
      .onConflict((conflict) =>
        conflict
          .columns(['tenant_id', 'kind', 'key'])
          .doUpdateSet((eb) => ({
            value: eb.ref('excluded.value'),
            grant_id: eb.ref('excluded.grant_id'),
            user_id: eb.ref('excluded.user_id'),
            consumed_at: null,
            expires_at: eb.ref('excluded.expires_at'),
          }))
          // An expired row that the sweeper has not reached yet counts as absent.
          .where('ephemeral_items.expires_at', '<=', sql<Date>`now()`),
      )
      .executeTakeFirst();
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  async replace(at: ItemKey, value: Record<string, unknown>, options: PutOptions): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('ephemeral_items')
      .set({
        value: JSON.stringify(value),
        grant_id: options.grantId ?? null,
        user_id: options.userId ?? null,
        expires_at: secondsFromNow(options.ttlSeconds),
      })
      .where('tenant_id', '=', at.tenantId)
      .where('kind', '=', at.kind)
      .where('key', '=', at.key)
      .where('expires_at', '>', sql<Date>`now()`)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async get(at: ItemKey): Promise<Item | undefined> {
    const row = await this.#db
      .selectFrom('ephemeral_items')
      .select(['value', 'consumed_at'])
      .where('tenant_id', '=', at.tenantId)
      .where('kind', '=', at.kind)
      .where('key', '=', at.key)
      .where('expires_at', '>', sql<Date>`now()`)
      .executeTakeFirst();
    return row && { value: row.value, consumed: row.consumed_at !== null };
  }

  async consume(at: ItemKey): Promise<boolean> {
    const result = await this.#db
      .updateTable('ephemeral_items')
      .set({ consumed_at: sql<Date>`now()` })
      .where('tenant_id', '=', at.tenantId)
      .where('kind', '=', at.kind)
      .where('key', '=', at.key)
      .where('consumed_at', 'is', null)
      .where('expires_at', '>', sql<Date>`now()`)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  async remove(at: ItemKey): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('ephemeral_items')
      .where('tenant_id', '=', at.tenantId)
      .where('kind', '=', at.kind)
      .where('key', '=', at.key)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async removeByGrant(tenantId: TenantId, grantId: string): Promise<void> {
    await this.#db
      .deleteFrom('ephemeral_items')
      .where('tenant_id', '=', tenantId)
      .where('grant_id', '=', grantId)
      .execute();
  }

  async listByUser(tenantId: TenantId, kind: string, userId: string): Promise<readonly ListedItem[]> {
    const rows = await this.#db
      .selectFrom('ephemeral_items')
      .select(['key', 'value', 'consumed_at', 'expires_at'])
      .where('tenant_id', '=', tenantId)
      .where('kind', '=', kind)
      .where('user_id', '=', userId)
      .where('expires_at', '>', sql<Date>`now()`)
      .execute();
    return rows.map(({ key, value, consumed_at, expires_at: expiresAt }) => ({
      key,
      value,
      consumed: consumed_at !== null,
      expiresAt,
    }));
  }

  async removeByUser(tenantId: TenantId, userId: string): Promise<void> {
    await this.#db
      .deleteFrom('ephemeral_items')
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .execute();
  }

  async removeByTenant(tenantId: TenantId): Promise<void> {
    await this.#db.deleteFrom('ephemeral_items').where('tenant_id', '=', tenantId).execute();
  }

  async ping(): Promise<boolean> {
    await sql`select 1`.execute(this.#db);
    return true;
  }

  #insert(at: ItemKey, value: Record<string, unknown>, options: PutOptions) {
    return this.#db.insertInto('ephemeral_items').values({
      tenant_id: at.tenantId,
      kind: at.kind,
      key: at.key,
      value: JSON.stringify(value),
      grant_id: options.grantId ?? null,
      user_id: options.userId ?? null,
      expires_at: secondsFromNow(options.ttlSeconds),
    });
  }
}
