/** Calls the management API the way an automation does: a client_credentials token, then JSON over HTTP. */
import { asDocumented } from './documented.ts';
import type { App } from './start-app.ts';

export interface Answer {
  readonly status: number;
  /** Parsed JSON where the answer is JSON, else the text; undefined when empty. */
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts the shape of what it reads
  readonly body: any;
  readonly headers: Headers;
}

export interface Api {
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  put(path: string, body?: unknown): Promise<Answer>;
  delete(path: string, body?: unknown): Promise<Answer>;
}

/** The answer to any `fetch`. */
export async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  const body = text === '' ? undefined : isJson ? JSON.parse(text) : text;
  return { status: response.status, body, headers: response.headers };
}

/** Posts a form, with HTTP Basic where credentials are given. Pairs instead of an object can repeat a name. */
export async function postForm(
  url: string,
  form: Record<string, string> | [string, string][],
  credentials?: { clientId: string; clientSecret: string },
): Promise<Answer> {
  const pair =
    credentials && [credentials.clientId, credentials.clientSecret].map(encodeURIComponent).join(':');
  const headers = pair ? { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } : {};
  return read(
    await fetch(url, { method: 'POST', body: new URLSearchParams(form), headers, redirect: 'manual' }),
  );
}

/** An access token of these client credentials. @throws Error with the answer when there is none. */
export async function clientToken(
  app: Pick<App, 'url'>,
  credentials: { clientId: string; clientSecret: string },
  parameters: Record<string, string> = {},
): Promise<string> {
  const answer = await postForm(
    `${app.url}/oidc/token`,
    { grant_type: 'client_credentials', ...parameters },
    credentials,
  );
  if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.access_token;
}

/** A token of the bootstrap management application: reaches the whole tenant. */
export const adminToken = (app: Pick<App, 'url' | 'management'>): Promise<string> =>
  clientToken(app, app.management);

/**
 * The API as seen by the bearer of this token; without a token, as seen by a stranger. Paths begin with `/v1`.
 * Every success is held against our own OpenAPI document.
 */
export function api(app: Pick<App, 'url'>, token?: string): Api {
  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await read(
      await fetch(app.url + path, { method, headers, redirect: 'manual', ...content }),
    );
    return asDocumented(method, path, answer);
  };
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
    delete: (path, body) => call('DELETE', path, body),
  };
}
