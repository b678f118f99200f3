/** Makes self-signed X.509 certificates, each with a key of its own on a NIST curve (RFC 5280, RFC 5480). */
import { KeyObject, X509Certificate } from 'node:crypto';
import { BitString, Integer, OctetString, Utf8String } from 'asn1js';
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  Certificate,
  Extension,
  type RelativeDistinguishedNames,
  Time,
  TimeType,
} from 'pkijs';
import { Secret } from '../base/secrets.ts';
import { commonName, type SelfSigned, serialNumber, validityOf } from './certificate-fields.ts';
import type { KeyKind } from './certificate-key.ts';

type Curve = Exclude<KeyKind, 'rsa'>;
/** The hash has the strength of the curve (RFC 5480 section 4). */
const CURVES: Readonly<Record<Curve, { namedCurve: string; hash: string }>> = {
  'p-256': { namedCurve: 'P-256', hash: 'SHA-256' },
  'p-384': { namedCurve: 'P-384', hash: 'SHA-384' },
};
const COMMON_NAME = '2.5.4.3';
const VERSION_3 = 2;

/** For digital signatures, valid from now on for `years`. @param name whom it belongs to */
export async function makeElliptic(name: string, curve: Curve, years: number): Promise<SelfSigned> {
  const { namedCurve, hash } = CURVES[curve];
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve }, true, ['sign', 'verify']);
  const validity = validityOf(years);
  const certificate = new Certificate();
  certificate.version = VERSION_3;
  certificate.serialNumber = new Integer({ valueHex: new Uint8Array(serialNumber()) });
  certificate.notBefore = toTime(validity.notBefore);
  certificate.notAfter = toTime(validity.notAfter);
  setName(certificate.subject, name);
  setName(certificate.issuer, name);
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey);
  certificate.extensions = extensionsOf(await certificate.getKeyHash('SHA-1'));
  await certificate.sign(keys.privateKey, hash);
  const pem = new X509Certificate(Buffer.from(certificate.toSchema(true).toBER())).toString();
  const privateKey = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
  return { pem, privateKey: new Secret(String(privateKey)), ...validity };
}

/** RFC 5280 section 4.1.2.5: from 2050 on the long form. */
const toTime = (value: Date): Time =>
  new Time({ type: value.getUTCFullYear() < 2050 ? TimeType.UTCTime : TimeType.GeneralizedTime, value });

function setName(target: RelativeDistinguishedNames, name: string): void {
  const value = new Utf8String({ value: commonName(name) });
  target.typesAndValues = [new AttributeTypeAndValue({ type: COMMON_NAME, value })];
}

/** @param keyHash of the public key: SHA-1 only names it (RFC 5280 section 4.2.1.2, method 1) */
function extensionsOf(keyHash: ArrayBuffer): Extension[] {
  const identifier = new OctetString({ valueHex: keyHash });
  const digitalSignature = new BitString({ valueHex: new Uint8Array([0x80]), unusedBits: 7 });
  const authority = new AuthorityKeyIdentifier({ keyIdentifier: new OctetString({ valueHex: keyHash }) });
  return [
    new Extension({ extnID: '2.5.29.15', critical: true, extnValue: digitalSignature.toBER() }),
    new Extension({ extnID: '2.5.29.14', extnValue: identifier.toBER() }),
    new Extension({ extnID: '2.5.29.35', extnValue: authority.toSchema().toBER() }),
  ];
}
