/** Requests nobody should send, and what every answer to them has to be like. */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { App } from './start-app.ts';

export interface Probe {
  readonly method: string;
  /** Raw, as it goes on the wire. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const TIMEOUT_MS = 15_000;
const SHOWN = 300;

/** What must be in no body: names of libraries, SQL, stacks, paths. */
const LEAKS = [
  /\b(kysely|postgres(ql)?|pg-\w+|pglite|oidc-provider|koa|node_modules|zod|ioredis|redis|argon2|undici|jose)\b/i,
  /\b(select|insert into|update|delete from|from|where) ["\w.]+ (from|where|set|values|=)/i,
  /\bat .{0,80}\(?(file:|node:|\/).{0,200}:\d+/,
  /\bat \//,
  /\/(home|root|usr|tmp|src|var|opt)\//,
  /\b(TypeError|ReferenceError|RangeError|SyntaxError|DatabaseError|AssertionError)\b/,
  /cannot read propert|is not a function|is not iterable|violates .* constraint|Unexpected token/i,
];

export async function send(app: Pick<App, 'url'>, probe: Probe): Promise<Reply> {
  const answer = await fetch(app.url + probe.path, {
    method: probe.method,
    headers: probe.headers ?? {},
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(probe.body !== undefined && { body: probe.body }),
  });
  return {
    status: answer.status,
    type: answer.headers.get('content-type') ?? '',
    text: await answer.text(),
  };
}

/** Writes bytes that no HTTP library would send, and reads until the server closes. */
export function sendRaw(
  app: Pick<App, 'port'>,
  request: string | Uint8Array,
  more: { readonly chunk: string; readonly times: number } = { chunk: '', times: 0 },
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = connect(app.port, '127.0.0.1', async () => {
      socket.write(request);
      // Slowly, so that nothing is under way when the answer comes.
      for (let at = 0; at < more.times && chunks.length === 0 && socket.writable; at++) {
        socket.write(more.chunk);
        await pause(25);
      }
    });
    const chunks: Buffer[] = [];
    const finish = (): void => {
      const [head = '', ...rest] = Buffer.concat(chunks).toString('utf8').split('\r\n\r\n');
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
      resolve({ status, type: /^content-type: (.*)$/im.exec(head)?.[1] ?? '', text: rest.join('\r\n\r\n') });
    };
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('the server neither answered nor closed')));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', finish);
    socket.on('error', (error) => (chunks.length > 0 ? finish() : reject(error)));
  });
}

const isEngine = (path: string): boolean => /^(\/cis)?\/oidc(\/|\?|$)/.test(path);
const isScim = (path: string): boolean => /^(\/cis)?\/scim(\/|\?|$)/.test(path);
const isPage = (path: string): boolean => /^(\/cis)?\/login\//.test(path);

function shapeFault(path: string, { status, type, text }: Reply): string | undefined {
  if (type.startsWith('text/html') && (isEngine(path) || isPage(path))) return undefined;
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(text);
  } catch {
    return 'the error is not JSON';
  }
  const [name, description] = isEngine(path)
    ? ['error', 'error_description']
    : // Headers that are too large are refused before anybody knows the path.
      isScim(path) && status !== 431
      ? ['detail', 'status']
      : ['message', 'error_code'];
  return body?.[name] !== undefined && body[description] !== undefined
    ? undefined
    : `the error has no ${name} or no ${description}`;
}

/** What is wrong with this answer; undefined where it is as it should be. */
export function replyFault(path: string, reply: Reply): string | undefined {
  if (reply.status === 0) return 'there is no answer';
  if (reply.status >= 500) return `the status is ${reply.status}`;
  if (reply.status < 400) return undefined;
  const text = reply.text.replace(/nonce="[^"]*"|nonce-[^']*/g, '');
  const leak = LEAKS.map((pattern) => pattern.exec(text)?.[0]).find(Boolean);
  if (leak !== undefined) return `the body tells about the inside: ${leak}`;
  // RFC 9110 section 9.3.2: an answer to HEAD has no content.
  return reply.text === '' && reply.type === 'HEAD' ? undefined : shapeFault(path, reply);
}

/** Sends every probe, a few at a time. @returns one line for each answer that is not as it should be. */
export async function faultsOf(app: Pick<App, 'url'>, probes: readonly Probe[]): Promise<string[]> {
  const faults: string[] = [];
  const waiting = probes.values();
  const worker = async (): Promise<void> => {
    for (const probe of waiting) {
      const reply = await send(app, probe).catch((error: unknown) => String(error));
      const fault =
        typeof reply === 'string'
          ? reply
          : replyFault(probe.path, probe.method === 'HEAD' ? { ...reply, type: 'HEAD' } : reply);
      if (fault === undefined) continue;
      const said = typeof reply === 'string' ? '' : `${reply.status} ${reply.text.slice(0, SHOWN)}`;
      faults.push(`${describeProbe(probe)}: ${fault}\n    ${said}`);
    }
  };
  await Promise.all(Array.from({ length: 12 }, worker));
  return faults;
}

const describeProbe = ({ method, path, headers, body }: Probe): string =>
  `${method} ${path.slice(0, 120)} ${JSON.stringify(headers ?? {}).slice(0, 160)} ${String(body ?? '').slice(0, 160)}`;

/** Texts that break parsers, databases and prototypes. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff\ud800',
  '__proto__',
  'constructor',
  'toString',
  "' or 1=1 --",
  '%00',
  '%zz',
  '../../etc/passwd',
  '{"$ne":null}',
  '\u202e\ufeff',
  '🎈'.repeat(300),
  'x'.repeat(9000),
];

/** JSON texts of values that a field most likely does not take. */
export const CONFUSED_VALUES: readonly string[] = [
  'null',
  'true',
  '0',
  '-1',
  '1.5',
  '1e999',
  '9007199254740993',
  '[]',
  '[null]',
  '[[[]]]',
  '[{"a":1}]',
  '{}',
  '{"toString":1}',
  '{"length":-1}',
  '"\\u0000"',
  '"\\ud800"',
  '["\\u0000"]',
  '{"a":"\\udfff"}',
  '{"enabled":true}',
  '{"keys":[null]}',
  '{"enabled":true,"jwks":{"keys":[{"kty":"RSA","n":0,"e":{}}]}}',
  JSON.stringify('x'.repeat(9000)),
];

/** Bodies that are no JSON objects, or ones that hurt. */
export const BROKEN_BODIES: readonly (string | Uint8Array<ArrayBuffer>)[] = [
  '{',
  '{"a":1,}',
  'nonsense',
  '"text"',
  '[]',
  '7',
  'null',
  '\ufeff{}',
  '{"__proto__":{"a":1}}',
  '{"a":{"constructor":{"prototype":1}}}',
  '{"a":1,"a":2,"a":[]}',
  '{"name":"a","name":{"b":1},"app_name":1,"app_name":null}',
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  JSON.stringify({ a: 'x'.repeat(300_000) }),
  new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]),
  new Uint8Array([0x00, 0x01, 0x02]),
];

export const CONTENT_TYPES: readonly string[] = [
  'application/json',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'text/plain',
  'application/xml',
  'a/b/c',
  ';',
];
