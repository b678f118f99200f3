/** Encrypts an element for a certificate and decrypts one with our keys (XML Encryption 1.1): AES-GCM under RSA-OAEP. */
import { type KeyObject, X509Certificate } from 'node:crypto';
import xmlenc from 'xml-encryption';
import { attributeOf, childOf, elementsOf, elementText, readXml, textOf } from './read-xml.ts';

const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const GCM = ['http://www.w3.org/2009/xmlenc11#aes128-gcm', 'http://www.w3.org/2009/xmlenc11#aes256-gcm'];
const CBC = ['http://www.w3.org/2001/04/xmlenc#aes128-cbc', 'http://www.w3.org/2001/04/xmlenc#aes256-cbc'];
const OAEP = ['http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p', 'http://www.w3.org/2009/xmlenc11#rsa-oaep'];
const EXPECTED: readonly (readonly [string, number])[] = [
  ['EncryptedData', 1],
  ['EncryptedKey', 1],
  ['EncryptionMethod', 2],
  ['CipherData', 2],
  ['CipherValue', 2],
];
const MIN_RSA_BITS = 2048;
/** Initialization vector, one byte, and what closes it: a tag of 16 bytes, or the rest of a block. A shorter tag is a weaker one. */
const MIN_CIPHER_BYTES = { gcm: 12 + 1 + 16, cbc: 16 + 16 };

/** The one answer to everything that cannot be decrypted: whoever tries learns nothing from it. */
export class DecryptionFault extends Error {
  override readonly name = 'DecryptionFault';
  constructor() {
    super('the encrypted element cannot be decrypted');
  }
}

/**
 * The xenc:EncryptedData that stands for `xml`: AES-256-GCM, RSA-OAEP with SHA-1 (what every receiver reads).
 * @param certificate PEM of the receiver, with an RSA key.
 * @throws Error where the certificate is none or has another or a weak key.
 */
export async function encryptXml(xml: string, certificate: string): Promise<string> {
  const key = new X509Certificate(certificate).publicKey;
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_RSA_BITS)
    throw new Error(`the certificate to encrypt for needs an RSA key of at least ${MIN_RSA_BITS} bits`);
  const text = await new Promise<string>((resolve, reject) => {
    xmlenc.encrypt(
      xml,
      {
        rsa_pub: key.export({ type: 'spki', format: 'pem' }),
        pem: certificate,
        encryptionAlgorithm: 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
        keyEncryptionAlgorithm: 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
      },
      (fault, encrypted) => (fault ? reject(fault) : resolve(encrypted)),
    );
  });
  return text.trim();
}

export interface DecryptOptions {
  /** AES-CBC says nothing about changed content: only for what carries a signature that was verified around it. */
  readonly allowCbc?: boolean;
}

/**
 * What was encrypted, as text: it is as distrusted as before (readXml, then its signature).
 * @param privateKeys ours, each in turn: the one in use and those before it.
 * @throws DecryptionFault for whatever is wrong.
 */
export async function decryptXml(
  encryptedData: Element | string,
  privateKeys: readonly KeyObject[],
  { allowCbc = false }: DecryptOptions = {},
): Promise<string> {
  try {
    const text = typeof encryptedData === 'string' ? encryptedData : elementText(encryptedData);
    assertShape(readXml(text), allowCbc);
    return await firstOf(privateKeys, (key) => decryptWith(text, key, allowCbc));
  } catch {
    throw new DecryptionFault();
  }
}

function assertShape(data: Element, allowCbc: boolean): void {
  if (data.namespaceURI !== XENC || data.localName !== 'EncryptedData') throw new DecryptionFault();
  const method = algorithmIn(data);
  assertIn(method, allowCbc ? [...GCM, ...CBC] : GCM);
  const value = Buffer.from(textOf(at(at(data, XENC, 'CipherData'), XENC, 'CipherValue')), 'base64');
  if (value.length < MIN_CIPHER_BYTES[GCM.includes(method) ? 'gcm' : 'cbc']) throw new DecryptionFault();
  assertIn(algorithmIn(at(at(data, DSIG, 'KeyInfo'), XENC, 'EncryptedKey')), OAEP);
  // The library takes the first that it meets by these names, at any depth and in any namespace: there is one way to read it.
  const names = namesIn(data);
  for (const [name, count] of EXPECTED)
    if (names.filter((one) => one === name).length !== count) throw new DecryptionFault();
}

const namesIn = (element: Element): string[] => [
  element.localName,
  ...elementsOf(element).flatMap((child) => namesIn(child)),
];

const algorithmIn = (element: Element): string =>
  attributeOf(at(element, XENC, 'EncryptionMethod'), 'Algorithm') ?? '';

function at(element: Element, namespace: string, name: string): Element {
  const child = childOf(element, namespace, name);
  if (!child) throw new DecryptionFault();
  return child;
}

function assertIn(algorithm: string, allowed: readonly string[]): void {
  if (!allowed.includes(algorithm)) throw new DecryptionFault();
}

async function firstOf(
  keys: readonly KeyObject[],
  decrypt: (key: KeyObject) => Promise<string>,
): Promise<string> {
  for (const key of keys) {
    const found = await decrypt(key).catch(() => undefined);
    if (found !== undefined) return found;
  }
  throw new DecryptionFault();
}

function decryptWith(text: string, key: KeyObject, allowCbc: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    xmlenc.decrypt(
      text,
      {
        key: key.export({ type: 'pkcs8', format: 'pem' }),
        disallowDecryptionWithInsecureAlgorithm: !allowCbc,
        warnInsecureAlgorithm: false,
      },
      (fault, decrypted) => (fault ? reject(fault) : resolve(decrypted)),
    );
  });
}
