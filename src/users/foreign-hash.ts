/** Password hashes that other products made: read into one text, verified within bounds, replaced at the next sign-in. */
import { pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto';
import bcrypt from 'bcryptjs';

/** No hash costs more than this to verify: a bigger one is refused, at the import and at the sign-in. */
const MAX = {
  bcryptRounds: 14,
  iterations: 2_000_000,
  scryptMemory: 128 * 1024 * 1024,
  argonKib: 262_144,
  argonPasses: 12,
};
const MIN_BYTES = 16;
const MAX_BYTES = 128;
const MAX_LENGTH = 1024;

const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const BASE64 = '[A-Za-z0-9+/_-]+={0,2}';
const PBKDF2 = new RegExp(
  `^\\$pbkdf2(?:-(sha1|sha256|sha512))?\\$i=(\\d{1,8})(?:,l=\\d{1,3})?\\$(${BASE64})\\$(${BASE64})$`,
);
const SCRYPT = new RegExp(
  `^\\$scrypt\\$ln=(\\d{1,2}),r=(\\d{1,2}),p=(\\d{1,2})\\$(${BASE64})\\$(${BASE64})$`,
);
// Without a version it is that of 2015 (16).
const ARGON2 =
  /^\$argon2(id|i|d)\$(?:v=(?:16|19)\$)?m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/;

export type HashKind = 'argon2' | 'bcrypt' | 'pbkdf2' | 'scrypt';

/** What kind of hash this text is. Undefined for none that we know, or one that costs too much. */
export function hashKind(text: string): HashKind | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  if (argonFits(text)) return 'argon2';
  if (Number(BCRYPT.exec(text)?.[1] ?? 99) <= MAX.bcryptRounds) return 'bcrypt';
  if (pbkdf2Of(text)) return 'pbkdf2';
  return scryptOf(text) ? 'scrypt' : undefined;
}

function argonFits(text: string): boolean {
  const [, , kib, passes, lanes] = ARGON2.exec(text) ?? [];
  return (
    kib !== undefined &&
    Number(kib) <= MAX.argonKib &&
    Number(passes) <= MAX.argonPasses &&
    Number(kib) * Number(passes) <= MAX.argonKib * 3 &&
    Number(lanes) <= 16
  );
}

interface Derived {
  readonly salt: Buffer;
  readonly expected: Buffer;
}

function derivedOf(salt = '', expected = ''): Derived | undefined {
  const derived = { salt: Buffer.from(salt, 'base64'), expected: Buffer.from(expected, 'base64') };
  const { length } = derived.expected;
  return length >= MIN_BYTES && length <= MAX_BYTES ? derived : undefined;
}

function pbkdf2Of(text: string) {
  const [, digest = 'sha1', iterations, salt, expected] = PBKDF2.exec(text) ?? [];
  const derived = iterations === undefined ? undefined : derivedOf(salt, expected);
  const rounds = Number(iterations);
  return derived && rounds >= 1 && rounds <= MAX.iterations ? { ...derived, digest, rounds } : undefined;
}

function scryptOf(text: string) {
  const [, ln, r, p, salt, expected] = SCRYPT.exec(text) ?? [];
  const derived = ln === undefined ? undefined : derivedOf(salt, expected);
  const cost = { N: 2 ** Number(ln), r: Number(r), p: Number(p) };
  const fits =
    Number(ln) >= 1 && cost.r >= 1 && cost.p >= 1 && 128 * cost.N * cost.r * cost.p <= MAX.scryptMemory;
  return derived && fits ? { ...derived, cost } : undefined;
}

/** True for the password of the hash. Blocks its thread for up to seconds: for `hash-worker.ts` only. */
export function meetsForeign(text: string, password: string): boolean {
  const kind = hashKind(text);
  // 72 bytes of the password count, as when it was set.
  if (kind === 'bcrypt') return bcrypt.compareSync(password, text);
  const scrypted = kind === 'scrypt' ? scryptOf(text) : undefined;
  if (scrypted) {
    const { salt, expected, cost } = scrypted;
    const options = { ...cost, maxmem: 2 * MAX.scryptMemory };
    return timingSafeEqual(scryptSync(password, salt, expected.length, options), expected);
  }
  const stretched = kind === 'pbkdf2' ? pbkdf2Of(text) : undefined;
  if (!stretched) return false;
  const { salt, expected, digest, rounds } = stretched;
  return timingSafeEqual(pbkdf2Sync(password, salt, rounds, expected.length, digest), expected);
}

/** The members of a Keycloak credential of the type `password`. */
export interface KeycloakCredential {
  readonly algorithm: string;
  readonly hashIterations: number;
  /** Base64. */
  readonly salt: string;
  /** Base64. */
  readonly value: string;
  /** Of Argon2: `type`, `version`, `memory`, `parallelism`. */
  readonly additionalParameters?: Readonly<Record<string, readonly string[]>> | undefined;
}

const KEYCLOAK_DIGESTS: Readonly<Record<string, string>> = {
  pbkdf2: 'sha1',
  'pbkdf2-sha256': 'sha256',
  'pbkdf2-sha512': 'sha512',
};

/** The text that we keep. Undefined for an algorithm that we do not know. */
export function fromKeycloak(credential: KeycloakCredential): string | undefined {
  const { algorithm, hashIterations, salt, value } = credential;
  if (algorithm === 'argon2') return argon2OfKeycloak(credential);
  const digest = KEYCLOAK_DIGESTS[algorithm];
  return digest && `$pbkdf2-${digest}$i=${hashIterations}$${salt}$${value}`;
}

/** Since version 24. The texts of Argon2 have no padding. */
function argon2OfKeycloak({
  hashIterations,
  additionalParameters = {},
  ...given
}: KeycloakCredential): string {
  const [type = 'id', version, memory, lanes = '1'] = ['type', 'version', 'memory', 'parallelism'].map(
    (name) => additionalParameters[name]?.[0],
  );
  const [salt, value] = [given.salt, given.value].map((text) => text.replace(/=+$/, ''));
  const v = version === '1.0' ? 16 : 19;
  return `$argon2${type}$v=${v}$m=${memory},t=${hashIterations},p=${lanes}$${salt}$${value}`;
}

/** An Auth0 `custom_password_hash`: a text of a known form, or a derived key beside its salt and parameters. */
export interface Auth0Hash {
  readonly algorithm: string;
  readonly hash: { readonly value: string; readonly encoding?: 'base64' | 'hex' | 'utf8' | undefined };
  readonly salt?:
    | { readonly value: string; readonly encoding?: 'base64' | 'hex' | 'utf8' | undefined }
    | undefined;
  readonly keylen?: number | undefined;
  readonly cost?: number | undefined;
  readonly blockSize?: number | undefined;
  readonly parallelization?: number | undefined;
}

/** The text that we keep. Undefined for what we do not know. */
export function fromAuth0(given: Auth0Hash): string | undefined {
  const { algorithm, hash, salt } = given;
  if (['argon2', 'bcrypt', 'pbkdf2'].includes(algorithm)) return hash.value;
  if (algorithm !== 'scrypt' || !salt) return undefined;
  const ln = Math.log2(given.cost ?? 16_384);
  const base64 = (one: { value: string; encoding?: 'base64' | 'hex' | 'utf8' | undefined }) =>
    Buffer.from(one.value, one.encoding ?? 'utf8').toString('base64');
  const head = `ln=${ln},r=${given.blockSize ?? 8},p=${given.parallelization ?? 1}`;
  return `$scrypt$${head}$${base64(salt)}$${base64(hash)}`;
}
