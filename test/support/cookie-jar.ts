/** The cookies of one origin, keyed by name and path (RFC 6265 as far as one host needs it). */

interface Cookie {
  readonly name: string;
  readonly path: string;
  readonly value: string;
  /** As sent by the server, for tests that look at attributes. */
  readonly header: string;
}

const pathMatches = (cookiePath: string, path: string): boolean =>
  path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);

const defaultPath = (url: URL): string => url.pathname.slice(0, Math.max(1, url.pathname.lastIndexOf('/')));

function isExpired(attributes: ReadonlyMap<string, string>): boolean {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined) return Number(maxAge) <= 0;
  const expires = attributes.get('expires');
  return expires !== undefined && Date.parse(expires) <= Date.now();
}

export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  /** Takes over every `Set-Cookie` of an answer. */
  store(url: URL, headers: Headers): void {
    for (const header of headers.getSetCookie()) this.#set(url, header);
  }

  /** Value of the `Cookie` header for this URL, longest path first. */
  headerFor(url: URL): string {
    return this.#matching(url)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  all(): readonly Cookie[] {
    return [...this.#cookies.values()];
  }

  clear(): void {
    this.#cookies.clear();
  }

  #matching(url: URL): Cookie[] {
    return this.all()
      .filter(({ path }) => pathMatches(path, url.pathname))
      .sort((a, b) => b.path.length - a.path.length);
  }

  #set(url: URL, header: string): void {
    const [pair = '', ...rest] = header.split(';').map((part) => part.trim());
    const attributes = new Map(
      rest.map((part) => splitOnce(part)).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const [name, value] = splitOnce(pair);
    const path = attributes.get('path')?.startsWith('/') ? (attributes.get('path') ?? '/') : defaultPath(url);
    const key = `${name};${path}`;
    if (isExpired(attributes)) this.#cookies.delete(key);
    else this.#cookies.set(key, { name, path, value, header });
  }
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
