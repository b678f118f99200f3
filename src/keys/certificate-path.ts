/** Validates that a certificate was issued below given roots (RFC 5280 section 6), and reads its subject. */
import type { X509Certificate } from 'node:crypto';
import { type BaseBlock, type Constructed, fromBER } from 'asn1js';
import { Certificate, CertificateChainValidationEngine } from 'pkijs';
import { isRoot } from './certificate-text.ts';
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

export const toPkijs = ({ raw }: X509Certificate): Certificate => Certificate.fromBER(new Uint8Array(raw));

/**
 * Signatures, validity periods, basic constraints, key usage and name constraints of the whole path. Certificates in
 * `chain` that are no authorities are left aside: a certificate never vouches for itself.
 */
export async function validatePath(
  certificate: X509Certificate,
  chain: readonly X509Certificate[],
): Promise<CertificatePath | Refusal> {
  const purposes = certificate.keyUsage;
  if (purposes && !purposes.some((purpose) => CLIENT_AUTHENTICATION.includes(purpose)))
    return { refused: 'its extended key usage does not allow client authentication' };
  if (certificate.ca) return { refused: 'it is the certificate of an authority' };
  const roots = chain.filter(isRoot).map(toPkijs);
  const intermediates = chain.filter((one) => one.ca && !isRoot(one)).map(toPkijs);
  const engine = new CertificateChainValidationEngine({
    trustedCerts: roots,
    // The engine validates the last one.
    certs: [...intermediates, toPkijs(certificate)],
  });
  const { result, resultMessage, certificatePath = [] } = await engine.verify();
  const [leaf, issuer, ...rest] = certificatePath;
  if (!result || !leaf || !issuer) return { refused: resultMessage || 'no path to a root' };
  const weak = [leaf, issuer, ...rest]
    .slice(0, -1)
    .some(({ signatureAlgorithm }) => WEAK_SIGNATURES.includes(signatureAlgorithm.algorithmId));
  if (weak) return { refused: 'a signature in its path uses SHA-1 or MD5' };
  return { certificate: leaf, issuer, authorities: [issuer, ...rest], roots };
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
