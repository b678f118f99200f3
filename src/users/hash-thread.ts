/** Makes and verifies password hashes on a thread of its own: each takes a processor for tens of milliseconds or more. */
import { Worker } from 'node:worker_threads';
import { busy } from '../base/errors.ts';

export interface HashQuestion {
  readonly at: number;
  readonly password: string;
  /** Is this the password of the hash? Absent: make a hash of it. */
  readonly text?: string;
}
export interface HashReply {
  readonly at: number;
  readonly answer: string | boolean;
}
interface Waiting {
  resolve(answer: string | boolean): void;
  reject(error: Error): void;
}

export const tooManySignIns = () => busy('Too many sign-ins at the moment, please try again', 1);

export class HashThread {
  readonly #limit: number;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #asked = 0;

  /** `limit` hashes may be under way; the thread takes them one after the other and is started with the first. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws 503 when too many are waiting, and where the thread was lost */
  async hash(password: string): Promise<string> {
    return String(await this.#ask({ password }));
  }

  /** @throws as `hash` */
  async verify(text: string, password: string): Promise<boolean> {
    return (await this.#ask({ text, password })) === true;
  }

  #ask(question: Omit<HashQuestion, 'at'>): Promise<string | boolean> {
    if (this.#waiting.size >= this.#limit) return Promise.reject(tooManySignIns());
    const { promise, resolve, reject } = Promise.withResolvers<string | boolean>();
    const at = ++this.#asked;
    this.#waiting.set(at, { resolve, reject });
    this.#thread ??= this.#start();
    this.#thread.ref();
    this.#thread.postMessage({ ...question, at } satisfies HashQuestion);
    return promise;
  }

  #start(): Worker {
    const thread = new Worker(new URL('./hash-worker.ts', import.meta.url));
    thread.on('message', ({ at, answer }: HashReply) => {
      this.#waiting.get(at)?.resolve(answer);
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
    for (const { reject } of this.#waiting.values()) reject(tooManySignIns());
    this.#waiting.clear();
  }
}
