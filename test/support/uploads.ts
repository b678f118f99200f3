/** Certificates with keys in every form that an administrator may bring, good and bad. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { makeSelfSigned } from '../../src/keys/certificate.ts';
import { issue, selfSigned } from './certificates.ts';

export interface Brought {
  readonly certificate: string;
  readonly private_key: string;
}

const { subtle } = globalThis.crypto;
const pemOf = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1'): string =>
  String(key.export({ type, format: 'pem' } as never));

/** A certificate on P-256 that ends in so many days. */
export async function broughtFor(days: number, validFrom = -1): Promise<Brought> {
  const { cert, key } = await selfSigned('Brought', { validFrom, validTo: days });
  return { certificate: cert, private_key: key };
}

/** PKCS #8, PKCS #1 and SEC 1, the last as OpenSSL writes it, too: with the curve in a block of its own. */
export async function goodUploads(): Promise<Record<string, Brought>> {
  const rsa = await makeSelfSigned('Brought');
  const rsaKey = createPrivateKey(rsa.privateKey.reveal());
  const ec = await selfSigned('Brought');
  const sec1 = pemOf(createPrivateKey(ec.key), 'sec1');
  const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
  return {
    'RSA, PKCS #8': { certificate: rsa.pem, private_key: pemOf(rsaKey, 'pkcs8') },
    'RSA, PKCS #1': { certificate: rsa.pem, private_key: pemOf(rsaKey, 'pkcs1') },
    'P-256, PKCS #8': { certificate: ec.cert, private_key: ec.key },
    'P-256, SEC 1': { certificate: ec.cert, private_key: sec1 },
    'P-256, SEC 1 with parameters': { certificate: ec.cert, private_key: parameters + sec1 },
  };
}

async function withKeys(keys: CryptoKeyPair): Promise<Brought> {
  const { cert, key } = await issue({ subject: [['CN', 'Odd']], keys });
  return { certificate: cert, private_key: key };
}

/** Keys that do not sign here: too short, or on another curve. */
export async function oddKeys(): Promise<Brought[]> {
  const rsa = (modulusLength: number) => ({
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  });
  const usages = ['sign', 'verify'] as const;
  const pairs = [
    await subtle.generateKey(rsa(1024), true, [...usages]),
    await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-521' }, true, [...usages]),
  ];
  return Promise.all(pairs.map((pair) => withKeys(pair as CryptoKeyPair)));
}

/** A key file that names the public half of the certificate, and holds the private half of another key. */
export async function mixedKey(): Promise<Brought> {
  const { pem, privateKey } = await makeSelfSigned('Mixed');
  const { n, e } = createPrivateKey(privateKey.reveal()).export({ format: 'jwk' });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const mixed = createPrivateKey({ key: { ...other, n, e } as never, format: 'jwk' });
  return { certificate: pem, private_key: pemOf(mixed, 'pkcs1') };
}

export function encrypted(privateKey: string): string[] {
  const key = createPrivateKey(privateKey);
  const seal = { format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' };
  return [
    String(key.export({ type: 'pkcs8', ...seal } as never)),
    String(key.export({ type: key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs1', ...seal } as never)),
  ];
}
