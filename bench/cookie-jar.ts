/** The cookies of one browser against one origin: name, path and expiry are honoured, nothing else. */

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

const expiresNow = (attributes: ReadonlyMap<string, string>): boolean => {
  const [maxAge, expires] = [attributes.get('max-age'), attributes.get('expires')];
  if (maxAge !== undefined) return Number(maxAge) <= 0;
  return expires !== undefined && Date.parse(expires) <= Date.now();
};

const covers = (cookiePath: string, path: string): boolean =>
  path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);

export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  /** The Cookie header for a path, or no header at all. */
  header(path: string): Record<string, string> {
    const pairs: string[] = [];
    for (const cookie of this.#cookies.values())
      if (covers(cookie.path, path)) pairs.push(`${cookie.name}=${cookie.value}`);
    return pairs.length > 0 ? { cookie: pairs.join('; ') } : {};
  }

  /** Takes over the Set-Cookie lines of an answer to a request for `path`. */
  store(lines: readonly string[] | undefined, path: string): void {
    for (const line of lines ?? []) this.#storeOne(line, path);
  }

  #storeOne(line: string, requestPath: string): void {
    const [pair = '', ...rest] = line.split(';');
    const equals = pair.indexOf('=');
    if (equals < 1) return;
    const attributes = new Map(
      rest.map((part) => {
        const [key = '', ...value] = part.split('=');
        return [key.trim().toLowerCase(), value.join('=').trim()] as const;
      }),
    );
    const [name, value] = [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
    const path = attributes.get('path') ?? (requestPath.slice(0, requestPath.lastIndexOf('/')) || '/');
    const key = `${name};${path}`;
    if (expiresNow(attributes)) this.#cookies.delete(key);
    else this.#cookies.set(key, { name, value, path });
  }
}
