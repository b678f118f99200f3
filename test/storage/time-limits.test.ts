/** Limits in time of what a connection does: requests end, commands and migrations take as long as they take. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import {
  isPassing,
  NO_LIMITS,
  type OpenDatabase,
  openPostgres,
  type TimeLimits,
} from '../../src/storage/database.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { describeOn, type StorageOptions } from '../support/engines.ts';
import { adminToken, clientToken } from '../support/management.ts';
import { setScene } from '../support/scene.ts';
import { startApp } from '../support/start-app.ts';

/** Kysely's, for the session that migrates. */
const MIGRATION_LOCK = '3853314791062309107';
const SHORT: TimeLimits = { statementMs: 400, lockMs: 200 };

// The embedded database has one connection: there is nobody to wait for.
describeOn('postgres')('connections ($name)', ({ options }) => {
  let storage: StorageOptions;
  let other: pg.Client;
  const opened: OpenDatabase[] = [];
  const open = (limits?: TimeLimits): OpenDatabase['db'] => {
    const database = openPostgres(storage.databaseUrl ?? '', 1, () => undefined, limits);
    opened.push(database);
    return database.db;
  };
  beforeAll(async () => {
    storage = await options('empty');
    other = new pg.Client({ connectionString: storage.databaseUrl ?? '' });
    await other.connect();
  });
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
  });
  afterAll(async () => {
    await other?.end();
    await storage?.release();
  });
  const shown = async (db: OpenDatabase['db']) => {
    const { rows } = await sql<
      Record<string, string>
    >`select current_setting('statement_timeout') as statement,
      current_setting('lock_timeout') as lock`.execute(db);
    return rows[0];
  };
  const faultOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('of the server give a statement 15 seconds and a lock 10, those of commands all the time', async () => {
    expect(await shown(open())).toEqual({ statement: '15s', lock: '10s' });
    expect(await shown(open(NO_LIMITS))).toEqual({ statement: '0', lock: '0' });
  });

  it('end a statement and a wait for a lock as a fault that passes', async () => {
    const db = open(SHORT);
    const slow = await faultOf(sql`select pg_sleep(2)`.execute(db));
    expect([slow, isPassing(slow)]).toEqual([expect.objectContaining({ code: '57014' }), true]);
    await other.query('select pg_advisory_lock(77)');
    const waiting = await faultOf(sql`select pg_advisory_lock(77)`.execute(db));
    await other.query('select pg_advisory_unlock(77)');
    expect([waiting, isPassing(waiting)]).toEqual([expect.objectContaining({ code: '55P03' }), true]);
  });

  it('let a migration wait for another node as long as it takes, and have their limits again afterwards', async () => {
    await other.query(`select pg_advisory_lock(${MIGRATION_LOCK})`);
    const db = open(SHORT);
    const applied = migrate(db);
    await pause(900);
    await other.query(`select pg_advisory_unlock(${MIGRATION_LOCK})`);
    expect((await applied).length).toBeGreaterThan(10);
    expect(await shown(db)).toEqual({ statement: '400ms', lock: '200ms' });
  });

  it('answer a request whose row somebody holds and does not let go with 503 and Retry-After after 10 seconds', async () => {
    const app = await startApp(storage);
    const { appId } = await setScene(app);
    const token = await adminToken(app);
    const change = (name: string) =>
      fetch(`${app.url}/v1/applications/${appId}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ app_name: name }),
      });
    await other.query('begin');
    await other.query('select 1 from applications where app_id = $1 for update', [appId]);
    const from = Date.now();
    const answer = await change('Late');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(Date.now() - from).toBeGreaterThan(9000);
    await other.query('rollback');
    expect((await change('In time')).status).toBe(200);
    await app.discard();
  }, 60_000);

  it('let an application be deleted whose rows take longer than a statement may, at once and as a whole', async () => {
    const own = await options();
    const url = new URL(own.databaseUrl ?? '');
    const database = new pg.Client({ connectionString: url.href });
    await database.connect();
    url.searchParams.set('statement_timeout', '1000');
    const app = await startApp({ ...own, databaseUrl: url.href });
    const { appId, clientId, clientSecret, person } = await setScene(app);
    await database.query(
      `insert into user_applications (tenant_id, user_id, app_id) select tenant_id, user_id, $2 from users
        where user_id = $1`,
      [person.userId, appId],
    );
    await database.query(`create function linger() returns trigger language plpgsql as
        $$ begin perform pg_sleep(1.5); return old; end $$;
      create trigger linger before delete on user_applications for each row execute function linger()`);
    const members = async () =>
      (await database.query('select 1 from user_applications where app_id = $1', [appId])).rows.length;
    expect(await members()).toBe(1);
    const from = Date.now();
    const answer = await fetch(`${app.url}/v1/applications/${appId}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${await adminToken(app)}` },
    });
    expect([answer.status, await members()]).toEqual([204, 0]);
    expect(Date.now() - from).toBeGreaterThan(1400);
    await expect(clientToken(app, { clientId, clientSecret })).rejects.toThrow();
    await app.discard();
    await database.end();
    await own.release();
  }, 60_000);
});
