/** Opens Kysely over a real Postgres, or over the embedded one (PGlite) in a folder. */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely';
import pg from 'pg';
import { StartError } from '../base/start-error.ts';
import type { Tables } from './tables.ts';

export type Database = Kysely<Tables>;

export interface OpenDatabase {
  readonly db: Database;
  /** Calls back for every NOTIFY on the channel; `onLost` when notifications may have been missed. */
  listen(
    channel: string,
    onMessage: (payload: string) => void,
    onState: (connected: boolean) => void,
  ): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

// 64-bit integers are counts and ids here; all of them fit a double.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const sqlState = (error: unknown): string | undefined => (error as { code?: string } | null)?.code;

/** True for a duplicate key, of this constraint or index if one is named. */
export const isUniqueViolation = (error: unknown, constraint?: string): boolean =>
  sqlState(error) === '23505' &&
  (constraint === undefined || (error as { constraint?: string }).constraint === constraint);

/** True where a referenced row is missing or still in use. */
export const isForeignKeyViolation = (error: unknown): boolean =>
  ['23503', '23001'].includes(sqlState(error) ?? '');

/**
 * PostgreSQL appendix A: a deadlock or a conflict that was resolved against us, too many connections, starting up; a statement
 * that was cancelled after its time, a lock that was not to be had in time. And a server that goes away or is not there.
 */
const PASSING_STATES = [
  ...['40P01', '40001', '53300', '57P03', '57014', '55P03'],
  ...['57P01', '57P02', '08001', '08004', '08006', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'],
];
/** What the pool says where no connection came free in time, and what it says of one that was cut. */
const NO_CONNECTION = [
  'timeout exceeded when trying to connect',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'Client has encountered a connection error and is not queryable',
];

/** True for a fault under which nothing was finished and the same work can succeed a moment later. */
export const isPassing = (error: unknown): boolean =>
  PASSING_STATES.includes(sqlState(error) ?? '') ||
  (error instanceof Error && NO_CONNECTION.includes(error.message));

/** How long one statement may run, and wait for a lock; 0 means for ever. */
export interface TimeLimits {
  readonly statementMs: number;
  readonly lockMs: number;
}
/** For requests: one that hangs must not hold its connection and its locks. */
const REQUEST_LIMITS: TimeLimits = { statementMs: 15_000, lockMs: 10_000 };
/** For commands, which read and write whole tenants. */
export const NO_LIMITS: TimeLimits = { statementMs: 0, lockMs: 0 };

/** Connects to a server. Connection faults become a StartError when first used by `assertReachable`. */
export function openPostgres(
  url: string,
  poolMax: number,
  onError: (error: Error) => void,
  limits: TimeLimits = REQUEST_LIMITS,
): OpenDatabase {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolMax,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    statement_timeout: limits.statementMs,
    lock_timeout: limits.lockMs,
  });
  // An idle connection that the server drops must not end the process; the pool replaces it.
  pool.on('error', onError);
  const listeners = new Set<() => Promise<void>>();
  return {
    db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }),
    async listen(channel, onMessage, onState) {
      const stop = await listenForever(url, channel, onMessage, onState);
      listeners.add(stop);
      return stop;
    },
    async close() {
      await Promise.all([...listeners].map((stop) => stop()));
      await pool.end();
    },
  };
}

/** Keeps one LISTEN connection of its own and reconnects until stopped. */
async function listenForever(
  url: string,
  channel: string,
  onMessage: (payload: string) => void,
  onState: (connected: boolean) => void,
): Promise<() => Promise<void>> {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const retry = (): void => {
    onState(false);
    client?.removeAllListeners();
    client?.on('error', () => undefined);
    void client?.end().catch(() => undefined);
    if (!stopped) timer = setTimeout(() => void connect(), 500);
  };
  const connect = async (): Promise<void> => {
    client = new pg.Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 5000 });
    try {
      client.on('error', retry);
      client.on('notification', (message) => onMessage(message.payload ?? ''));
      await client.connect();
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
      onState(true);
    } catch {
      retry();
    }
  };
  await connect();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    client?.removeAllListeners('error');
    client?.on('error', () => undefined);
    await client?.end().catch(() => undefined);
  };
}

/** One process per folder: the lock file names the process that has it open. */
function lockFolder(folder: string): () => void {
  const file = join(folder, 'tessera.lock');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (let attempt = 0; ; attempt++) {
    try {
      const handle = openSync(file, 'wx', 0o600);
      writeSync(handle, String(process.pid));
      closeSync(handle);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new StartError(
          `The data folder ${folder} cannot be written (${(error as NodeJS.ErrnoException).code}); check DATA_DIR and its permissions.`,
        );
    }
    const owner = Number(readFileSync(file, 'utf8'));
    if (attempt > 0 || (owner !== process.pid && isAlive(owner)))
      throw new StartError(
        `The data folder ${folder} is in use by another process (${owner}); stop it, or set another DATA_DIR.`,
      );
    rmSync(file, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Opens the embedded database. @throws StartError when the folder is taken, unwritable or damaged. */
export async function openEmbedded(dataDir: string): Promise<OpenDatabase> {
  const unlock = lockFolder(dataDir);
  let pglite: PGlite;
  try {
    pglite = await PGlite.create({ dataDir: join(dataDir, 'postgres') });
  } catch (cause) {
    unlock();
    throw new StartError(
      `The embedded database in ${dataDir} cannot be opened; restore it from a backup, or set another DATA_DIR.`,
      { cause },
    );
  }
  return {
    db: new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) }),
    async listen(channel, onMessage, onState) {
      const stop = await pglite.listen(channel, onMessage);
      onState(true);
      return () => stop();
    },
    async close() {
      await pglite.close();
      unlock();
    },
  };
}
