/** Remembers every secret that crosses the wire while the flows of a test run. */

const SECRET_NAMES =
  /^(password|client_secret|code|code_verifier|refresh_token|access_token|id_token|token|client_assertion|request_uri|csrf|xsrf)$/;
/** Shorter values would be found by chance. */
const MIN_LENGTH = 8;

export class SecretRecorder {
  readonly #secrets = new Map<string, string>();
  readonly #kinds = new Set<string>();
  readonly #fetch = globalThis.fetch;

  /** Lets everything go through this recorder from now on, openid-client included. */
  start(): void {
    globalThis.fetch = async (input, init) => {
      this.#request(input, init);
      const answer = await this.#fetch(input, init);
      await this.#answer(answer.clone());
      return answer;
    };
  }

  stop(): void {
    globalThis.fetch = this.#fetch;
  }

  add(kind: string, value: string | null | undefined): void {
    if (!value || value.length < MIN_LENGTH) return;
    this.#secrets.set(value, kind);
    this.#kinds.add(kind);
  }

  /** Kinds of secrets seen so far, such as `request code_verifier`. */
  kinds(): Set<string> {
    return this.#kinds;
  }

  /** What of all this stands in the text. */
  foundIn(text: string): string[] {
    return [...this.#secrets]
      .filter(([value]) => text.includes(value))
      .map(([value, kind]) => `${kind}: ${value}`);
  }

  #request(input: Parameters<typeof fetch>[0], init: RequestInit | undefined): void {
    const request = input instanceof Request ? input : new Request(input, { ...init, body: null });
    const authorization = request.headers.get('authorization') ?? '';
    const [scheme = '', credentials = ''] = authorization.split(' ');
    this.add(`request ${scheme}`, credentials);
    if (scheme === 'Basic')
      this.add('request Basic secret', Buffer.from(credentials, 'base64').toString().split(':')[1]);
    for (const part of (new Headers(init?.headers).get('cookie') ?? '').split('; ')) {
      const [name = '', ...value] = part.split('=');
      this.add(`cookie ${name}`, value.join('='));
    }
    this.#parameters('request', new URL(request.url).searchParams);
    const { body } = init ?? {};
    if (body instanceof URLSearchParams) this.#parameters('request', body);
    else if (typeof body === 'string') this.#text(body);
  }

  async #answer(answer: Response): Promise<void> {
    for (const header of answer.headers.getSetCookie()) {
      const [name = '', value] = header.split(';')[0]?.split('=') ?? [];
      this.add(`cookie ${name}`, value);
    }
    const location = answer.headers.get('location');
    if (location) this.#parameters('redirect', new URL(location, answer.url).searchParams);
    if (/json/.test(answer.headers.get('content-type') ?? '')) this.#members('answer', await answer.json());
  }

  #parameters(where: string, parameters: URLSearchParams): void {
    for (const [name, value] of parameters) if (SECRET_NAMES.test(name)) this.add(`${where} ${name}`, value);
  }

  /** JSON, or what was meant to be JSON. */
  #text(text: string): void {
    for (const [, name = '', value] of text.matchAll(/"(\w+)"\s*:\s*"([^"]*)/g))
      if (SECRET_NAMES.test(name)) this.add(`request ${name}`, value);
  }

  #members(where: string, value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === 'string' && SECRET_NAMES.test(name)) this.add(`${where} ${name}`, member);
      this.#members(where, member);
    }
  }
}
