/** `npx node bench/saml.ts`: SAML sign-ons per second with a session, beside samlify alone and RSA alone, and what they do to token requests. */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { closeConnections, expectStatus, postForm } from './http-client.ts';
import { type Measurement, measure } from './load.ts';
import { readOptions } from './options.ts';
import { newIdentity, rsaSignaturesPerSecond } from './rsa-limit.ts';
import type { SamlFloodOrder } from './saml-flood.ts';
import { ACS, SamlBrowser } from './saml-sign-on.ts';
import type { AloneOrder } from './samlify-alone.ts';
import type { Scenario } from './scenarios.ts';
import { median } from './statistics.ts';
import { table } from './table.ts';
import { basic, type Person, type Target } from './target.ts';
import {
  createClient,
  createPeople,
  createSamlClient,
  prepareInstallation,
  type SamlClient,
  startProcess,
  toTarget,
} from './tessera-target.ts';

/** What issue 6 asks for. */
const GOALS = { timesSamlify: 2, p99: 2 };
/** The assertion and the message. */
const SIGNATURES = 2;

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

const personOf = (target: Target, worker: number): Person => {
  const person = target.person(worker);
  if (!person) throw new Error('Nobody can sign in.');
  return person;
};

const signOns = (client: SamlClient): Scenario => ({
  name: 'sign-on',
  comparable: false,
  async prepare(target, worker) {
    const browser = new SamlBrowser(client);
    await browser.signIn(personOf(target, worker));
    return () => browser.signOn();
  },
});

/** On a thread of its own, as nothing else would be measured meanwhile. */
function samlifyAlone(order: AloneOrder): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const thread = new Worker(new URL('./samlify-thread.ts', import.meta.url), { workerData: order });
  thread.once('message', resolve).once('error', reject);
  return promise;
}

/** @returns when every connection has its session; `stop` gives what was answered in a second. */
async function startFlood(order: SamlFloodOrder): Promise<{ stop(): Promise<number> }> {
  const thread = new Worker(new URL('./saml-flood.ts', import.meta.url), { workerData: order });
  const next = (): Promise<unknown> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    thread.once('message', resolve).once('error', reject);
    return promise;
  };
  await next();
  return {
    async stop() {
      const answered = next();
      thread.postMessage('stop');
      return Number(await answered);
    },
  };
}

interface Round {
  readonly rsa: number;
  readonly samlify: number;
  readonly signOns: Measurement;
  readonly idle: Measurement;
  /** As many connections that ask for a path where there is nothing. */
  readonly control: Measurement;
  readonly meanwhile: Measurement;
  readonly flood: number;
}

interface Bench {
  readonly target: Target;
  readonly client: SamlClient;
  readonly alone: AloneOrder;
  readonly workers: number;
  readonly seconds: number;
}

/** One after the other, as near together as can be: a machine is not the same from minute to minute. */
async function round({ target, client, alone, workers, seconds }: Bench): Promise<Round> {
  const few = { workers: 2, seconds };
  const people = Array.from({ length: workers }, (_, worker) => personOf(target, worker));
  const during = async (order: SamlFloodOrder) => {
    const running = await startFlood(order);
    await sleep(500);
    const found = await measure(tokens, target, few);
    const perSecond = await running.stop();
    await sleep(500);
    return { found, perSecond };
  };
  const rsa = await rsaSignaturesPerSecond(seconds);
  const samlify = await samlifyAlone(alone);
  const found = await measure(signOns(client), target, { workers, seconds });
  const idle = await measure(tokens, target, few);
  const nothing = `${new URL(client.sso_url).origin}/nothing`;
  const { found: control } = await during({ client, people, nothing });
  const { found: meanwhile, perSecond: flood } = await during({ client, people });
  return { rsa, samlify, signOns: found, idle, control, meanwhile, flood };
}

const row = (name: string, found: Measurement): string[] => [
  name,
  found.perSecond.toFixed(1),
  found.p50Ms.toFixed(1),
  found.p99Ms.toFixed(1),
  found.firstError ?? String(found.errors),
];
const rateRow = (name: string, perSecond: number): string[] => [name, perSecond.toFixed(1), '', '', ''];

const rowsOf = (one: Round, at: number): string[][] => [
  rateRow(`${at + 1}. RSA-2048 signatures of one core (openssl speed)`, one.rsa),
  rateRow(`${at + 1}. samlify alone`, one.samlify),
  row(`${at + 1}. sign-ons with a session`, one.signOns),
  row(`${at + 1}. token requests, idle`, one.idle),
  row(`${at + 1}. token requests in a flood of 404s`, one.control),
  row(`${at + 1}. token requests while SAML runs flat out (${one.flood.toFixed(0)}/s)`, one.meanwhile),
];

function say(what: string, values: readonly number[], goal = ''): void {
  const all = values.map((value) => value.toFixed(2)).join(', ');
  console.log(`${what}: ${median(values).toFixed(2)} (median of ${all})${goal}`);
}

function report(rounds: readonly Round[]): void {
  console.log(table([['', '1/s', 'p50 ms', 'p99 ms', 'errors'], ...rounds.flatMap(rowsOf)]));
  say(
    'sign-ons as a multiple of samlify alone',
    rounds.map((one) => one.signOns.perSecond / one.samlify),
    `; goal ${GOALS.timesSamlify}`,
  );
  say(
    'share of the RSA limit of one core, at two signatures for each',
    rounds.map((one) => (SIGNATURES * one.signOns.perSecond) / one.rsa),
  );
  say(
    'token p99 while SAML runs flat out, as a multiple of idle',
    rounds.map((one) => one.meanwhile.p99Ms / one.idle.p99Ms),
    `; goal ${GOALS.p99}`,
  );
  say(
    'the same in a flood of 404s',
    rounds.map((one) => one.control.p99Ms / one.idle.p99Ms),
  );
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const installation = await prepareInstallation(options.storage);
  const server = await startProcess(installation);
  try {
    const application = await createClient(installation, 'Bench');
    await createPeople(installation, application, options.workers);
    const client = await createSamlClient(installation, application, {
      sp_entity_id: 'https://sp.bench.example/metadata',
      sp_acs_url: ACS,
      default_custom_claims: ['email'],
    });
    const target = await toTarget('tessera', installation, application, server);
    const { workers, seconds } = options;
    const alone = { ...(await newIdentity()), seconds };
    const rounds: Round[] = [];
    for (let count = 0; count < options.rounds; count++)
      rounds.push(await round({ target, client, alone, workers, seconds }));
    console.log(
      `Tessera on ${options.storage}, ${availableParallelism()} cores, ${workers} connections, ${seconds} s each`,
    );
    report(rounds);
    const { nowMb, peakMb } = server.memory();
    console.log(`memory: ${nowMb.toFixed(0)} MB after, ${peakMb.toFixed(0)} MB at most`);
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
