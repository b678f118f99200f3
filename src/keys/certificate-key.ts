/** The kinds of keys that sign for SAML, and which of them a key is. */
import type { KeyObject } from 'node:crypto';

/** RSA with 2048 bits and more, or one of two NIST curves. */
export const KEY_KINDS = ['rsa', 'p-256', 'p-384'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

export const LEAST_RSA_BITS = 2048;
/** Smaller ones make mistakes of those who verify into forgeries. */
const LEAST_EXPONENT = 65_537n;
/** A signature with more takes so long that a few sign-ins at once would hold up everybody. */
export const MOST_RSA_BITS = 4096;

const CURVES: Readonly<Record<string, KeyKind>> = { prime256v1: 'p-256', secp384r1: 'p-384' };

/** Undefined for a key that does not sign here. */
export function keyKindOf({
  asymmetricKeyType: type,
  asymmetricKeyDetails: details,
}: Pick<KeyObject, 'asymmetricKeyType' | 'asymmetricKeyDetails'>): KeyKind | undefined {
  if (type === 'ec') return CURVES[details?.namedCurve ?? ''];
  const { modulusLength: bits = 0, publicExponent = 0n } = details ?? {};
  const isGood = bits >= LEAST_RSA_BITS && bits <= MOST_RSA_BITS && publicExponent >= LEAST_EXPONENT;
  return type === 'rsa' && isGood ? 'rsa' : undefined;
}
