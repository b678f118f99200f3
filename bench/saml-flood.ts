/** A thread of `saml.ts`: asks with every connection until told to stop; its own loop, so that it delays no measurement. */
import { parentPort, workerData } from 'node:worker_threads';
import { ask, closeConnections } from './http-client.ts';
import { SamlBrowser } from './saml-sign-on.ts';
import type { Person } from './target.ts';
import type { SamlClient } from './tessera-target.ts';

export interface SamlFloodOrder {
  readonly client: SamlClient;
  /** One connection for each. */
  readonly people: readonly Person[];
  /** Of the control: what is asked for in place of sign-ons. */
  readonly nothing?: string;
}

async function browserOf(order: SamlFloodOrder, person: Person): Promise<() => Promise<unknown>> {
  const { nothing, client } = order;
  if (nothing !== undefined) return () => ask(nothing);
  const browser = new SamlBrowser(client);
  await browser.signIn(person);
  return () => browser.signOn();
}

let isOver = false;
parentPort?.once('message', () => {
  isOver = true;
});
const order = workerData as SamlFloodOrder;
const steps: (() => Promise<unknown>)[] = [];
for (const person of order.people) steps.push(await browserOf(order, person));
parentPort?.postMessage('ready');
const begin = performance.now();
let count = 0;
const work = async (step: () => Promise<unknown>): Promise<void> => {
  for (; !isOver; count++) await step();
};
await Promise.all(steps.map(work));
parentPort?.postMessage(count / ((performance.now() - begin) / 1000));
closeConnections();
