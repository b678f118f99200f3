/** Turns environment variables into one frozen Config, and reports every fault at once. */
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import type { LogLevel } from '../base/logger.ts';
import { Secret } from '../base/secrets.ts';
import { type MessagesConfig, readMessages } from './messages.ts';
import { type MutualTls, readMutualTls } from './mutual-tls.ts';

export interface Bootstrap {
  readonly adminEmail?: string;
  readonly adminPassword?: Secret;
  readonly clientId?: string;
  readonly clientSecret?: Secret;
}

export interface Config {
  readonly port: number;
  readonly host: string;
  /** Origin people and clients use, without a trailing slash. */
  readonly publicUrl: URL;
  /** Undefined means the embedded database under `dataDir`. */
  readonly databaseUrl?: Secret;
  readonly databasePoolMax: number;
  /** Undefined means that Postgres keeps short-lived state. */
  readonly redisUrl?: Secret;
  readonly dataDir: string;
  readonly keysDir: string;
  /** 32 bytes, base64url. Undefined means: made on first start in `keysDir`. */
  readonly masterKey?: Secret;
  readonly trustedProxies: readonly string[];
  /** Hosts at internal addresses that URLs of clients and certificates may name all the same. */
  readonly allowedInternalHosts: readonly string[];
  readonly mutualTls: MutualTls;
  readonly messages: MessagesConfig;
  /** Whom the server may call because a client wants it to. */
  /** A development machine: clients may be called wherever they are. */
  readonly isLocal: boolean;
  /** Folder with the list of breached passwords, one file per hash prefix. */
  readonly breachedPasswordsDir?: string;
  /** Failed sign-ins from one address within 15 minutes; 0 for no limit. */
  readonly failuresPerAddress: number;
  /** Sign-ups that one address of the network may begin within an hour; 0 for no limit. */
  readonly signUpsPerAddress: number;
  /** Passkey ceremonies that one address of the network may begin at the API within a minute; 0 for no limit. */
  readonly passkeyStartsPerAddress: number;
  readonly logLevel: LogLevel;
  readonly production: boolean;
  readonly bootstrap: Bootstrap;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** All faults of the environment, one sentence each. */
export class ConfigError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const LOCAL_HOSTS = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const CLIENT_CREDENTIAL = /^[\w.~-]{8,50}$/;

class Reader {
  readonly faults: string[] = [];
  readonly #env: Environment;
  constructor(env: Environment) {
    this.#env = env;
  }

  text(name: string): string | undefined {
    const value = this.#env[name]?.trim();
    return value === '' ? undefined : value;
  }

  secret(name: string): Secret | undefined {
    const [value, file] = [this.text(name), this.text(`${name}_FILE`)];
    if (value !== undefined && file !== undefined)
      this.fault(`${name} and ${name}_FILE are both set; keep one of them.`);
    if (value !== undefined) return new Secret(value);
    if (file === undefined) return undefined;
    try {
      return new Secret(readFileSync(file, 'utf8').trim());
    } catch (error) {
      this.fault(
        `${name}_FILE names a file that cannot be read (${(error as NodeJS.ErrnoException).code}); check path and permissions.`,
      );
      return undefined;
    }
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    this.fault(`${name} must be a whole number from ${min} to ${max}, not "${text}".`);
    return fallback;
  }

  url(name: string, text: string | undefined, schemes: readonly string[]): URL | undefined {
    if (text === undefined) return undefined;
    const url = URL.parse(text);
    if (url && schemes.includes(url.protocol.slice(0, -1))) return url;
    this.fault(
      `${name} must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}.`,
    );
    return undefined;
  }

  /** Separated by commas. */
  list(name: string): string[] {
    return (this.text(name) ?? '')
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean);
  }

  /** A folder that is there already. */
  folder(name: string): string | undefined {
    const path = this.text(name);
    if (path !== undefined && !statSync(path, { throwIfNoEntry: false })?.isDirectory())
      this.fault(`${name} must name a folder that exists and can be read; check path and permissions.`);
    return path;
  }

  fault(sentence: string): void {
    this.faults.push(sentence);
  }
}

function readPublicUrl(read: Reader, port: number, production: boolean): URL {
  const fallback = new URL(`http://localhost:${port}`);
  const url = read.url('PUBLIC_URL', read.text('PUBLIC_URL'), ['https', 'http']) ?? fallback;
  if (url.pathname !== '/' || url.search || url.hash || url.username)
    read.fault(
      'PUBLIC_URL must be an origin only, such as https://id.example.com, without path, query or credentials.',
    );
  if (production && url.protocol === 'http:' && !LOCAL_HOSTS.test(url.hostname))
    read.fault('PUBLIC_URL must begin with https:// in production; only localhost may use plain http.');
  return url;
}

function readMasterKey(read: Reader, production: boolean): Secret | undefined {
  const key = read.secret('MASTER_KEY');
  if (key === undefined && production)
    read.fault(
      'MASTER_KEY (or MASTER_KEY_FILE) must be set in production: 32 random bytes as base64url, e.g. from "openssl rand -base64 32 | tr +/ -_ | tr -d =".',
    );
  if (key !== undefined && !/^[\w-]{43}$/.test(key.reveal()))
    read.fault('MASTER_KEY must be 32 bytes written as base64url (43 characters).');
  return key;
}

