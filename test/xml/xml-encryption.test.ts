/** Encrypted elements that other programs read, theirs that are read here, and no oracle (XML Encryption 1.1). */
import { constants, createCipheriv, createPublicKey, publicEncrypt } from 'node:crypto';
import { readXml } from '../../src/xml/read-xml.ts';
import { decryptXml, encryptXml } from '../../src/xml/xml-encryption.ts';
import { message } from '../support/xml-messages.ts';
import {
  describeWithXmlsec,
  ecIdentity,
  rsaIdentity,
  type XmlIdentity,
  xmlsecDecrypts,
  xmlsecEncrypts,
} from '../support/xml-tools.ts';

const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const ASSERTION = message('Assertion', '_a', 'caf\u00e9 \u{1f600} &lt;&amp;');
let ours: XmlIdentity;
let old: XmlIdentity;
beforeAll(async () => {
  [ours, old] = await Promise.all([rsaIdentity(), rsaIdentity()]);
});
const FAULT = 'the encrypted element cannot be decrypted';

const template = (content: string, transport: string): string =>
  `<xenc:EncryptedData xmlns:xenc="${XENC}" Type="${XENC}Element"><xenc:EncryptionMethod Algorithm="${content}"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${transport}"/><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>`;

describe('encryptXml', () => {
  it('uses AES-256-GCM under RSA-OAEP, and names the certificate', async () => {
    const xml = await encryptXml(ASSERTION, ours.certificate);
    expect(xml).toMatch(/^<xenc:EncryptedData /);
    expect([...xml.matchAll(/EncryptionMethod Algorithm="([^"]*)"/g)].map((found) => found[1])).toEqual([
      'http://www.w3.org/2009/xmlenc11#aes256-gcm',
      `${XENC}rsa-oaep-mgf1p`,
    ]);
    expect(xml).toContain(ours.certificate.replace(/-----[^-]+-----|\s/g, ''));
    expect(readXml(xml).localName).toBe('EncryptedData');
  });

  it('is read with any of our keys, as element or as text, and never twice the same', async () => {
    const xml = await encryptXml(ASSERTION, ours.certificate);
    expect(await decryptXml(xml, [old.key, ours.key])).toBe(ASSERTION);
    expect(await decryptXml(readXml(xml), [ours.key])).toBe(ASSERTION);
    expect(await encryptXml(ASSERTION, ours.certificate)).not.toBe(xml);
  });

  it('refuses a certificate with a weak key or without RSA', async () => {
    const [weak, ec] = await Promise.all([rsaIdentity(1024), ecIdentity()]);
    await expect(encryptXml(ASSERTION, weak.certificate)).rejects.toThrow('at least 2048 bits');
    await expect(encryptXml(ASSERTION, ec.certificate)).rejects.toThrow('needs an RSA key');
  });
});

