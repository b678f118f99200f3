/** A browser without script over fetch: keeps cookies, follows redirects within one origin, reads and submits forms. */
import { CookieJar } from './cookie-jar.ts';
import type { App } from './start-app.ts';

export interface Form {
  readonly action: URL;
  readonly method: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Where the browser stands: a page of the application, or an address outside of it that it did not open. */
export interface Page {
  readonly url: URL;
  /** 0 for an address outside of the application. */
  readonly status: number;
  readonly html: string;
  readonly headers: Headers;
  readonly forms: readonly Form[];
}

const MAX_REDIRECTS = 20;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const decode = (text: string): string =>
  text.replace(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      return String.fromCodePoint(hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal));
    },
  );

function attributesOf(tag: string): Map<string, string> {
  const pairs = tag
    .replace(/^<\w+/, '')
    .matchAll(/([^\s=/>"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g);
  return new Map([...pairs].map(([, name = '', a, b, c]) => [name.toLowerCase(), decode(a ?? b ?? c ?? '')]));
}

function readForm(open: string, inside: string, page: URL): Form {
  const form = attributesOf(open);
  const inputs = [...inside.matchAll(/<input\b[^>]*>/gi)].map(([tag]) => attributesOf(tag));
  const sent = inputs.filter(
    (input) => input.has('name') && !/^(submit|button|image)$/.test(input.get('type') ?? ''),
  );
  const ticked = sent.filter(
    (input) => !/^(checkbox|radio)$/.test(input.get('type') ?? '') || input.has('checked'),
  );
  return {
    action: new URL(form.get('action') || page.href, page),
    method: (form.get('method') ?? 'get').toUpperCase(),
    fields: Object.fromEntries(ticked.map((input) => [input.get('name'), input.get('value') ?? ''])),
  };
}

export const formsOf = (html: string, page: URL): Form[] =>
  [...html.matchAll(/(<form\b[^>]*>)([\s\S]*?)<\/form>/gi)].map(([, open = '', inside = '']) =>
    readForm(open, inside, page),
  );

export class Browser {
  readonly cookies = new CookieJar();
  readonly #origins: ReadonlySet<string>;
  readonly #at: string;

  /** `url` of the process to talk to; addresses below the issuer's origin are fetched from it as well. */
  constructor(app: Pick<App, 'url' | 'issuer'>) {
    this.#at = app.url;
    this.#origins = new Set([new URL(app.url).origin, new URL(app.issuer).origin]);
  }

  /** Opens a URL and follows redirects until a page, or an address outside of the application. */
  open(url: string | URL): Promise<Page> {
    return this.#request(new URL(url, this.#at), 'GET');
  }

  /** Follows redirects until the next address would be one whose path ends so. @throws Error where a page comes first */
  async upTo(url: string | URL, suffix: string): Promise<URL> {
    let next = new URL(url, this.#at);
    for (let hop = 0; hop < MAX_REDIRECTS && !next.pathname.endsWith(suffix); hop++) {
      const { headers, status } = await this.#fetch(next, 'GET', undefined);
      const location = headers.get('location');
      if (location === null) throw new Error(`no redirect to ${suffix} at ${next.pathname} (${status})`);
      next = new URL(location, next);
    }
    return next;
  }

  /** Fills in and sends a form as a browser does on submit. */
  submit(form: Form, values: Readonly<Record<string, string>> = {}): Promise<Page> {
    const fields = new URLSearchParams({ ...form.fields, ...values });
    if (form.method === 'POST') return this.#request(form.action, 'POST', fields);
    const url = new URL(form.action);
    url.search = fields.toString();
    return this.#request(url, 'GET');
  }

  async #request(start: URL, method: string, body?: URLSearchParams): Promise<Page> {
    let [url, verb, content] = [start, method, body];
    for (let hop = 0; hop < MAX_REDIRECTS; hop++) {
      if (!this.#origins.has(url.origin))
        return { url, status: 0, html: '', headers: new Headers(), forms: [] };
      const response = await this.#fetch(url, verb, content);
      const location = response.headers.get('location');
      if (location === null || response.status < 300 || response.status > 399)
        return this.#page(url, response);
      await response.arrayBuffer();
      url = new URL(location, url);
      // 307 and 308 repeat the request, all others become a GET.
      if (response.status < 307) [verb, content] = ['GET', undefined];
    }
    throw new Error(`more than ${MAX_REDIRECTS} redirects from ${start.pathname}`);
  }

  async #fetch(url: URL, method: string, body: URLSearchParams | undefined): Promise<Response> {
    const headers: Record<string, string> = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' };
    const cookie = this.cookies.headerFor(url);
    if (cookie) headers.cookie = cookie;
    if (method === 'POST') headers.origin = url.origin;
    const target = new URL(url.pathname + url.search, this.#at);
    const response = await fetch(target, { method, headers, redirect: 'manual', ...(body && { body }) });
    this.cookies.store(url, response.headers);
    return response;
  }

  async #page(url: URL, response: Response): Promise<Page> {
    const html = await response.text();
    return { url, status: response.status, html, headers: response.headers, forms: formsOf(html, url) };
  }
}

/** The sign-in form of a page. @throws Error with the page when there is none. */
export function signInForm(page: Page): Form {
  const form = page.forms.find(({ fields }) => 'identifier' in fields && 'password' in fields);
  if (!form)
    throw new Error(`no sign-in form at ${page.url.pathname} (${page.status}):\n${page.html.slice(0, 2000)}`);
  return form;
}

/**
 * Opens the authorization URL, signs in on the hosted page where it appears (a session makes that silent), and returns
 * the URL at which the client gets its answer. @throws Error with the page at which the way ended instead.
 */
export async function signIn(
  app: Pick<App, 'url' | 'issuer'>,
  authorizationUrl: string | URL,
  identifier: string,
  password: string,
  browser = new Browser(app),
): Promise<URL> {
  const request = new URL(authorizationUrl);
  const page = await browser.open(request);
  if (page.status === 0) return page.url;
  const after = await browser.submit(signInForm(page), { identifier, password });
  if (after.status === 0) return after.url;
  throw new Error(`sign-in ended at ${after.url.pathname} (${after.status}):\n${after.html.slice(0, 2000)}`);
}
