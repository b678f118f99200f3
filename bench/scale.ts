/** Does size cost time? A token request with 100,000 clients and 1,000,000 users in the database, against one with ten. */
import { writeFile } from 'node:fs/promises';
import { compare } from './compare.ts';
import { closeConnections } from './http-client.ts';
import { readOptions } from './options.ts';
import { chooseScenarios } from './scenarios.ts';
import { comparisonTable } from './table.ts';
import type { ClientCredentials, Target } from './target.ts';
import type { TempDatabase } from './temp-database.ts';
import {
  createClient,
  createPeople,
  type Installation,
  prepareInstallation,
  startProcess,
  toTarget,
} from './tessera-target.ts';

const CLIENTS = 100_000;
const USERS = 1_000_000;
const FEW = 10;
const GOAL = 1.2;

// Copies of a client and a person made through the API, so that every column is as the product writes it.
const FILL_CLIENTS = `insert into clients (tenant_id, client_id, app_id, protocol, is_default, name, settings)
  select tenant_id, 'scale-client-' || n, app_id, protocol, false, 'Scale ' || n, settings
  from clients, generate_series(1, $2::int) n where client_id = $1`;
const FILL_SECRETS = `insert into client_secrets (tenant_id, secret_id, client_id, secret_hash, hint)
  select tenant_id, 'scale-secret-' || n, 'scale-client-' || n, secret_hash, hint
  from client_secrets, generate_series(1, $2::int) n where client_id = $1`;
const FILL_USERS = `insert into users (tenant_id, user_id, status, email, profile, password_hash)
  select tenant_id, 'scale-user-' || n, status, 'scale-' || n || '@bench.example', profile, password_hash
  from users, generate_series(1, $2::int) n where email = $1`;
const FILL_MEMBERS = `insert into user_applications (tenant_id, user_id, app_id)
  select u.tenant_id, u.user_id, c.app_id from users u, clients c
  where c.client_id = $1 and u.user_id like 'scale-user-%'`;

/** Writes straight into the tables while no node runs; the change feed would only announce a million rows to nobody. */
async function fill(
  database: TempDatabase,
  client: ClientCredentials,
  counts: { clients: number; users: number },
): Promise<void> {
  for (const name of ['clients', 'client_secrets'])
    await database.run(`alter table ${name} disable trigger announce`);
  await database.run(FILL_CLIENTS, [client.id, counts.clients]);
  await database.run(FILL_SECRETS, [client.id, counts.clients]);
  await database.run(FILL_USERS, ['bench-0@bench.example', counts.users]);
  await database.run(FILL_MEMBERS, [client.id]);
  for (const name of ['clients', 'client_secrets'])
    await database.run(`alter table ${name} enable trigger announce`);
  await database.run('vacuum analyze');
}

async function furnish(
  name: string,
  installation: Installation,
  counts: { clients: number; users: number },
  workers: number,
): Promise<Target> {
  if (!installation.database) throw new Error('The scale bench needs --storage postgres or postgres+redis.');
  const first = await startProcess(installation);
  const client = await createClient(installation, 'Scale');
  await createPeople(installation, client, workers);
  await first.stop();
  await fill(installation.database, client, counts);
  return toTarget(name, installation, client, await startProcess(installation));
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), 'postgres');
  const chosen = chooseScenarios(
    options.only.length > 0 ? options.only : ['client_credentials', 'refresh'],
  ).map(
    // The goals of the comparison with the bare library say nothing here.
    ({ goal: _, ...scenario }) => ({ ...scenario, comparable: true }),
  );
  const [small, large] = [
    await prepareInstallation(options.storage),
    await prepareInstallation(options.storage),
  ];
  const running: Target[] = [];
  try {
    running.push(await furnish('few', small, { clients: FEW, users: FEW }, options.workers));
    running.push(await furnish('many', large, { clients: CLIENTS, users: USERS }, options.workers));
    const [baseline, subject] = running;
    if (!baseline || !subject) return;
    const results = await compare(chosen, { subject, baseline }, options);
    console.log(comparisonTable(results, 'many', 'few'));
    for (const { scenario, p50Ratio = Number.NaN } of results)
      console.log(
        `${scenario}: p50 with many is ${p50Ratio.toFixed(2)} x that with few; ${p50Ratio <= GOAL ? 'met' : 'MISSED'} (${GOAL})`,
      );
    if (options.json !== undefined)
      await writeFile(
        options.json,
        `${JSON.stringify({ clients: CLIENTS, users: USERS, few: FEW, results }, null, 2)}\n`,
      );
  } finally {
    for (const { process: server } of running) await server.stop();
    for (const installation of [small, large]) await installation.remove();
    closeConnections();
  }
}

process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