describe('decryptXml', () => {
  const corrupt = (xml: string, at: number): string => {
    const values = [...xml.matchAll(/<\w+:CipherValue>([^<]+)</g)].map((found) => String(found[1]));
    const value = String(values[at]);
    const bytes = Buffer.from(value, 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    return xml.replace(value, bytes.toString('base64'));
  };

  it('answers every failure alike: wrong key, changed key, changed content, other algorithms, no XML', async () => {
    const xml = await encryptXml(ASSERTION, ours.certificate);
    const second = /<e:EncryptedKey[\s\S]*<\/e:EncryptedKey>/.exec(xml)?.[0] ?? '';
    const attacks = [
      corrupt(xml, 0),
      corrupt(xml, 1),
      xml.replace('#aes256-gcm', '#aes128-gcm'),
      xml.replace('http://www.w3.org/2009/xmlenc11#aes256-gcm', `${XENC}aes256-cbc`),
      xml.replace('http://www.w3.org/2009/xmlenc11#aes256-gcm', `${XENC}tripledes-cbc`),
      xml.replace('rsa-oaep-mgf1p', 'rsa-1_5'),
      xml.replace(second, second + second),
      xml.replace(/<xenc:CipherValue>[^<]*/, '<xenc:CipherValue>AAAAAAAAAAAAAAAA'),
      xml.replace('EncryptedData ', 'EncryptedDate '),
      '',
      '<a/>',
      `<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>${xml}`,
    ];
    const faults = await Promise.all([
      ...attacks.map((attack) => decryptXml(attack, [ours.key], { allowCbc: false }).catch(String)),
      decryptXml(xml, [old.key]).catch(String),
      decryptXml(xml, []).catch(String),
    ]);
    expect(new Set(faults)).toEqual(new Set([`DecryptionFault: ${FAULT}`]));
    expect(await decryptXml(xml, [ours.key])).toBe(ASSERTION);
  });

  it('RSA 1.5 is not read, even hidden where the library would look first, and where CBC is allowed', async () => {
    const xml = await encryptXml(ASSERTION, ours.certificate);
    const wrapped = publicEncrypt(
      { key: createPublicKey(ours.certificate), padding: constants.RSA_PKCS1_PADDING },
      Buffer.alloc(32),
    ).toString('base64');
    const hidden = `<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><e:EncryptedKey xmlns:e="${XENC}"><e:EncryptionMethod Algorithm="${XENC}rsa-1_5"/><e:CipherData><e:CipherValue>${wrapped}</e:CipherValue></e:CipherData></e:EncryptedKey></KeyInfo>`;
    const attack = xml.replace(
      /(<xenc:EncryptionMethod [^>]*?) ?\/>/,
      `$1>${hidden}</xenc:EncryptionMethod>`,
    );
    expect(attack).toContain('rsa-1_5');
    // What the hidden key opens: with it the library would answer.
    const cipher = createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12));
    const bytes = Buffer.concat([
      Buffer.alloc(12),
      cipher.update('<evil/>'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    const opened = attack.replace(/<xenc:CipherValue>[^<]*/, `<xenc:CipherValue>${bytes.toString('base64')}`);
    expect(opened).not.toBe(attack);
    await expect(decryptXml(opened, [ours.key], { allowCbc: true })).rejects.toThrow(FAULT);
  });
});

describeWithXmlsec('together with xmlsec1', () => {
  it('it decrypts what is encrypted here', async () => {
    const xml = await encryptXml(message('Assertion', '_a', 'alice'), ours.certificate);
    const { ok, output } = xmlsecDecrypts(xml, ours.keyPem);
    expect({ ok, output: output.includes(message('Assertion', '_a', 'alice')) }).toEqual({
      ok: true,
      output: true,
    });
  });

  it('what it encrypts with GCM is decrypted here', async () => {
    const blank = template('http://www.w3.org/2009/xmlenc11#aes256-gcm', `${XENC}rsa-oaep-mgf1p`);
    const xml = xmlsecEncrypts(blank, ASSERTION, ours.certificate);
    expect(readXml(await decryptXml(xml.replace(/^<\?xml[^>]*>/, ''), [ours.key])).localName).toBe(
      'Assertion',
    );
  });

  it('what it encrypts with CBC is decrypted only where the caller allows it, RSA 1.5 and triple DES never', async () => {
    const cbc = xmlsecEncrypts(
      template(`${XENC}aes256-cbc`, `${XENC}rsa-oaep-mgf1p`),
      ASSERTION,
      ours.certificate,
    );
    expect(readXml(await decryptXml(cbc, [ours.key], { allowCbc: true })).localName).toBe('Assertion');
    await expect(decryptXml(cbc, [ours.key])).rejects.toThrow(FAULT);
    const old15 = xmlsecEncrypts(
      template(`${XENC}aes256-cbc`, `${XENC}rsa-1_5`),
      ASSERTION,
      ours.certificate,
    );
    await expect(decryptXml(old15, [ours.key], { allowCbc: true })).rejects.toThrow(FAULT);
    const des = template(`${XENC}tripledes-cbc`, `${XENC}rsa-oaep-mgf1p`);
    const triple = xmlsecEncrypts(des, ASSERTION, ours.certificate, 'des-192');
    await expect(decryptXml(triple, [ours.key], { allowCbc: true })).rejects.toThrow(FAULT);
  });
});
