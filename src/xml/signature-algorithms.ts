/** Which signatures are taken and made, and the key that each of them needs. Nothing with SHA-1, no HMAC, no "none". */
import { type KeyObject, sign, verify, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';

/** RFC 9231 sections 2.3.2 to 2.3.4 and 2.3.6. */
export const SIGNATURE_ALGORITHMS = {
  'rsa-sha256': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'rsa-sha384': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384',
  'rsa-sha512': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'ecdsa-sha256': 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
  'ecdsa-sha384': 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384',
  'ecdsa-sha512': 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512',
} as const;
export type SignatureAlgorithm = keyof typeof SIGNATURE_ALGORITHMS;

export const HASHES = ['sha256', 'sha384', 'sha512'] as const;
export type Hash = (typeof HASHES)[number];
export const DIGESTS: Readonly<Record<Hash, string>> = {
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
};

const MIN_RSA_BITS = 2048;
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const ALL: readonly SignatureAlgorithm[] = [
  'rsa-sha256',
  'rsa-sha384',
  'rsa-sha512',
  'ecdsa-sha256',
  'ecdsa-sha384',
  'ecdsa-sha512',
];

/** A signature that is not believed; says which check failed, what was expected and what was there. Safe to show. */
export class SignatureFault extends Error {
  override readonly name = 'SignatureFault';
}

export const hashOf = (algorithm: SignatureAlgorithm): Hash =>
  HASHES.find((hash) => algorithm.endsWith(hash)) ?? 'sha256';
const keyTypeOf = (algorithm: SignatureAlgorithm): 'rsa' | 'ec' =>
  algorithm.startsWith('rsa') ? 'rsa' : 'ec';

/** What was received, cut and cleaned so that it can stand in a sentence. */
export const quoted = (received: string | undefined): string =>
  received === undefined ? 'nothing' : `"${received.replace(/[^\x20-\x7e]/g, '?').slice(0, 100)}"`;

/** @throws SignatureFault for everything that is not in the list. */
export function algorithmOf(uri: string | undefined): SignatureAlgorithm {
  const found = ALL.find((name) => SIGNATURE_ALGORITHMS[name] === uri);
  if (!found)
    throw new SignatureFault(
      `signature algorithm: expected one of ${ALL.join(', ')}, received ${quoted(uri)}`,
    );
  return found;
}

/** Says what is wrong with a key for this algorithm; undefined where nothing is. */
function weaknessOf(key: KeyObject, algorithm: SignatureAlgorithm): string | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type !== keyTypeOf(algorithm))
    return `${algorithm} needs a key of type ${keyTypeOf(algorithm)}, not ${type}`;
  if (type === 'rsa' && (details?.modulusLength ?? 0) < MIN_RSA_BITS)
    return `an RSA key needs at least ${MIN_RSA_BITS} bits, not ${details?.modulusLength}`;
  if (type === 'ec' && !CURVES.includes(details?.namedCurve ?? ''))
    return `an EC key needs the curve P-256, P-384 or P-521, not ${details?.namedCurve}`;
  return undefined;
}

/**
 * The public keys of the certificates that can have made such a signature.
 * @throws SignatureFault where there is none, and why.
 */
export function keysFor(algorithm: SignatureAlgorithm, certificates: readonly string[]): KeyObject[] {
  if (certificates.length === 0)
    throw new SignatureFault('certificate: expected a registered one, but none is registered');
  const keys = certificates.map(publicKeyOf);
  const weaknesses = keys.map((key) => weaknessOf(key, algorithm));
  const strong = keys.filter((_key, at) => weaknesses[at] === undefined);
  if (strong.length === 0) throw new SignatureFault(`registered certificate: ${weaknesses[0]}`);
  return strong;
}

function publicKeyOf(pem: string): KeyObject {
  try {
    return new X509Certificate(pem).publicKey;
  } catch {
    throw new SignatureFault('registered certificate: expected PEM of X.509, but it cannot be read');
  }
}

/** How the two numbers of an ECDSA signature are written: XML Signature wants p1363 (section 6.4.3). */
export type Encoding = 'der' | 'ieee-p1363';

/** @throws SignatureFault where it is not strict base64; blanks and line ends do not count. */
export function bytesOf(base64: string): Buffer {
  const packed = base64.replace(/[ \t\r\n]/g, '');
  const bytes = Buffer.from(packed, 'base64');
  // The last characters may carry bits that no byte takes: two texts for one signature.
  if (packed === '' || !BASE64.test(packed) || bytes.toString('base64') !== packed)
    throw new SignatureFault('signature value: expected base64');
  return bytes;
}

/** Whether one of the keys made that signature, in one of the encodings. */
export function isSignedByOneOf(
  keys: readonly KeyObject[],
  {
    octets,
    signature,
    hash,
    encodings,
  }: {
    readonly octets: Buffer;
    readonly signature: Buffer;
    readonly hash: Hash;
    readonly encodings: readonly Encoding[];
  },
): boolean {
  return keys.some((key) =>
    encodings.some((dsaEncoding) => verify(hash, octets, { key, dsaEncoding }, signature)),
  );
}

const signOnThread = promisify<string, Buffer, { key: KeyObject; dsaEncoding: Encoding }, Buffer>(sign);

/**
 * The signature in base64, made on the thread pool. ECDSA comes as p1363.
 * @throws Error where the key does not fit the algorithm.
 */
export async function signOctets(
  octets: string,
  key: KeyObject,
  algorithm: SignatureAlgorithm,
): Promise<string> {
  const weakness = weaknessOf(key, algorithm);
  if (weakness) throw new Error(`cannot sign: ${weakness}`);
  const signature = await signOnThread(hashOf(algorithm), Buffer.from(octets), {
    key,
    dsaEncoding: 'ieee-p1363',
  });
  return signature.toString('base64');
}

/**
 * For signatures beside the message (SAML bindings section 3.4.4.1): ECDSA as DER or p1363, as senders do both.
 * @throws SignatureFault
 */
export function verifyOctets(
  octets: Buffer | string,
  by: { readonly signature: string; readonly algorithm: string; readonly certificates: readonly string[] },
): void {
  const algorithm = algorithmOf(by.algorithm);
  const keys = keysFor(algorithm, by.certificates);
  const signature = bytesOf(by.signature);
  const encodings: Encoding[] = algorithm.startsWith('ecdsa') ? ['ieee-p1363', 'der'] : ['der'];
  if (!isSignedByOneOf(keys, { octets: Buffer.from(octets), signature, hash: hashOf(algorithm), encodings }))
    throw new SignatureFault(`signature value: ${notOurs(by.certificates.length)}`);
}

export const notOurs = (certificates: number): string =>
  `expected one made with the key of ${certificates === 1 ? 'the registered certificate' : `one of the ${certificates} registered certificates`}, received another`;
