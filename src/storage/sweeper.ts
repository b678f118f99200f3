/** Removes expired rows in small batches, in the background, on one node at a time. */
import { sql } from 'kysely';
import type { Database } from './database.ts';

const TABLES = [
  'ephemeral_items',
  'refresh_tokens',
  'revoked_tokens',
  'grants',
  'consents',
  'outbox',
  'logout_notices',
  'failure_counts',
  'delegated_consents',
] as const;
const BATCH = 500;
const INTERVAL_MS = 60_000;
const LOCK = 7_305_002;

/** One batch per table. @returns the rows removed, or undefined when another node is sweeping. */
export async function sweepOnce(db: Database): Promise<number | undefined> {
  return db.transaction().execute(async (transaction) => {
    const {
      rows: [lock],
    } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as mine`.execute(transaction);
    if (!lock?.mine) return undefined;
    let removed = 0;
    for (const table of TABLES) {
      // Never waits for a row: tokens come before grants here, the other way round than elsewhere.
      const result = await sql`delete from ${sql.table(table)} where ctid = any(array(
        select ctid from ${sql.table(table)} where expires_at < now() limit ${BATCH} for update skip locked))`.execute(
        transaction,
      );
      removed += Number(result.numAffectedRows ?? 0);
    }
    return removed;
  });
}

/**
 * Sweeps every minute, and again at once while a batch comes back full.
 * @param chores never fail, and know themselves when they are due: asked at once and after every sweep.
 * @returns the stop function.
 */
export function startSweeper(
  db: Database,
  onError: (error: unknown) => void,
  chores: readonly (() => Promise<void>)[] = [],
): () => Promise<void> {
  let stopped = false;
  const doChores = async (): Promise<void> => {
    for (const chore of chores) if (!stopped) await chore();
  };
  let running = doChores();
  const round = async (): Promise<void> => {
    try {
      while (!stopped && ((await sweepOnce(db)) ?? 0) >= BATCH);
    } catch (error) {
      onError(error);
    }
  };
  const timer = setInterval(() => {
    running = running.then(round).then(doChores);
  }, INTERVAL_MS);
  timer.unref();
  return async () => {
    stopped = true;
    clearInterval(timer);
    await running;
  };
}
