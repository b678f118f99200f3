/** A thread of `saml.ts`: says how many responses a second samlify makes alone. */
import { parentPort, workerData } from 'node:worker_threads';
import { type AloneOrder, alone } from './samlify-alone.ts';

parentPort?.postMessage(await alone(workerData as AloneOrder));
