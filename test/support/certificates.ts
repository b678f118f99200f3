/** Makes certificates the way an authority does, in pure JavaScript, so that tests need no program for it. */
import { randomBytes, X509Certificate } from 'node:crypto';
import { Set as DerSet, fromBER, Integer, PrintableString, Sequence, Utf8String } from 'asn1js';
import {
  AccessDescription,
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  Extension,
  ExtKeyUsage,
  GeneralName,
  InfoAccess,
} from 'pkijs';

const { subtle } = globalThis.crypto;
const DAY_MS = 86_400_000;
const ATTRIBUTES: Readonly<Record<string, string>> = {
  C: '2.5.4.6',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  CN: '2.5.4.3',
};

export const PURPOSE = {
  clientAuth: '1.3.6.1.5.5.7.3.2',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
} as const;

export interface Identity {
  readonly certificate: Certificate;
  readonly keys: CryptoKeyPair;
  /** PEM. */
  readonly cert: string;
  /** PEM, PKCS #8. */
  readonly key: string;
  /** As in a JWK: base64 of the DER form. */
  readonly x5c: string;
  /** RFC 8705 section 3.1. */
  readonly thumbprint: string;
  /** Upper-case hexadecimal. */
  readonly serial: string;
}

export interface Wishes {
  /** In the order of the encoded name: `[['O', 'Acme'], ['CN', 'client']]` is `CN=client,O=Acme`. */
  readonly subject: readonly (readonly [string, string])[];
  /** Self-signed without one. */
  readonly issuer?: Identity;
  readonly authority?: boolean;
  /** How many authorities may stand between this one and a leaf. */
  readonly pathLength?: number;
  /** The key of another certificate, for a renewed one. */
  readonly keys?: CryptoKeyPair;
  /** Days from now. */
  readonly validFrom?: number;
  readonly validTo?: number;
  readonly purposes?: readonly string[];
  readonly ocspUri?: string;
  /** Object identifier of an extension that must not be ignored. */
  readonly critical?: string;
}

// A blank line would end the header of a PEM block for OpenSSL: lines are joined, not ended.
const pem = (label: string, der: ArrayBuffer): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
};

const extension = (extnID: string, schema: { toBER(): ArrayBuffer }, critical = false): Extension =>
  new Extension({ extnID, critical, extnValue: schema.toBER() });

function extensionsOf(wishes: Wishes): Extension[] {
  const { authority = false, pathLength } = wishes;
  const constraints = new BasicConstraints({
    cA: authority,
    ...(pathLength !== undefined && { pathLenConstraint: pathLength }),
  });
  const list = [extension('2.5.29.19', constraints.toSchema(), true)];
  if (wishes.critical !== undefined)
    list.push(extension(wishes.critical, new Utf8String({ value: 'x' }), true));
  if (wishes.purposes)
    list.push(extension('2.5.29.37', new ExtKeyUsage({ keyPurposes: [...wishes.purposes] }).toSchema()));
  if (wishes.ocspUri !== undefined) {
    const accessLocation = new GeneralName({ type: 6, value: wishes.ocspUri });
    const description = new AccessDescription({ accessMethod: '1.3.6.1.5.5.7.48.1', accessLocation });
    list.push(
      extension('1.3.6.1.5.5.7.1.1', new InfoAccess({ accessDescriptions: [description] }).toSchema()),
    );
  }
  return list;
}

/** One part per attribute; the library alone would put all of them into one part. */
function name(target: Certificate['subject'], parts: Wishes['subject']): void {
  const sequence = new Sequence({
    value: parts.map(([type, text]) => {
      const value = type === 'C' ? new PrintableString({ value: text }) : new Utf8String({ value: text });
      const attribute = new AttributeTypeAndValue({ type: ATTRIBUTES[type] ?? type, value });
      return new DerSet({ value: [attribute.toSchema()] });
    }),
  });
  target.fromSchema(fromBER(sequence.toBER()).result);
}

const newKeys = () => subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);

/** A P-256 key and its certificate, signed by the issuer or by itself. */
export async function issue(wishes: Wishes): Promise<Identity> {
  const keys = wishes.keys ?? (await newKeys());
  const certificate = new Certificate();
  certificate.version = 2;
  const serialBytes = new Uint8Array(randomBytes(8));
  // Positive, and without a leading zero.
  serialBytes[0] = 0x40 | (Number(serialBytes[0]) & 0x3f);
  certificate.serialNumber = new Integer({ valueHex: serialBytes });
  name(certificate.subject, wishes.subject);
  if (wishes.issuer) certificate.issuer.fromSchema(wishes.issuer.certificate.subject.toSchema());
  else name(certificate.issuer, wishes.subject);
  certificate.notBefore.value = new Date(Date.now() + (wishes.validFrom ?? -1) * DAY_MS);
  certificate.notAfter.value = new Date(Date.now() + (wishes.validTo ?? 30) * DAY_MS);
  certificate.extensions = extensionsOf(wishes);
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey);
  await certificate.sign(wishes.issuer?.keys.privateKey ?? keys.privateKey, 'SHA-256');
  const der = certificate.toSchema(true).toBER();
  const cert = pem('CERTIFICATE', der);
  const { raw } = new X509Certificate(cert);
  return {
    certificate,
    keys,
    cert,
    key: pem('PRIVATE KEY', await subtle.exportKey('pkcs8', keys.privateKey)),
    x5c: raw.toString('base64'),
    thumbprint: Buffer.from(await subtle.digest('SHA-256', raw)).toString('base64url'),
    serial: Buffer.from(serialBytes).toString('hex').toUpperCase(),
  };
}

/** A certificate that nobody but itself vouches for. */
export const selfSigned = (commonName: string, wishes: Partial<Wishes> = {}): Promise<Identity> =>
  issue({ subject: [['CN', commonName]], ...wishes });
