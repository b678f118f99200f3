/** The thread of `bcrypt-thread.ts`: one question, one reply, in their order. */
import { parentPort } from 'node:worker_threads';
import type { BcryptQuestion, BcryptReply } from './bcrypt-thread.ts';
import { meetsBcrypt } from './foreign-hash.ts';

parentPort?.on('message', ({ at, text, password }: BcryptQuestion) => {
  parentPort?.postMessage({ at, isRight: meetsBcrypt(text, password) } satisfies BcryptReply);
});
