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

/** An attempt that is being checked. */
export interface Reservation {
  /** The database's own time of it. */
  readonly since: string;
}

/** A node that died in the middle of an attempt leaves its mark, which takes a place for so long; nobody got an answer. */
export const LEASE_SECONDS = 40;

const seconds = (value: number | RawBuilder<unknown>) => sql`make_interval(secs => (${value})::float8)`;

function lastOf({ tiers }: Lockout): { last: number; lastSeconds: number; step: number } {
  const [last, before] = [tiers.at(-1), tiers.at(-2)];
  if (!last) throw new Error('a lockout without a tier');
  return {
    last: last.attempts,
    lastSeconds: last.durationSeconds,
    step: last.attempts - (before?.attempts ?? 0),
  };
}

const attemptsOf = ({ tiers }: Lockout) => sql`${tiers.map((tier) => tier.attempts)}::integer[]`;

/** Seconds of the lock that failure number `n` brings, null for none. */
function lockSeconds(n: RawBuilder<unknown>, lockout: Lockout): RawBuilder<unknown> {
  const { last, lastSeconds, step } = lastOf(lockout);
  return sql`coalesce(
    (${lockout.tiers.map((tier) => tier.durationSeconds)}::float8[])[array_position(${attemptsOf(lockout)}, ${n})],
    case when ${n} > ${last}::integer and (${n} - ${last}::integer) % ${step}::integer = 0 then ${lastSeconds}::float8 end)`;
}

/** The number of the failure that brings the next lock after `n` of them. */
function nextLock(n: RawBuilder<unknown>, lockout: Lockout): RawBuilder<unknown> {
  const { last, step } = lastOf(lockout);
  return sql`coalesce((select min(t) from unnest(${attemptsOf(lockout)}) as t where t > ${n}),
    ${last}::integer + ${step}::integer * ((${n} - ${last}::integer) / ${step}::integer + 1))`;
}

const isOver = sql`f.expires_at <= now()`;
const failures = sql`(case when ${isOver} then 0 else f.failures end)`;
const pending = sql`(case when f.reserved_at <= now() - ${seconds(LEASE_SECONDS)} then 0 else f.pending end)`;
/** Of one that has outlived its lease, nothing is left to take back. */
const withoutMine = ({ since }: Reservation) =>
  sql`greatest(f.pending - case when ${since}::timestamptz > now() - ${seconds(LEASE_SECONDS)} then 1 else 0 end, 0)`;

export class FailureStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Takes a place among the attempts that are checked at this moment: there are never more than may still fail before
   * the next lock. Undefined where it is locked, or where no place is free.
   */
  async reserve({ tenantId, key }: CountKey, lockout: Lockout): Promise<Reservation | undefined> {
    const window = seconds(lockout.failuresExpireSeconds);
    // Longer than the lease, so that the row is not swept away under an attempt; a fixed window must still end.
    const kept = lockout.isFixedWindow
      ? sql`f.expires_at`
      : sql`greatest(f.expires_at, now() + ${seconds(LEASE_SECONDS)})`;
    const { rows } = await sql<{ since: string }>`insert into failure_counts as f
        (tenant_id, key, failures, pending, reserved_at, expires_at)
      values (${tenantId}, ${key}, 0, 1, now(), now() + greatest(${window}, ${seconds(LEASE_SECONDS)}))
      on conflict (tenant_id, key) do update set failures = ${failures}, pending = ${pending} + 1, reserved_at = now(),
        expires_at = case when ${isOver} then now() + ${window} else ${kept} end
      where (f.locked_until is null or f.locked_until <= now())
        and ${failures} + ${pending} < ${nextLock(failures, lockout)}
      returning f.reserved_at::text as since`.execute(this.#db);
    return rows[0];
  }

  async findLock({ tenantId, key }: CountKey): Promise<Date | undefined> {
    const row = await this.#db
      .selectFrom('failure_counts')
      .select('locked_until')
      .where('tenant_id', '=', tenantId)
      .where('key', '=', key)
      .where('locked_until', '>', sql<Date>`now()`)
      .executeTakeFirst();
    return row?.locked_until ?? undefined;
  }

  /** The reserved attempt was a failure. @returns the end of the lock that it brought */
  async confirm({ tenantId, key }: CountKey, mine: Reservation, lockout: Lockout): Promise<Date | undefined> {
    const next = sql`(${failures} + 1)`;
    const lockAt = sql`(now() + ${seconds(lockSeconds(next, lockout))})`;
    const window = seconds(lockout.failuresExpireSeconds);
    const expiry = lockout.isFixedWindow
      ? sql`greatest(${lockAt}, case when ${isOver} then now() + ${window} else f.expires_at end)`
      : sql`coalesce(${lockAt}, now()) + ${window}`;
    const { rows } = await sql<{ locked_until: Date | null }>`update failure_counts as f
      set failures = ${next}, pending = ${withoutMine(mine)},
        locked_until = greatest(${lockAt}, f.locked_until), expires_at = ${expiry}
      where tenant_id = ${tenantId} and key = ${key}
      returning case when locked_until > now() then locked_until end as locked_until`.execute(this.#db);
    return rows[0]?.locked_until ?? undefined;
  }

  /** The reserved attempt was none. */
  async takeBack({ tenantId, key }: CountKey, mine: Reservation): Promise<void> {
    await sql`update failure_counts as f set pending = ${withoutMine(mine)}
      where tenant_id = ${tenantId} and key = ${key}`.execute(this.#db);
  }

  /** A success: the count begins anew. Others that are being checked keep their places. */
  async clear({ tenantId, key }: CountKey, mine?: Reservation): Promise<void> {
    const left = mine ? withoutMine(mine) : sql`f.pending`;
    await sql`update failure_counts as f set failures = 0, locked_until = null, pending = ${left}
      where tenant_id = ${tenantId} and key = ${key}`.execute(this.#db);
  }
}
