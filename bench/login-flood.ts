/** A thread of `logins.ts`: signs in with every connection until told to stop; its own loop, so that it delays no measurement. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { ask, closeConnections } from './http-client.ts';

/** One sign-in of the backend family for each person, as it is sent. */
export interface FloodOrder {
  readonly url: string;
  readonly authorization: string;
  readonly bodies: readonly string[];
  readonly connections: number;
}
export interface Flood {
  readonly answers: ReadonlyMap<number, number>;
  /** 503 answers that say when to come back. */
  readonly retryAfter: number;
}

/** A refused client that comes back at once would measure how fast we refuse; this one is ten times as impatient as it is told to be. */
const PAUSE_MS = 100;

async function flood(order: FloodOrder, isOver: () => boolean): Promise<Flood> {
  const answers = new Map<number, number>();
  let retryAfter = 0;
  const headers = { authorization: order.authorization, 'content-type': 'application/json' };
  const work = async (connection: number): Promise<void> => {
    const body = order.bodies[connection % order.bodies.length] ?? '';
    while (!isOver()) {
      const answer = await ask(order.url, { method: 'POST', headers, body });
      answers.set(answer.status, (answers.get(answer.status) ?? 0) + 1);
      if (answer.status < 400) continue;
      if (answer.status === 503 && answer.headers['retry-after'] !== undefined) retryAfter += 1;
      await sleep(PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: order.connections }, (_, connection) => work(connection)));
  return { answers, retryAfter };
}

let isOver = false;
parentPort?.once('message', () => {
  isOver = true;
});
parentPort?.postMessage(await flood(workerData as FloodOrder, () => isOver));
closeConnections();
