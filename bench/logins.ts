/** `node bench/logins.ts`: password sign-ins per second and core, and what a flood of them does to everything else. */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, closeConnections, expectStatus, postForm } from './http-client.ts';
import { type Measurement, measure } from './load.ts';
import { readOptions } from './options.ts';
import type { Scenario } from './scenarios.ts';
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

/** One sign-in of the backend family: Argon2id with the parameters of OWASP, tokens, a session. */
async function signInStep(target: Target, worker: number): Promise<() => ReturnType<typeof ask>> {
  const { endpoints, client } = target;
  const granted = await postForm(
    endpoints.token_endpoint,
    { grant_type: 'client_credentials' },
    basic(client),
  );
  const { access_token } = JSON.parse(expectStatus(granted, 200, 'Token').body) as { access_token: string };
  const person = target.person(worker);
  const body = JSON.stringify({
    username: person?.identifier,
    username_type: 'email',
    password: person?.password,
  });
  const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' };
  const url = `${originOf(target)}/v1/auth/password/authenticate`;
  return () => ask(url, { method: 'POST', headers, body });
}

const signIns: Scenario = {
  name: 'sign-in',
  comparable: false,
  async prepare(target, worker) {
    const step = await signInStep(target, worker);
    return async () => {
      expectStatus(await step(), 200, 'Sign-in');
    };
  },
};

interface Flood {
  readonly answers: ReadonlyMap<number, number>;
  /** 503 answers that say when to come back. */
  readonly retryAfter: number;
}

/** Signs in with every connection until told to stop. */
function flood(target: Target, workers: number): { stop(): Promise<Flood> } {
  const answers = new Map<number, number>();
  let [retryAfter, isOver] = [0, false];
  const work = async (worker: number): Promise<void> => {
    const step = await signInStep(target, worker % workers);
    while (!isOver) {
      const { status, headers } = await step();
      answers.set(status, (answers.get(status) ?? 0) + 1);
      if (status === 503 && headers['retry-after'] !== undefined) retryAfter += 1;
      // A refused client that comes back at once would measure how fast we refuse.
      if (status === 503) await sleep(100);
    }
  };
  const all = Array.from({ length: FLOOD }, (_, worker) => work(worker));
  return {
    async stop() {
      isOver = true;
      await Promise.all(all);
      return { answers, retryAfter };
    },
  };
}

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
    const few = { workers: 2, seconds: options.seconds };
    const idle = await measure(tokens, target, few);
    const before = server.memory().nowMb;
    const alone = await measure(signIns, target, options);
    const flooding = flood(target, options.workers);
    const meanwhile = await measure(tokens, target, few);
    const { answers, retryAfter } = await flooding.stop();
    const { nowMb, peakMb } = server.memory();
    console.log(
      `Tessera on ${options.storage}, ${availableParallelism()} cores, ${options.seconds} s each; ${FLOOD} connections flood`,
    );
    console.log(
      table([
        ['', '1/s', 'p50 ms', 'p99 ms', 'errors'],
        row('token requests, idle', idle),
        row('password sign-ins', alone),
        row('token requests in the flood', meanwhile),
      ]),
    );
    console.log(`sign-ins per second and core: ${(alone.perSecond / availableParallelism()).toFixed(1)}`);
    const ratio = meanwhile.p99Ms / idle.p99Ms;
    console.log(`p99 in the flood: ${ratio.toFixed(2)} x idle (goal ${P99_GOAL})`);
    console.log(
      `answers in the flood: ${[...answers].map(([status, count]) => `${count} x ${status}`).join(', ')}; ${retryAfter} of the refusals had Retry-After`,
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
