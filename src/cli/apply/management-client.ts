/** Talks to a running Tessera as any automation would: a client_credentials token, then the management API. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Credentials } from './credentials.ts';
import { Faults, onOneLine } from './faults.ts';

type Members = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly body: unknown;
  /** Version of the object, where the server names one. */
  readonly etag?: string;
}

/** The operations that the rest of `apply` needs. Paths begin with `/v1`. @throws Refusal, Faults */
export interface Management {
  get(path: string): Promise<Answer>;
  /** `etag` is the version that the write is meant for (If-Match, RFC 9110 13.1.1). */
  post(path: string, body: Members, etag?: string): Promise<Answer>;
  put(path: string, body: Members, etag?: string): Promise<Answer>;
  delete(path: string, body?: Members, etag?: string): Promise<Answer>;
}

/** The server said no to one call. */
export class Refusal extends Faults {
  readonly status: number;
  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a 412 means to the person who applies. */
export const CHANGED_MEANWHILE =
  'it was changed by somebody else after the plan was made; run the command again for a new plan';

const CALL_TIMEOUT_MS = 60_000;
const TRIES = 5;
const LONGEST_WAIT_SECONDS = 120;
/** A token is renewed when less than this part of its life is left. */
const RENEWAL_PART = 0.2;

export class ManagementClient implements Management {
  readonly #server: URL;
  readonly #credentials: Credentials;
  #token: { readonly value: string; readonly renewAt: number } | undefined;

  constructor(server: URL, credentials: Credentials) {
    this.#server = server;
    this.#credentials = credentials;
  }

  get(path: string): Promise<Answer> {
    return this.#call('GET', path);
  }
  post(path: string, body: Members, etag?: string): Promise<Answer> {
    return this.#call('POST', path, body, etag);
  }
  put(path: string, body: Members, etag?: string): Promise<Answer> {
    return this.#call('PUT', path, body, etag);
  }
  delete(path: string, body?: Members, etag?: string): Promise<Answer> {
    return this.#call('DELETE', path, body, etag);
  }

  async #call(method: string, path: string, body?: Members, etag?: string): Promise<Answer> {
    const send = async (): Promise<Response> =>
      this.#patiently({
        method,
        path,
        headers: {
          authorization: `Bearer ${await this.#bearer()}`,
          accept: 'application/json',
          ...(body && { 'content-type': 'application/json' }),
          ...(etag !== undefined && { 'if-match': etag }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
    let response = await send();
    if (response.status === 401) {
      // Ended early, by a change of keys or of the client: one new token, not more.
      await response.body?.cancel();
      this.#token = undefined;
      response = await send();
    }
    const answer = await readJson(response, `${method} ${path}`);
    if (!response.ok) throw new Refusal(response.status, refusalOf(response.status, answer));
    const version = response.headers.get('etag');
    return { body: answer, ...(version !== null && { etag: version }) };
  }

  async #bearer(): Promise<string> {
    if (this.#token && Date.now() < this.#token.renewAt) return this.#token.value;
    const { clientId, clientSecret } = this.#credentials;
    const pair = [clientId, clientSecret.reveal()].map(encodeURIComponent).join(':');
    const response = await this.#patiently({
      method: 'POST',
      path: '/oidc/token',
      headers: {
        authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    const answer = ((await readJson(response, 'POST /oidc/token')) ?? {}) as Record<string, unknown>;
    if (!response.ok) throw new Faults(tokenRefusal(response.status, answer));
    const lifeMs = Number(answer.expires_in ?? 60) * 1000;
    this.#token = {
      value: String(answer.access_token),
      renewAt: Date.now() + lifeMs * (1 - RENEWAL_PART),
    };
    return this.#token.value;
  }

  /** Waits as long as the server asks where it is busy (429, 503), a few times. */
  async #patiently(call: Call): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.#fetch(call);
      if (![429, 503].includes(response.status) || attempt === TRIES) return response;
      await response.body?.cancel();
      await pause(waitSeconds(response.headers.get('retry-after'), attempt) * 1000);
    }
  }

  async #fetch({ method, path, headers, body }: Call): Promise<Response> {
    const init = {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    } as const;
    try {
      return await fetch(new URL(path, this.#server), body === undefined ? init : { ...init, body });
    } catch (error) {
      throw new Faults(
        `${this.#server.origin} cannot be reached (${causeOf(error)}); is Tessera running there? Name another address with --url.`,
      );
    }
  }
}

/** `Retry-After` in seconds (RFC 9110 10.2.3); without one, longer from time to time. */
export function waitSeconds(header: string | null, attempt: number): number {
  const asked = header === null ? Number.NaN : /^\d+$/.test(header) ? Number(header) : secondsUntil(header);
  return Math.min(Number.isFinite(asked) ? Math.max(asked, 0) : 2 ** (attempt - 1), LONGEST_WAIT_SECONDS);
}

const secondsUntil = (date: string): number => (Date.parse(date) - Date.now()) / 1000;

function causeOf(error: unknown): string {
  const { cause, name, message } = error as Error & { cause?: { code?: string; message?: string } };
  return name === 'TimeoutError'
    ? `no answer in ${CALL_TIMEOUT_MS / 1000} s`
    : (cause?.code ?? cause?.message ?? message);
}

async function readJson(response: Response, call: string): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Faults(
      `${call} was answered with ${response.status} and no JSON; is ${new URL(response.url).origin} the address of a Tessera?`,
    );
  }
}

function tokenRefusal(status: number, answer: Readonly<Record<string, unknown>>): string {
  if (status === 401 || answer.error === 'invalid_client')
    return 'The credentials are wrong: TESSERA_CLIENT_ID and TESSERA_CLIENT_SECRET name no client of this server.';
  return onOneLine(
    `The server gives no token: ${status} ${answer.error ?? ''} ${answer.error_description ?? ''}`.trim(),
  );
}

function refusalOf(status: number, answer: unknown): string {
  if (status === 401) return 'The server does not accept the token that it gave; is the client still there?';
  if (status === 412) return CHANGED_MEANWHILE;
  const message = (answer as { message?: unknown } | undefined)?.message ?? 'no reason given';
  return onOneLine(`${Array.isArray(message) ? message.join('; ') : message} (${status})`);
}
