/** `node bench/logins.ts`: password sign-ins per second and core, and what a flood of them does to everything else. */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ask, closeConnections, expectStatus, postForm } from './http-client.ts';
import { type Measurement, measure } from './load.ts';
import type { Flood, FloodOrder } from './login-flood.ts';
import { readOptions } from './options.ts';
import type { Scenario } from './scenarios.ts';
import { median } from './statistics.ts';
import { table } from './table.ts';
import { basic, type Target } from './target.ts';
import { createClient, createPeople, prepareInstallation, startProcess, toTarget } from './tessera-target.ts';

/** Connections that sign in at once: many more than the server hashes or lets wait. */
const FLOOD = 200;
/** Token requests' p99 under the flood, as a multiple of the idle one (issue 5). */
const P99_GOAL = 2;

const originOf = (target: Target): string => new URL(target.endpoints.token_endpoint).origin;

const tokens: Scenario = {
  name: 'token',
  comparable: false,
  async prepare({ endpoints, client }) {
    const headers = basic(client);
    return async () => {
      const answer = await postForm(endpoints.token_endpoint, { grant_type: 'client_credentials' }, headers);
      expectStatus(answer, 200, 'Token');
    };
  },
};

/** Sign-ins of the backend family: Argon2id with the parameters of OWASP, tokens, a session. */
async function orderOf(target: Target, people: number): Promise<FloodOrder> {
  const { endpoints, client } = target;
  const granted = await postForm(
    endpoints.token_endpoint,
    { grant_type: 'client_credentials' },
    basic(client),
  );
  const { access_token } = JSON.parse(expectStatus(granted, 200, 'Token').body) as { access_token: string };
  const bodyOf = (at: number): string => {
    const { identifier, password } = target.person(at) ?? {};
    return JSON.stringify({ username: identifier, username_type: 'email', password });
  };
  return {
    url: `${originOf(target)}/v1/auth/password/authenticate`,
    authorization: `Bearer ${access_token}`,
    bodies: Array.from({ length: people }, (_, at) => bodyOf(at)),
    connections: FLOOD,
  };
}

const signIns: Scenario = {
  name: 'sign-in',
  comparable: false,
  async prepare(target, worker) {
    const { url, authorization, bodies } = await orderOf(target, worker + 1);
    const headers = { authorization, 'content-type': 'application/json' };
    return async () => {
      expectStatus(await ask(url, { method: 'POST', headers, body: bodies[worker] ?? '' }), 200, 'Sign-in');
    };
  },
};

/** A flood on a thread of its own. It ends with `stop`, which gives what it was answered. */
function startFlood(order: FloodOrder): { stop(): Promise<Flood> } {
  const thread = new Worker(new URL('./login-flood.ts', import.meta.url), { workerData: order });
  const { promise, resolve, reject } = Promise.withResolvers<Flood>();
  thread.once('message', resolve).once('error', reject);
  return {
    stop() {
      thread.postMessage('stop');
      return promise;
    },
  };
}

interface Round {
  readonly idle: Measurement;
  /** The same flood at a path where there is nothing: what the requests alone do to a machine of so many cores. */
  readonly control: Measurement;
  readonly meanwhile: Measurement;
  readonly flood: Flood;
}

/** Idle, then in the flood: each round brings a ratio of its own, as a machine is not the same from minute to minute. */
async function round(target: Target, order: FloodOrder, seconds: number): Promise<Round> {
  const few = { workers: 2, seconds };
  const during = async (sent: FloodOrder) => {
    const running = startFlood(sent);
    // The queue fills first.
    await sleep(1000);
    const found = await measure(tokens, target, few);
    const flood = await running.stop();
    // What waits is served before the next measurement.
    await sleep(1000);
    return { found, flood };
  };
  const idle = await measure(tokens, target, few);
  const { found: control } = await during({ ...order, url: `${originOf(target)}/nothing` });
  const { found: meanwhile, flood } = await during(order);
  return { idle, control, meanwhile, flood };
}

const ratioOf = (slow: Measurement, { idle }: Round): number => slow.p99Ms / idle.p99Ms;

const row = (name: string, found: Measurement): string[] => [
  name,
  found.perSecond.toFixed(1),
  found.p50Ms.toFixed(1),
  found.p99Ms.toFixed(1),
  found.firstError ?? String(found.errors),
];

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const installation = await prepareInstallation(options.storage);
  const server = await startProcess(installation);
  try {
    const client = await createClient(installation, 'Bench');
    await createPeople(installation, client, options.workers);
    const target = await toTarget('tessera', installation, client, server);
    const before = server.memory().nowMb;
    const alone = await measure(signIns, target, options);
    const order = await orderOf(target, options.workers);
    const rounds: Round[] = [];
    for (let count = 0; count < options.rounds; count++)
      rounds.push(await round(target, order, options.seconds));
    const { nowMb, peakMb } = server.memory();
    console.log(
      `Tessera on ${options.storage}, ${availableParallelism()} cores, ${options.seconds} s each; ${FLOOD} connections flood`,
    );
    console.log(
      table([
        ['', '1/s', 'p50 ms', 'p99 ms', 'errors'],
        row('password sign-ins', alone),
        ...rounds.flatMap(({ idle, control, meanwhile }, at) => [
          row(`${at + 1}. token requests, idle`, idle),
          row(`${at + 1}. token requests in a flood of 404s`, control),
          row(`${at + 1}. token requests in the flood`, meanwhile),
        ]),
      ]),
    );
    console.log(`sign-ins per second and core: ${(alone.perSecond / availableParallelism()).toFixed(1)}`);
    const ratios = rounds.map((one) => ratioOf(one.meanwhile, one));
    const controls = rounds.map((one) => ratioOf(one.control, one));
    const listed = (values: readonly number[]): string =>
      `${median(values).toFixed(2)} x idle (median of ${values.map((one) => one.toFixed(2)).join(', ')})`;
    console.log(`p99 in the flood: ${listed(ratios)}; goal ${P99_GOAL}`);
    console.log(`p99 in a flood of as many 404s: ${listed(controls)}`);
    const answers = new Map<number, number>();
    for (const { flood } of rounds)
      for (const [status, count] of flood.answers) answers.set(status, (answers.get(status) ?? 0) + count);
    const retryAfter = rounds.reduce((sum, { flood }) => sum + flood.retryAfter, 0);
    console.log(
      `answers in the floods: ${[...answers].map(([status, count]) => `${count} x ${status}`).join(', ')}; ${retryAfter} of the refusals had Retry-After`,
    );
    console.log(`memory: ${before} MB before, ${nowMb} MB after, ${peakMb} MB at most`);
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
