/** What a SAML client's settings must fulfil before they are saved (R115, R116, contract/saml.md 1.5). */
import { X509Certificate } from 'node:crypto';
import { invalid } from '../base/errors.ts';
import { LEAST_RSA_BITS } from '../keys/certificate-key.ts';
import { holdsPrivateKey, readCertificate, readPem } from '../keys/certificate-text.ts';
import type { SamlClientInput } from './client-input.ts';
import { claimProblems } from './client-rules.ts';
import { redirectUriProblem } from './redirect-uri.ts';
import { DEFAULT_SAML_SETTINGS, type SamlClientSettings } from './saml-client.ts';
import { keyTypeFor, keyTypeOf } from './signature-algorithm.ts';

const KEY_NAMES = { rsa: 'an RSA key', ec: 'an EC key' } as const;

/**
 * The settings after this body: top-level members replace those of `current`.
 * @throws 400 with one sentence per rule that the result breaks.
 */
export function mergeSamlSettings(
  current: Readonly<SamlClientSettings>,
  input: SamlClientInput,
): SamlClientSettings {
  const known = Object.keys(DEFAULT_SAML_SETTINGS);
  const members = Object.entries(input).filter(
    ([name, value]) => known.includes(name) && value !== undefined,
  );
  const settings = { ...current, ...(Object.fromEntries(members) as Partial<SamlClientSettings>) };
  const problems = [...claimProblems(input), ...settingsProblems(settings)];
  if (problems.length > 0) throw invalid(...problems);
  return settings;
}

/**
 * What is signed with one key is never said to be signed with another.
 * @param pem the certificate that signs now
 * @throws 400 where the algorithm needs another key than this certificate has.
 */
export function assertKeyFits(
  { signature_algorithm: algorithm }: Pick<SamlClientSettings, 'signature_algorithm'>,
  pem: string,
): void {
  const needed = keyTypeFor(algorithm);
  if (keyTypeOf(new X509Certificate(pem).publicKey) === needed) return;
  throw invalid(
    `signature_algorithm ${algorithm} needs ${KEY_NAMES[needed]}, and the current certificate has none: add a certificate with such a key to saml-certificates and switch to it, which changes the algorithm, too`,
  );
}

/** What assertions are encrypted to: the key transport is RSA-OAEP, so it has to be an RSA key. */
export const encryptionCertificateOf = (
  settings: Pick<SamlClientSettings, 'sp_encryption_certificate' | 'sp_certificates'>,
): string | undefined =>
  [settings.sp_encryption_certificate, ...settings.sp_certificates].find((pem) => {
    const certificate = pem === '' ? undefined : readCertificate(pem);
    return certificate !== undefined && isRsa(certificate);
  });

const isRsa = ({ publicKey }: X509Certificate): boolean => publicKey.asymmetricKeyType === 'rsa';

function settingsProblems(settings: SamlClientSettings): string[] {
  return [
    ...urlProblems('sp_acs_url', settings.sp_acs_url),
    ...settings.sp_acs_endpoints.flatMap(({ url }, at) => urlProblems(`sp_acs_endpoints.${at}.url`, url)),
    ...endpointProblems(settings.sp_acs_endpoints),
    ...urlProblems('sp_slo_url', settings.sp_slo_url),
    ...settings.sp_certificates.flatMap((pem, at) => certificateProblems(`sp_certificates.${at}`, pem)),
    ...encryptionProblems(settings),
    ...(settings.want_authn_requests_signed && settings.sp_certificates.length === 0
      ? ['want_authn_requests_signed needs sp_certificates: without one no signature can be checked']
      : []),
    ...attributeProblems(settings.attribute_mapping),
  ];
}

/** An index stands for one place. */
function endpointProblems(endpoints: SamlClientSettings['sp_acs_endpoints']): string[] {
  const indexes = endpoints.map(({ index }) => index);
  const isTwice = new Set(indexes).size < indexes.length;
  return isTwice ? ['sp_acs_endpoints has the same index twice'] : [];
}

/** Contract C20. Written as JSON, so that invisible characters show. */
function urlProblems(name: string, url: string): string[] {
  const problem = url === '' ? undefined : redirectUriProblem(url, 'web');
  return problem === undefined ? [] : [`${name} ${problem}: ${JSON.stringify(url.slice(0, 200))}`];
}

function certificateProblems(name: string, text: string): string[] {
  if (holdsPrivateKey(text)) return [`${name} must not hold a private key`];
  const found = text.includes('-----BEGIN') ? readPem(text) : [readCertificate(text)];
  const [certificate] = found ?? [];
  if (!certificate || found?.length !== 1) return [`${name} must hold one certificate in PEM form`];
  if (!['rsa', 'ec'].includes(certificate.publicKey.asymmetricKeyType ?? ''))
    return [`${name} must have an RSA or an EC key`];
  if ((certificate.publicKey.asymmetricKeyDetails?.modulusLength ?? LEAST_RSA_BITS) < LEAST_RSA_BITS)
    return [`${name} must have a key of at least ${LEAST_RSA_BITS} bits`];
  return [];
}

function encryptionProblems(settings: SamlClientSettings): string[] {
  const { sp_encryption_certificate: pem, encrypt_assertion: encrypts } = settings;
  const problems = pem === '' ? [] : certificateProblems('sp_encryption_certificate', pem);
  if (problems.length > 0) return problems;
  if (encrypts && encryptionCertificateOf(settings) === undefined)
    return ['encrypt_assertion needs sp_encryption_certificate, or an RSA certificate in sp_certificates'];
  if (pem !== '' && encryptionCertificateOf({ ...settings, sp_certificates: [] }) === undefined)
    return ['sp_encryption_certificate must have an RSA key'];
  return [];
}

/** One name stands for one claim: the provider could not tell two apart. */
function attributeProblems(mapping: SamlClientSettings['attribute_mapping']): string[] {
  const names = Object.values(mapping).flatMap((attribute) => (attribute ? [attribute.name] : []));
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  return [...new Set(twice)].map((name) => `attribute_mapping gives the name ${name} to two claims`);
}
