/** A signing key of one application, and what a key that is uploaded has to be (contract/management-api.md 8). */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { invalid } from '../base/errors.ts';
import type { AppId, TenantId } from '../base/ids.ts';
import type { SigningAlg } from '../storage/tables.ts';

export type KeyStatus = 'signing' | 'validating' | 'disabled';

export interface ApplicationKey {
  readonly tenantId: TenantId;
  readonly keyId: string;
  readonly appId: AppId;
  readonly kid: string;
  readonly name: string;
  readonly alg: SigningAlg;
  readonly status: KeyStatus;
  /** Made here, or brought by the application. */
  readonly source: 'mosaic' | 'uploaded';
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The two halves, with kid, alg and use. */
export interface KeyMaterial {
  readonly kid: string;
  readonly alg: SigningAlg;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
}

const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 4096;
const ALGS: Readonly<Record<string, readonly SigningAlg[]>> = {
  rsa: ['RS256', 'PS256'],
  ec: ['ES256'],
  ed25519: ['EdDSA'],
};

/** @throws 400 for anything but a private RSA (2048 to 4096 bits), P-256 or Ed25519 key for one of our algorithms. */
export async function materialOf(jwk: Readonly<Record<string, unknown>>): Promise<KeyMaterial> {
  const key = privateKeyOf(jwk);
  assertStrong(key);
  assertPair(key);
  assertSamePublicPart(jwk, key);
  const alg = algOf(jwk, key);
  const kid = await kidOf(jwk, key);
  const head = { kid, alg, use: 'sig' };
  return {
    kid,
    alg,
    publicJwk: { ...createPublicKey(key).export({ format: 'jwk' }), ...head },
    privateJwk: { ...key.export({ format: 'jwk' }), ...head },
  };
}

function privateKeyOf(jwk: Readonly<Record<string, unknown>>): KeyObject {
  if (jwk.kty === 'oct') throw invalid('jwk: a symmetric key cannot sign tokens that others verify');
  if (typeof jwk.d !== 'string') throw invalid('jwk: the private part (d) is missing');
  try {
    return createPrivateKey({ key: jwk as never, format: 'jwk' });
  } catch {
    throw invalid('jwk: not a private RSA, P-256 or Ed25519 key (RFC 7517, RFC 7518 6)');
  }
}

function assertStrong(key: KeyObject): void {
  const { modulusLength = 0, publicExponent = 0n, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec' && namedCurve !== 'prime256v1')
    throw invalid('jwk.crv: must be P-256 for ES256');
  if (key.asymmetricKeyType !== 'rsa') return;
  if (modulusLength < MIN_RSA_BITS || modulusLength > MAX_RSA_BITS)
    throw invalid(`jwk: an RSA key must have ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits`);
  if (publicExponent < 65_537n || publicExponent > 0xffff_ffffn)
    throw invalid('jwk.e: must be 65537 or a little more');
}

/** A pair whose halves do not belong together would sign what nobody can verify. */
function assertPair(key: KeyObject): void {
  const text = randomBytes(32);
  const digest = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  let fits = false;
  try {
    fits = verify(digest, text, createPublicKey(key), sign(digest, text, key));
  } catch {
    // Numbers that make no key end here too.
  }
  if (!fits) throw invalid('jwk: the private and the public part do not belong together');
}

/** For Ed25519 the public part is computed: one that was given and is another would go unnoticed. */
function assertSamePublicPart(jwk: Readonly<Record<string, unknown>>, key: KeyObject): void {
  const computed = createPublicKey(key).export({ format: 'jwk' });
  if (key.asymmetricKeyType === 'ed25519' && computed.x !== jwk.x)
    throw invalid('jwk: the private and the public part do not belong together');
}

function algOf(jwk: Readonly<Record<string, unknown>>, key: KeyObject): SigningAlg {
  const possible = ALGS[key.asymmetricKeyType ?? ''] ?? [];
  const [first] = possible;
  if (first === undefined) throw invalid('jwk.kty: must be RSA, EC (P-256) or OKP (Ed25519)');
  if (jwk.use !== undefined && jwk.use !== 'sig') throw invalid('jwk.use: must be sig');
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes('sign')))
    throw invalid('jwk.key_ops: must allow sign');
  if (jwk.alg === undefined) return first;
  const alg = possible.find((one) => one === jwk.alg);
  if (alg === undefined) throw invalid(`jwk.alg: must be ${possible.join(' or ')} for this key`);
  return alg;
}

async function kidOf(jwk: Readonly<Record<string, unknown>>, key: KeyObject): Promise<string> {
  if (jwk.kid === undefined)
    return calculateJwkThumbprint(createPublicKey(key).export({ format: 'jwk' }) as JWK);
  if (typeof jwk.kid === 'string' && /^[\x21-\x7e]{1,128}$/.test(jwk.kid)) return jwk.kid;
  throw invalid('jwk.kid: must be a text of 1 to 128 visible ASCII characters');
}
