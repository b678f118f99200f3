/** Requests by hand, for what a well-behaved client library would never send. */
import type { Browser } from './browser.ts';
import { type Answer, adminToken, api } from './management.ts';
import { REDIRECT_URI } from './scene.ts';
import type { App } from './start-app.ts';

export interface Registered {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** One more client of an application. @throws Error with the answer where it is refused. */
export async function addClient(
  app: App,
  appId: string,
  fields: Record<string, unknown> = {},
): Promise<Registered> {
  const admin = api(app, await adminToken(app));
  const { status, body } = await admin.post(`/v1/applications/${appId}/clients`, {
    name: 'Another client',
    redirect_uris: [REDIRECT_URI],
    ...fields,
  });
  if (status !== 201) throw new Error(`no client: ${status} ${JSON.stringify(body)}`);
  return { clientId: body.client_id, clientSecret: body.client_secret };
}

/** An authorization URL with exactly these parameters beside what every request has; an empty value leaves one out. */
export function authorizationUrl(app: App, clientId: string, parameters: Record<string, string> = {}): URL {
  const url = new URL(`${app.issuer}/auth`);
  const all = {
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'openid',
    state: 'af0ifjsldkj',
    ...parameters,
  };
  for (const [name, value] of Object.entries(all)) if (value !== '') url.searchParams.set(name, value);
  return url;
}

/** What the client gets at its redirect URI. @throws Error with the page, where the browser ends at one instead. */
export async function answerOf(browser: Browser, url: URL): Promise<Record<string, string>> {
  const page = await browser.open(url);
  if (page.status !== 0)
    throw new Error(`ended at ${page.url.pathname} (${page.status}):\n${page.html.slice(0, 1500)}`);
  return Object.fromEntries(new URLSearchParams(page.url.search || page.url.hash.slice(1)));
}

/** Any request at all, with its answer as it is. */
export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** Posts a form with headers of the caller's. */
export const send = (
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> => call(url, { method: 'POST', body: new URLSearchParams(form), headers });
