/** Does the search for users stay as fast from 1,000 to 1,000,000 of them? Medians, their ratio, and the plans. */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { AppId, TenantId } from '../src/base/ids.ts';
import type { Database } from '../src/storage/database.ts';
import { migrate } from '../src/storage/migrate.ts';
import type { Tables } from '../src/storage/tables.ts';
import type { Reach } from '../src/users/user.ts';
import { parseUserFilter } from '../src/users/user-filter.ts';
import { UserListStore, type UserPageQuery } from '../src/users/user-list-store.ts';
import { UserStore } from '../src/users/user-store.ts';
import { median } from './statistics.ts';
import { table } from './table.ts';
import { createTempDatabase, type TempDatabase } from './temp-database.ts';

const SIZES = [1_000, 1_000_000] as const;
const ROUNDS = 15;
const GOAL = 2;
/** Below this a difference says nothing: it is the time of the connection, not of the search. */
const NOISE_MS = 1;
const TENANT: Reach = { tenantId: 'bench-tenant' as TenantId };
const APP: Reach = { ...TENANT, appId: 'bench-app' as AppId };

const FILL = [
  `insert into tenants (tenant_id, name, default_audience, access_token_ttl, refresh_token_ttl, max_refresh_rotate, refresh_grace_seconds)
    values ('bench-tenant', 'Bench', 'bench', 60, 60, 60, 10)`,
  `insert into applications (tenant_id, app_id, kind, name, settings, created_by)
    select 'bench-tenant', app, 'end_user', app, '{}', 'bench' from unnest(array['bench-app', 'bench-other', 'bench-small']) app`,
];
const FILL_USERS = `insert into users (tenant_id, user_id, status, email, phone_number, external_user_id, profile, created_at, last_auth)
  select 'bench-tenant', md5('u' || n), 'Active', 'user-' || n || '@bench.example', '+1' || (2000000000 + n), 'ext-' || n,
    jsonb_build_object('name', jsonb_build_object('first_name', 'Ada', 'last_name', 'Bench ' || n), 'custom_data', jsonb_build_object('plan', 'gold')),
    now() - n * interval '1 second', case when n % 2 = 0 then now() - n * interval '1 minute' end
  from generate_series(1, $1::int) n`;
/** One user in ten belongs to a second application only. */
const FILL_MEMBERS = `insert into user_applications (tenant_id, user_id, app_id, username)
  select 'bench-tenant', md5('u' || n), case when n % 10 = 0 then 'bench-other' else 'bench-app' end, 'Name-' || n || '-x'
  from generate_series(1, $1::int) n`;

const FILL_SMALL = `insert into user_applications (tenant_id, user_id, app_id)
  select 'bench-tenant', md5('u' || n), 'bench-small' from generate_series(1, 5) n`;

interface Search {
  readonly name: string;
  /** A page that nobody expects to be flat: the count of all, a deep page, an order without an index. */
  readonly grows?: boolean;
  run(db: Database): Promise<unknown>;
}

const page = (reach: Reach, query: Partial<UserPageQuery>) => (db: Database) =>
  new UserListStore(db).list(reach, {
    offset: 0,
    limit: 100,
    sortField: 'created_at',
    sortOrder: 'asc',
    ...query,
  });
/** The rows of a page alone: its total counts everybody. */
const rowsOf = (
  reach: Reach,
  sortField: UserPageQuery['sortField'],
  sortOrder: 'asc' | 'desc',
  offset = 0,
): Search => {
  const where = reach.appId === undefined ? 'tenant' : 'application';
  return {
    name: `rows of the ${offset === 0 ? 'first' : 'second'} page by ${sortField} ${sortOrder} (${where})`,
    run: (db) => new UserListStore(db).page(reach, { offset, limit: 100, sortField, sortOrder }),
  };
};
const filtered = (reach: Reach, text: string) =>
  page(reach, { filter: parseUserFilter(text, { parameter: 'search', dialect: 'public' }) });

