/** Verifies bcrypt hashes on a thread of its own: here bcrypt is script, and 14 rounds would hold up everybody else for a second. */
import { Worker } from 'node:worker_threads';
import { busy } from '../base/errors.ts';

export interface BcryptQuestion {
  readonly at: number;
  readonly text: string;
  readonly password: string;
}
export interface BcryptReply {
  readonly at: number;
  readonly isRight: boolean;
}
interface Waiting {
  resolve(isRight: boolean): void;
  reject(error: Error): void;
}

const tooMany = () => busy('Too many sign-ins at the moment, please try again', 1);

export class BcryptThread {
  readonly #limit: number;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #asked = 0;

  /** `limit` hashes may be under way; the thread takes them one after the other and is started with the first. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws 503 when too many are waiting, and where the thread was lost */
  verify(text: string, password: string): Promise<boolean> {
    if (this.#waiting.size >= this.#limit) return Promise.reject(tooMany());
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const at = ++this.#asked;
    this.#waiting.set(at, { resolve, reject });
    this.#thread ??= this.#start();
    this.#thread.ref();
    this.#thread.postMessage({ at, text, password } satisfies BcryptQuestion);
    return promise;
  }

  #start(): Worker {
    const thread = new Worker(new URL('./bcrypt-worker.ts', import.meta.url));
    thread.on('message', ({ at, isRight }: BcryptReply) => {
      this.#waiting.get(at)?.resolve(isRight);
      this.#waiting.delete(at);
      // An idle thread does not keep the process alive.
      if (this.#waiting.size === 0) thread.unref();
    });
    thread.on('error', () => this.#lose());
    thread.on('exit', () => this.#lose());
    return thread;
  }

  /** The next question starts another one. */
  #lose(): void {
    this.#thread = undefined;
    for (const { reject } of this.#waiting.values()) reject(tooMany());
    this.#waiting.clear();
  }
}
