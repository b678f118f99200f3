/** The browser's and the relying party's side of the code flow with PKCE. */
import { hash, randomBytes } from 'node:crypto';
import { CookieJar } from './cookie-jar.ts';
import { findLoginForm } from './form.ts';
import { type Answer, ask, expectStatus, postForm } from './http-client.ts';
import { basic, type ClientCredentials, type Person, REDIRECT_URI, type Target } from './target.ts';

export interface Tokens {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token?: string;
}

export interface Browser {
  readonly jar: CookieJar;
  readonly person: Person | undefined;
}

export const newBrowser = (person: Person | undefined): Browser => ({ jar: new CookieJar(), person });

const MAX_HOPS = 10;

async function visit(url: URL, { jar }: Browser, form?: Readonly<Record<string, string>>): Promise<Answer> {
  const headers = { accept: 'text/html', ...jar.header(url.pathname) };
  const answer = form
    ? await postForm(url.href, form, { ...headers, origin: url.origin, 'sec-fetch-site': 'same-origin' })
    : await ask(url.href, { headers });
  jar.store(answer.headers['set-cookie'], url.pathname);
  return answer;
}

/** Fills in the sign-in form that a page shows. */
function submit(answer: Answer, url: URL, browser: Browser): Promise<Answer> {
  const form = answer.status === 200 ? findLoginForm(answer.body) : undefined;
  if (!form || !browser.person)
    throw new Error(
      `No redirect and no sign-in form at ${url.pathname}: ${answer.status} ${answer.body.slice(0, 300)}`,
    );
  return visit(new URL(form.action, url), browser, { ...form.fields, ...browser.person });
}

/** Follows redirects, signing in once where asked, until the server sends the browser back with a code. */
async function authorize(start: URL, browser: Browser): Promise<string> {
  let [url, signedIn] = [start, false];
  let answer = await visit(url, browser);
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const { location } = answer.headers;
    if (location?.startsWith(REDIRECT_URI)) return codeIn(location);
    if (location !== undefined) {
      url = new URL(location, url);
      answer = await visit(url, browser);
    } else if (!signedIn) {
      signedIn = true;
      answer = await submit(answer, url, browser);
    } else throw new Error(`The sign-in was refused: ${answer.status} ${answer.body.slice(0, 300)}`);
  }
  throw new Error(`No code after ${MAX_HOPS} redirects; the last one was to ${url.pathname}.`);
}

function codeIn(location: string): string {
  const query = new URL(location).searchParams;
  const code = query.get('code');
  if (code) return code;
  throw new Error(`Refused: ${query.get('error')} ${query.get('error_description')}`);
}

/** One whole code flow: authorization request, redirects, token request. Silent when the browser has a session. */
export async function runCodeFlow(
  { endpoints }: Target,
  client: ClientCredentials,
  browser: Browser,
  request: Readonly<Record<string, string>> = { scope: 'openid' },
): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(endpoints.authorization_endpoint);
  const parameters = {
    client_id: client.id,
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    state: randomBytes(8).toString('base64url'),
    code_challenge: hash('sha256', verifier, 'base64url'),
    code_challenge_method: 'S256',
    ...request,
  };
  url.search = new URLSearchParams(parameters).toString();
  const code = await authorize(url, browser);
  const grant = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: verifier,
  };
  const answer = await postForm(endpoints.token_endpoint, grant, basic(client));
  return JSON.parse(expectStatus(answer, 200, 'Code exchange').body) as Tokens;
}