const SMALL: Reach = { ...TENANT, appId: 'bench-small' as AppId };
const smallPage: Search = { name: 'first page (application of 5 users)', run: page(SMALL, {}) };
const SEARCHES: readonly Search[] = [TENANT, APP].flatMap((reach): Search[] => {
  const where = reach.appId === undefined ? 'tenant' : 'application';
  return [
    { name: `email eq (${where})`, run: filtered(reach, 'email eq "User-777@bench.example"') },
    { name: `phone_number eq (${where})`, run: filtered(reach, 'phone_number eq "+12000000777"') },
    { name: `username eq (${where})`, run: filtered(reach, 'username eq "name-777-x"') },
    { name: `external_user_id eq (${where})`, run: filtered(reach, 'external_user_id eq "ext-777"') },
    { name: `email sw (${where})`, run: filtered(reach, 'email sw "user-777@"') },
    { name: `username sw (${where})`, run: filtered(reach, 'username sw "name-777-"') },
    { name: `search_prefix email (${where})`, run: page(reach, { prefix: 'user-777@' }) },
    { name: `search_prefix phone (${where})`, run: page(reach, { prefix: '+12000000777' }) },
    {
      name: `email eq or phone eq (${where})`,
      run: filtered(reach, 'email eq "user-7@bench.example" or phone_number eq "+12000000777"'),
    },
    {
      name: `look-up by email (${where})`,
      run: (db) => new UserStore(db).findMember(reach, 'email', 'user-777@bench.example'),
    },
    {
      name: `look-up by username (${where})`,
      run: (db) => new UserStore(db).findMember(reach, 'username', 'name-777-x'),
    },
    {
      name: `SCIM userName eq (${where})`,
      run: page(reach, {
        filter: parseUserFilter('userName eq "name-777-x"', { parameter: 'filter', dialect: 'scim' }),
      }),
    },
    {
      name: `SCIM userName eq an email (${where})`,
      run: page(reach, {
        filter: parseUserFilter('userName eq "user-777@bench.example"', {
          parameter: 'filter',
          dialect: 'scim',
        }),
      }),
    },
    rowsOf(reach, 'created_at', 'asc'),
    rowsOf(reach, 'created_at', 'desc'),
    rowsOf(reach, 'email', 'asc'),
    rowsOf(reach, 'email', 'desc'),
    rowsOf(reach, 'email', 'desc', 100),
    rowsOf(reach, 'phone_number', 'desc'),
    rowsOf(reach, 'last_auth', 'asc'),
    rowsOf(reach, 'last_auth', 'desc'),
    { name: `first page (${where})`, grows: true, run: page(reach, {}) },
    {
      name: `first page by email desc (${where})`,
      grows: true,
      run: page(reach, { sortField: 'email', sortOrder: 'desc' }),
    },
    { name: `count of all (${where})`, grows: true, run: (db) => new UserListStore(db).count(reach, {}) },
  ];
});

interface Furnished {
  readonly db: Database;
  readonly pool: pg.Pool;
  /** What the last search sent. */
  readonly statements: { sql: string; parameters: readonly unknown[] }[];
}

async function furnish(database: TempDatabase, users: number): Promise<Furnished> {
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  // The database is dropped while the connection closes.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const statements: Furnished['statements'] = [];
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    log({ query: { sql, parameters } }) {
      statements.push({ sql, parameters });
    },
  });
  await migrate(db);
  await pool.query('alter table applications disable trigger user');
  for (const statement of FILL) await pool.query(statement);
  await pool.query(FILL_USERS, [users]);
  await pool.query(FILL_MEMBERS, [users]);
  await pool.query(FILL_SMALL);
  await pool.query('vacuum analyze');
  return { db, pool, statements };
}

/** Medians of each, asked in turn, so that what else the machine does falls on both. */
async function time(places: readonly Furnished[], search: Search): Promise<number[]> {
  const times = places.map((): number[] => []);
  for (const { db } of places) await search.run(db);
  for (let round = 0; round < (search.grows ? 5 : ROUNDS); round++)
    for (const [at, { db }] of places.entries()) {
      const start = performance.now();
      await search.run(db);
      times[at]?.push(performance.now() - start);
    }
  return times.map(median);
}

/** The lines of the plans that say how rows were found. */
async function plansOf({ db, pool, statements }: Furnished, search: Search): Promise<string[]> {
  statements.length = 0;
  await search.run(db);
  const lines: string[] = [];
  for (const { sql, parameters } of [...statements]) {
    const { rows } = await pool.query(`explain (analyze, costs off, timing off, summary off) ${sql}`, [
      ...parameters,
    ]);
    const plan = rows.map((row) => String(Object.values(row)[0]).slice(0, 150));
    lines.push(...plan.filter((line) => /Scan|Sort|Join|Loop|Cond|Fetches/.test(line)), '');
  }
  return lines;
}

async function main(): Promise<void> {
  const databases: TempDatabase[] = [];
  const furnished: Furnished[] = [];
  try {
    for (const users of SIZES) {
      const database = await createTempDatabase();
      databases.push(database);
      furnished.push(await furnish(database, users));
    }
    const [few, many] = furnished;
    if (!few || !many) return;
    const rows = [['search', ...SIZES.map((size) => `${size} ms`), 'ratio', `goal ${GOAL}`]];
    const plans: string[] = [];
    for (const search of [smallPage, ...SEARCHES]) {
      const [small = Number.NaN, large = Number.NaN] = await time([few, many], search);
      const isMet = large / small <= GOAL || large - small <= NOISE_MS;
      const verdict = search.grows ? '-' : isMet ? 'met' : 'MISSED';
      rows.push([search.name, small.toFixed(2), large.toFixed(2), (large / small).toFixed(2), verdict]);
      plans.push(`-- ${search.name}, ${SIZES[1]} users`, ...(await plansOf(many, search)));
    }
    console.log(table(rows));
    console.log(`\n${plans.join('\n')}`);
    if (rows.some((row) => row.at(-1) === 'MISSED')) process.exitCode = 1;
  } finally {
    for (const { db } of furnished) await db.destroy();
    for (const database of databases) await database.drop();
  }
}

process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
