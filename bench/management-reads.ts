/** `node bench/management-reads.ts`: how many reads of one client and of one user by id a process answers in a second. */

import { ask, closeConnections, expectStatus, postForm } from './http-client.ts';
import { measure } from './load.ts';
import { readOptions } from './options.ts';
import type { Scenario } from './scenarios.ts';
import { table } from './table.ts';
import { basic, type Target } from './target.ts';
import { createClient, createPeople, prepareInstallation, startProcess, toTarget } from './tessera-target.ts';

/** Reads a second that issue 4 asks for on Postgres, with the process on cores of its own. */
const GOAL = 3000;

async function bearer({ endpoints, client }: Target): Promise<Record<string, string>> {
  const answer = await postForm(
    endpoints.token_endpoint,
    { grant_type: 'client_credentials' },
    basic(client),
  );
  const { access_token } = JSON.parse(expectStatus(answer, 200, 'Token').body) as { access_token: string };
  return { authorization: `Bearer ${access_token}`, accept: 'application/json' };
}

const originOf = (target: Target): string => new URL(target.endpoints.token_endpoint).origin;

const readClient: Scenario = {
  name: 'client by id',
  comparable: false,
  async prepare(target) {
    const headers = await bearer(target);
    const url = `${originOf(target)}/v1/clients/${target.client.id}`;
    return async () => {
      expectStatus(await ask(url, { headers }), 200, 'Client');
    };
  },
};

const readUser: Scenario = {
  name: 'user by id',
  comparable: false,
  async prepare(target, worker) {
    const headers = await bearer(target);
    const { identifier = '' } = target.person(worker) ?? {};
    const email = encodeURIComponent(identifier);
    const found = await ask(`${originOf(target)}/v1/users/email/${email}`, { headers });
    const { result } = JSON.parse(expectStatus(found, 200, 'User by email').body) as {
      result: { user_id: string };
    };
    const url = `${originOf(target)}/v1/users/${result.user_id}`;
    return async () => {
      expectStatus(await ask(url, { headers }), 200, 'User');
    };
  },
};

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const installation = await prepareInstallation(options.storage);
  const server = await startProcess(installation);
  try {
    const client = await createClient(installation, 'Bench');
    await createPeople(installation, client, options.workers);
    const target = await toTarget('tessera', installation, client, server);
    const rows: string[][] = [['read', '1/s', 'p50 ms', 'p99 ms', 'errors', 'goal']];
    for (const scenario of [readClient, readUser]) {
      const found = await measure(scenario, target, options);
      rows.push([
        scenario.name,
        found.perSecond.toFixed(0),
        found.p50Ms.toFixed(2),
        found.p99Ms.toFixed(2),
        found.firstError ?? String(found.errors),
        String(GOAL),
      ]);
    }
    console.log(`Tessera on ${options.storage}, ${options.workers} workers, ${options.seconds} s each`);
    console.log(table(rows));
  } finally {
    await server.stop();
    await installation.remove();
    closeConnections();
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
