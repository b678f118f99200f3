/** A thread of `hash-thread.ts`: one question, one reply, in their order, behind everything else that wants the processor. */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { hashSync, verifySync } from '@node-rs/argon2';
import { hashKind, meetsForeign } from './foreign-hash.ts';
import type { HashQuestion, HashReply } from './hash-thread.ts';

// OWASP password storage: Argon2id, 19 MiB, 2 passes, 1 lane. 2 is Argon2id; the package's const enum is not importable here.
const COST = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** On the scale of nice(1): a flood of sign-ins must not take the processor from requests that need no hash. */
const NICE = 15;

/** The kernel's own number of this thread; undefined where there is no Linux to ask. */
function threadNumber(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
}

function answer({ text, password }: HashQuestion): string | boolean {
  if (text === undefined) return hashSync(password, COST);
  return hashKind(text) === 'argon2' ? verifySync(text, password) : meetsForeign(text, password);
}

const thread = threadNumber();
if (thread !== undefined) setPriority(thread, NICE);
parentPort?.on('message', (question: HashQuestion) => {
  parentPort?.postMessage({ at: question.at, answer: answer(question) } satisfies HashReply);
});
