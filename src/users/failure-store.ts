/** The counts of failed attempts: one row per thing that is guessed at, shared by all nodes, changed by one statement. */
import { type RawBuilder, sql } from 'kysely';
import type { TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { Lockout } from './lockout.ts';

export interface CountKey {
  readonly tenantId: TenantId;
  /** A hash; never a plain identifier. */
  readonly key: string;
}

export interface FailureCount {
  readonly lockedUntil?: Date;
  /** An attempt is being checked at this moment: a success may clear the lock. */
  readonly isPending: boolean;
}

/** A node that died in the middle of an attempt leaves its mark; it is believed for so long. */
const PENDING_SECONDS = 10;

const seconds = (value: number | RawBuilder<unknown>) => sql`make_interval(secs => (${value})::float8)`;

/** Seconds of the lock that failure number `n` brings, null for none. */
function lockSeconds(n: RawBuilder<unknown>, { tiers }: Lockout): RawBuilder<unknown> {
  const [last, before] = [tiers.at(-1), tiers.at(-2)];
  if (!last) throw new Error('a lockout without a tier');
  const step = last.attempts - (before?.attempts ?? 0);
  return sql`coalesce(
    (${tiers.map((tier) => tier.durationSeconds)}::float8[])[array_position(${tiers.map((tier) => tier.attempts)}::integer[], ${n})],
    case when ${n} > ${last.attempts}::integer and (${n} - ${last.attempts}::integer) % ${step}::integer = 0
      then ${last.durationSeconds}::float8 end)`;
}

export class FailureStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Counts one attempt as a failure, before anybody knows. The one that reaches a tier locks at once: while it is
   * checked, no other begins. Undefined where it is locked already.
   */
  async reserve({ tenantId, key }: CountKey, lockout: Lockout): Promise<{ isLast: boolean } | undefined> {
    const isOver = sql`f.expires_at <= now()`;
    const next = sql`(case when ${isOver} then 1 else f.failures + 1 end)`;
    const first = sql`1::integer`;
    const lockAt = (n: RawBuilder<unknown>) => sql`now() + ${seconds(lockSeconds(n, lockout))}`;
    const expiry = (n: RawBuilder<unknown>) =>
      sql`coalesce(${lockAt(n)}, now()) + ${seconds(lockout.failuresExpireSeconds)}`;
    const window = sql`greatest(${lockAt(next)}, case when ${isOver} then now() + ${seconds(lockout.failuresExpireSeconds)} else f.expires_at end)`;
    const { rows } = await sql<{ is_last: boolean }>`insert into failure_counts as f
        (tenant_id, key, failures, pending, reserved_at, locked_until, expires_at)
      values (${tenantId}, ${key}, 1, 1, now(), ${lockAt(first)}, ${expiry(first)})
      on conflict (tenant_id, key) do update set failures = ${next}, reserved_at = now(),
        pending = case when ${isOver} then 1 else f.pending + 1 end, locked_until = ${lockAt(next)},
        expires_at = ${lockout.isFixedWindow ? window : expiry(next)}
      where f.locked_until is null or f.locked_until <= now()
      returning locked_until is not null as is_last`.execute(this.#db);
    return rows[0] && { isLast: rows[0].is_last };
  }

  /** The state of the count, for one that could not be reserved. */
  async find({ tenantId, key }: CountKey): Promise<FailureCount> {
    const { rows } = await sql<{ locked_until: Date | null; is_pending: boolean }>`select locked_until,
        pending > 0 and reserved_at > now() - ${seconds(PENDING_SECONDS)} as is_pending from failure_counts
      where tenant_id = ${tenantId} and key = ${key} and locked_until > now()`.execute(this.#db);
    const [row] = rows;
    return {
      isPending: row?.is_pending ?? false,
      ...(row?.locked_until && { lockedUntil: row.locked_until }),
    };
  }

  /** The reserved attempt was a failure: it stays counted. */
  async confirm({ tenantId, key }: CountKey): Promise<void> {
    await sql`update failure_counts set pending = greatest(pending - 1, 0)
      where tenant_id = ${tenantId} and key = ${key}`.execute(this.#db);
  }

  /** The reserved attempt was none, and takes back the lock that it brought. */
  async takeBack({ tenantId, key }: CountKey, { isLast }: { isLast: boolean }): Promise<void> {
    await sql`update failure_counts set pending = greatest(pending - 1, 0), failures = greatest(failures - 1, 0),
        locked_until = case when ${isLast}::boolean then null else locked_until end
      where tenant_id = ${tenantId} and key = ${key}`.execute(this.#db);
  }

  /** A success: the count begins anew. */
  async clear({ tenantId, key }: CountKey): Promise<void> {
    await this.#db
      .deleteFrom('failure_counts')
      .where('tenant_id', '=', tenantId)
      .where('key', '=', key)
      .execute();
  }
}
