/** A database of its own on the server that BENCH_DATABASE_URL names; made for one run, dropped after it. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface TempDatabase {
  readonly url: string;
  /** Runs SQL inside the temporary database. */
  run(sql: string, values?: readonly unknown[]): Promise<void>;
  drop(): Promise<void>;
}

async function once(url: string, sql: string, values: readonly unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql, [...values]);
  } finally {
    await client.end();
  }
}

/** @throws Error when BENCH_DATABASE_URL is missing or its user may not create databases. */
export async function createTempDatabase(): Promise<TempDatabase> {
  const server = process.env.BENCH_DATABASE_URL;
  if (!server) throw new Error('BENCH_DATABASE_URL must name a Postgres whose user may create databases.');
  const name = `tessera_bench_${randomBytes(6).toString('hex')}`;
  await once(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    run: (sql, values) => once(url.href, sql, values),
    drop: () => once(server, `drop database if exists ${name} with (force)`),
  };
}