function readProxies(read: Reader): string[] {
  const entries = read.list('TRUSTED_PROXIES');
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address);
    if (!family || (bits !== undefined && !(/^\d+$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))))
      read.fault(
        `TRUSTED_PROXIES must list IP addresses or networks such as 10.0.0.0/8; "${entry}" is neither.`,
      );
  }
  return entries;
}

/** As `URL.hostname` writes them, which is what they are compared with. */
function readInternalHosts(read: Reader): string[] {
  return read.list('ALLOWED_INTERNAL_HOSTS').flatMap((entry) => {
    const host = URL.parse(`http://${isIP(entry) === 6 ? `[${entry}]` : entry}/`);
    if (host && host.href === `http://${host.hostname}/`) return [host.hostname];
    read.fault(
      `ALLOWED_INTERNAL_HOSTS must list names or addresses such as ocsp.internal, without scheme, port and path; "${entry}" is neither.`,
    );
    return [];
  });
}

function readBootstrap(read: Reader): Bootstrap {
  const [adminEmail, adminPassword] = [
    read.text('BOOTSTRAP_ADMIN_EMAIL'),
    read.secret('BOOTSTRAP_ADMIN_PASSWORD'),
  ];
  const [clientId, clientSecret] = [read.text('BOOTSTRAP_CLIENT_ID'), read.secret('BOOTSTRAP_CLIENT_SECRET')];
  if (adminEmail !== undefined && !/^[^@\s]+@[^@\s]+$/.test(adminEmail))
    read.fault('BOOTSTRAP_ADMIN_EMAIL is not an e-mail address.');
  if (adminPassword && adminPassword.reveal().length < 8)
    read.fault('BOOTSTRAP_ADMIN_PASSWORD must have at least 8 characters.');
  if (clientId !== undefined && !CLIENT_CREDENTIAL.test(clientId))
    read.fault('BOOTSTRAP_CLIENT_ID must have 8 to 50 characters out of letters, digits and -._~');
  if (clientSecret && !/^[\w.~-]{16,50}$/.test(clientSecret.reveal()))
    read.fault('BOOTSTRAP_CLIENT_SECRET must have 16 to 50 characters out of letters, digits and -._~');
  return {
    ...(adminEmail !== undefined && { adminEmail }),
    ...(adminPassword && { adminPassword }),
    ...(clientId !== undefined && { clientId }),
    ...(clientSecret && { clientSecret }),
  };
}

/** @throws ConfigError with one sentence for every fault found. */
export function readConfig(env: Environment): Config {
  const read = new Reader(env);
  const production = env.NODE_ENV === 'production';
  const port = read.integer('PORT', 3000, 1, 65_535);
  const logLevel = read.text('LOG_LEVEL') ?? 'info';
  if (!LOG_LEVELS.includes(logLevel))
    read.fault(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, not "${logLevel}".`);
  const databaseUrl = read.secret('DATABASE_URL');
  read.url('DATABASE_URL', databaseUrl?.reveal(), ['postgres', 'postgresql']);
  const redisUrl = read.secret('REDIS_URL');
  read.url('REDIS_URL', redisUrl?.reveal(), ['redis', 'rediss']);
  const masterKey = readMasterKey(read, production);
  const publicUrl = readPublicUrl(read, port, production);
  const trustedProxies = readProxies(read);
  const breachedPasswordsDir = read.folder('BREACHED_PASSWORDS_DIR');
  const config: Config = {
    port,
    host: read.text('HOST') ?? '127.0.0.1',
    publicUrl,
    ...(databaseUrl && { databaseUrl }),
    databasePoolMax: read.integer('DATABASE_POOL_MAX', 20, 1, 1000),
    ...(redisUrl && { redisUrl }),
    dataDir: read.text('DATA_DIR') ?? './data',
    keysDir: read.text('KEYS_DIR') ?? './keys',
    ...(masterKey && { masterKey }),
    trustedProxies,
    allowedInternalHosts: readInternalHosts(read),
    mutualTls: readMutualTls(read, { port, publicUrl, trustedProxies }),
    messages: readMessages(read, production),
    isLocal: LOCAL_HOSTS.test(publicUrl.hostname),
    ...(breachedPasswordsDir !== undefined && { breachedPasswordsDir }),
    failuresPerAddress: read.integer('SIGN_IN_FAILURES_PER_ADDRESS', 100, 0, 1_000_000),
    signUpsPerAddress: read.integer('SIGN_UPS_PER_ADDRESS', 20, 0, 1_000_000),
    passkeyStartsPerAddress: read.integer('PASSKEY_STARTS_PER_ADDRESS', 300, 0, 1_000_000),
    logLevel: logLevel as LogLevel,
    production,
    bootstrap: readBootstrap(read),
  };
  if (read.faults.length > 0) throw new ConfigError(read.faults);
  return Object.freeze(config);
}
