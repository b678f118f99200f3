/** Validates that a certificate was issued below given roots (RFC 5280 section 6), and reads its subject. */
import type { X509Certificate } from 'node:crypto';
import { type BaseBlock, type Constructed, fromBER } from 'asn1js';
import { Certificate, CertificateChainValidationEngine } from 'pkijs';
import { isRoot, MAX_CHAIN } from './certificate-text.ts';
import type { DistinguishedName, NameAttribute } from './distinguished-name.ts';

/** The validated path: the certificate itself, who issued it, and all others up to the root. */
export interface CertificatePath {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly authorities: readonly Certificate[];
  readonly roots: readonly Certificate[];
}

/** Why a certificate is not accepted; the sentence is for the log of the operator. */
export interface Refusal {
  readonly refused: string;
}

// RFC 5280 section 4.2.1.12.
const CLIENT_AUTHENTICATION = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'];
/** MD5 and SHA-1 with RSA, SHA-1 with ECDSA: collisions are practical, so such a signature proves nothing. */
const WEAK_SIGNATURES = ['1.2.840.113549.1.1.4', '1.2.840.113549.1.1.5', '1.2.840.10045.4.1'];

const BASIC_CONSTRAINTS = '2.5.29.19';
/** Key usage, alternative names, basic and name constraints, policies, key identifiers, extended key usage. */
const KNOWN_EXTENSIONS = ['14', '15', '17', '19', '30', '32', '33', '35', '36', '37', '54'].map(
  (last) => `2.5.29.${last}`,
);
const MAX_WAYS = 16;

export const toPkijs = ({ raw }: X509Certificate): Certificate => Certificate.fromBER(new Uint8Array(raw));

/**
 * Every way from a certificate up to a root. No two certificates of a way have the same key: a signature then fits one
 * issuer only, and authorities that certify each other in a circle end here instead of leading round and round.
 */
function* waysUp(
  from: X509Certificate,
  chain: readonly X509Certificate[],
  below: readonly X509Certificate[] = [],
): Generator<X509Certificate[]> {
  const way = [...below, from];
  for (const issuer of chain) {
    const isNew = !way.some(({ publicKey }) => publicKey.equals(issuer.publicKey));
    if (!issuer.ca || !isNew || !from.verify(issuer.publicKey)) continue;
    if (isRoot(issuer)) yield [...way, issuer];
    else yield* waysUp(issuer, chain, way);
  }
}

/** What the engine does not look at: path lengths, and what must not be ignored (RFC 5280 section 6.1.4). */
function unseenProblem(certificate: Certificate, authorities: readonly Certificate[]): string | undefined {
  const tooLong = authorities.some(({ extensions }, between) => {
    const limit = (extensions ?? []).find(({ extnID }) => extnID === BASIC_CONSTRAINTS)?.parsedValue;
    return limit?.pathLenConstraint !== undefined && Number(limit.pathLenConstraint) < between;
  });
  if (tooLong) return 'its path is longer than one of its authorities allows';
  const unknown = [certificate, ...authorities]
    .flatMap(({ extensions }) => extensions ?? [])
    .find(({ critical, extnID }) => critical && !KNOWN_EXTENSIONS.includes(extnID));
  return unknown && `the critical extension ${unknown.extnID} in its path is not known here`;
}

/** Signatures, validity periods, basic constraints, key usage and name constraints of one way. */
async function validateWay(way: readonly X509Certificate[]): Promise<CertificatePath | Refusal> {
  const [certificate, ...authorities] = way.map(toPkijs);
  const roots = authorities.slice(-1);
  const [issuer] = authorities;
  if (!certificate || !issuer) return { refused: 'no path to a root' };
  const signed = [certificate, ...authorities.slice(0, -1)];
  if (signed.some(({ signatureAlgorithm: { algorithmId } }) => WEAK_SIGNATURES.includes(algorithmId)))
    return { refused: 'a signature in its path uses SHA-1 or MD5' };
  const problem = unseenProblem(certificate, authorities);
  if (problem !== undefined) return { refused: problem };
  // The engine validates the last one.
  const certs = signed.toReversed();
  const { result, resultMessage } = await new CertificateChainValidationEngine({
    trustedCerts: roots,
    certs,
  }).verify();
  return result ? { certificate, issuer, authorities, roots } : { refused: resultMessage };
}

/**
 * Validates `certificate` as a client's, below a root of `chain`. Certificates in `chain` that are no authorities are
 * left aside: a certificate never vouches for itself.
 */
export async function validatePath(
  certificate: X509Certificate,
  chain: readonly X509Certificate[],
): Promise<CertificatePath | Refusal> {
  const purposes = certificate.keyUsage;
  if (purposes && !purposes.some((purpose) => CLIENT_AUTHENTICATION.includes(purpose)))
    return { refused: 'its extended key usage does not allow client authentication' };
  if (certificate.ca) return { refused: 'it is the certificate of an authority' };
  let outcome: CertificatePath | Refusal = { refused: 'no path to a root' };
  let tried = 0;
  for (const way of waysUp(certificate, chain.slice(0, MAX_CHAIN))) {
    outcome = await validateWay(way);
    tried += 1;
    if (!('refused' in outcome) || tried === MAX_WAYS) break;
  }
  return outcome;
}

const childrenOf = (block: BaseBlock | undefined): BaseBlock[] =>
  (block as Constructed | undefined)?.valueBlock.value ?? [];

function attributeOf(pair: BaseBlock): NameAttribute {
  const [type, value] = childrenOf(pair) as { valueBlock: { toString(): string; value?: unknown } }[];
  return { oid: String(type?.valueBlock.toString()), value: String(value?.valueBlock.value ?? '') };
}

/** The subject in the order of RFC 4514 section 2.1: the last part of the encoded name comes first. */
export function subjectOf(certificate: X509Certificate): DistinguishedName {
  const { result } = fromBER(toPkijs(certificate).subject.toSchema().toBER());
  return childrenOf(result)
    .map((part) => childrenOf(part).map(attributeOf))
    .toReversed();
}
