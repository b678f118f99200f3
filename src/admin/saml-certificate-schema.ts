/** SAML signing certificates as the outside adds and reads them (ours; contract/saml.md 1.5, rotation). */
import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { invalid } from '../base/errors.ts';
import { daysLeft, WARN_DAYS } from '../keys/certificate-expiry.ts';
import { KEY_KINDS, keyKindOf } from '../keys/certificate-key.ts';
import type { CertificateWish } from '../keys/saml-certificate-service.ts';
import type { PublishedCertificate } from '../keys/saml-certificate-store.ts';

const pem = z.string().min(1).max(16_384);

export const addSamlCertificate = z.strictObject({
  key_type: z
    .enum(KEY_KINDS)
    .describe('The key to generate; of the kind of the current one where nothing is said')
    .optional(),
  certificate: pem.describe('To bring one instead of having it generated: PEM, one certificate').optional(),
  private_key: pem
    .describe('Its key, PEM (PKCS #8, PKCS #1 or SEC 1), not encrypted; sealed, and never shown')
    .optional(),
});
export const noFields = z.strictObject({});

const certificate = z
  .object({
    certificate_id: z.string(),
    status: z
      .enum(['next', 'current', 'previous'])
      .describe('`current` signs; all of them stand in the metadata'),
    x509_certificate: z.string().describe('PEM'),
    key_type: z.enum(KEY_KINDS),
    subject: z.string(),
    serial_number: z.string().describe('Hexadecimal'),
    fingerprint_sha256: z.string().describe('Hexadecimal, of the DER form'),
    not_before: z.iso.datetime(),
    not_after: z.iso.datetime(),
    expires_in_days: z.number().int().describe('Whole days; below 0 after its end'),
    warning: z.string().nullable().describe(`What to do; from ${WARN_DAYS} days before its end`),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'SamlCertificate' });
export const samlCertificatesAnswer = z.array(certificate);
export const wrappedSamlCertificatesAnswer = z.object({ result: z.array(certificate) });

/** @throws 400 for a mixture of both ways, or half of one */
export function toWish(body: z.infer<typeof addSamlCertificate>): CertificateWish {
  const { certificate: text, private_key: privateKey, key_type: keyKind } = body;
  if (text === undefined && privateKey === undefined) return { keyKind };
  if (text === undefined) throw invalid('certificate is required together with private_key');
  if (privateKey === undefined) throw invalid('private_key is required together with certificate');
  if (keyKind !== undefined)
    throw invalid('key_type is for a generated certificate; leave it out where you send certificate');
  return { upload: { certificate: text, privateKey } };
}

export function toOuterSamlCertificate(one: PublishedCertificate, now = new Date()) {
  const x509 = new X509Certificate(one.pem);
  return {
    certificate_id: one.certificateId,
    status: one.status,
    x509_certificate: one.pem,
    key_type: keyKindOf(x509.publicKey) ?? 'rsa',
    subject: x509.subject,
    serial_number: x509.serialNumber.toLowerCase(),
    fingerprint_sha256: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
    not_before: one.notBefore.toISOString(),
    not_after: one.notAfter.toISOString(),
    expires_in_days: daysLeft(one.notAfter, now),
    warning: warningOf(one, now),
    created_at: one.createdAt.toISOString(),
  };
}

const ADVICE: Readonly<Record<PublishedCertificate['status'], string | undefined>> = {
  current: 'add a next certificate, and switch to it as soon as the service provider knows it',
  next: 'delete it and add another',
  previous: undefined,
};

function warningOf({ status, notAfter }: PublishedCertificate, now: Date): string | null {
  const days = daysLeft(notAfter, now);
  const advice = ADVICE[status];
  if (advice === undefined || days >= WARN_DAYS) return null;
  const when = days < 0 ? 'has ended' : `ends in ${days} days`;
  return `This certificate ${when}: ${advice}`;
}
