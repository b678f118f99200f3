/** `npm run bench`: Tessera and a bare oidc-provider under the same load, in the same run. */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBare } from './bare-target.ts';
import { type Comparison, compare } from './compare.ts';
import { closeConnections } from './http-client.ts';
import { type Options, readOptions } from './options.ts';
import { chooseScenarios } from './scenarios.ts';
import type { ServerProcess } from './server-process.ts';
import { comparisonTable, table } from './table.ts';
import type { Target } from './target.ts';
import {
  createClient,
  createPeople,
  type Installation,
  prepareInstallation,
  startProcess,
  toTarget,
} from './tessera-target.ts';

interface Footprint {
  readonly firstStartMs: number;
  readonly warmStartMs: number;
  readonly idleMb: number;
  loadedMb: number;
  peakMb: number;
}

// Long enough for start-up garbage to be collected or not; the number is what an operator sees.
const SETTLE_MS = 2000;

async function idleMemory(server: ServerProcess): Promise<number> {
  await sleep(SETTLE_MS);
  return server.memory().nowMb;
}

/** First start on nothing, then a second one on what the first left behind. */
async function startTwice(
  installation: Installation,
): Promise<{ server: ServerProcess; footprint: Footprint }> {
  const first = await startProcess(installation);
  await first.stop();
  const server = await startProcess(installation);
  const idleMb = await idleMemory(server);
  return {
    server,
    footprint: {
      firstStartMs: first.startMs,
      warmStartMs: server.startMs,
      idleMb,
      loadedMb: idleMb,
      peakMb: idleMb,
    },
  };
}

function readLoaded(footprint: Footprint, server: ServerProcess): Footprint {
  const { nowMb, peakMb } = server.memory();
  return { ...footprint, loadedMb: nowMb, peakMb };
}

function footprintTable(tessera: Footprint, bare: Footprint, external: boolean): string {
  const row = (name: string, key: keyof Footprint, digits: number, goal: string): string[] => [
    name,
    tessera[key].toFixed(digits),
    bare[key].toFixed(digits),
    goal,
  ];
  return table([
    ['footprint', 'tessera', 'bare', 'goal'],
    row('first start ms', 'firstStartMs', 0, '< 5000'),
    row('warm start ms', 'warmStartMs', 0, '< 1500'),
    row('idle MB', 'idleMb', 0, external ? '< 200' : '-'),
    row('loaded MB', 'loadedMb', 0, '-'),
    row('peak MB', 'peakMb', 0, '-'),
  ]);
}

async function report(
  options: Options,
  scenarios: readonly Comparison[],
  tessera: Footprint,
  bare: Footprint,
): Promise<void> {
  const machine = {
    node: process.version,
    cores: availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
  };
  const { storage, rounds, seconds, workers } = options;
  console.log(
    `\nTessera on ${storage}; medians of ${rounds} rounds of ${seconds} s, ${workers} workers; Node ${machine.node}, ${machine.cores} cores\n`,
  );
  console.log(comparisonTable(scenarios, 'tessera', 'bare'));
  console.log(`\n${footprintTable(tessera, bare, storage !== 'embedded')}`);
  if (options.json === undefined) return;
  const result = {
    at: new Date().toISOString(),
    machine,
    storage,
    rounds,
    seconds,
    workers,
    scenarios,
    footprint: { tessera, bare },
  };
  await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
}

async function runAgainst(bare: Target, installation: Installation, options: Options): Promise<void> {
  const bareIdleMb = await idleMemory(bare.process);
  const { server, footprint } = await startTwice(installation);
  try {
    const client = await createClient(installation, 'Bench');
    await createPeople(installation, client, options.workers);
    const tessera = await toTarget('tessera', installation, client, server);
    const results = await compare(
      chooseScenarios(options.only),
      { subject: tessera, baseline: bare },
      options,
    );
    const { startMs } = bare.process;
    const bareFootprint = {
      firstStartMs: startMs,
      warmStartMs: startMs,
      idleMb: bareIdleMb,
      loadedMb: 0,
      peakMb: 0,
    };
    await report(options, results, readLoaded(footprint, server), readLoaded(bareFootprint, bare.process));
  } finally {
    await server.stop();
  }
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  chooseScenarios(options.only);
  const installation = await prepareInstallation(options.storage);
  try {
    const bare = await startBare();
    await runAgainst(bare, installation, options).finally(() => bare.process.stop());
  } finally {
    await installation.remove();
    closeConnections();
  }
}

// Ctrl-C ends the servers through the exit handler of server-process; a temporary database may be left behind.
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
