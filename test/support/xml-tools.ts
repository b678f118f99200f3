/** Keys and certificates for XML, and the programs of other authors that read it: xmlsec1 and xmllint. */
import { spawnSync } from 'node:child_process';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issue } from './certificates.ts';
import { xmllintPath, xmlsecPath } from './engines.ts';

/** Skipped where the program is not there (engines.ts says so). */
export const describeWithXmlsec = xmlsecPath ? describe : describe.skip;
export const describeWithXmllint = xmllintPath ? describe : describe.skip;

export interface XmlIdentity {
  readonly key: KeyObject;
  /** PEM, PKCS #8. */
  readonly keyPem: string;
  readonly certificate: string;
}

const { subtle } = globalThis.crypto;

async function identity(algorithm: RsaHashedKeyGenParams | EcKeyGenParams): Promise<XmlIdentity> {
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const { cert, key } = await issue({ subject: [['CN', 'xml']], keys });
  return { key: createPrivateKey(key), keyPem: key, certificate: cert };
}

export const rsaIdentity = (modulusLength = 2048): Promise<XmlIdentity> =>
  identity({
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength,
    publicExponent: new Uint8Array([1, 0, 1]),
  });
export const ecIdentity = (namedCurve = 'P-256'): Promise<XmlIdentity> =>
  identity({ name: 'ECDSA', namedCurve });

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs a program over files of these names and texts; `{name}` in an argument is the path of that file. */
function run(program: string, args: readonly string[], files: Readonly<Record<string, string>>): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-xml-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { status, stdout, stderr } = spawnSync(
      program,
      args.map((arg) => arg.replace(/\{(\w+)\}/g, (_all, name: string) => join(folder, name))),
      { encoding: 'utf8' },
    );
    return { ok: status === 0, output: status === 0 ? stdout : `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const ids = ['AuthnRequest', 'LogoutRequest', 'Response', 'Assertion'].flatMap((name) => [
  '--id-attr:ID',
  name,
]);

/** Whether xmlsec1 takes the first signature of the document as one of this certificate. */
export const xmlsecVerifies = (xml: string, certificate: string): Outcome =>
  run(xmlsecPath ?? 'xmlsec1', ['--verify', '--pubkey-cert-pem', '{cert}', ...ids, '{xml}'], {
    xml,
    cert: certificate,
  });

/** The template with its empty signature filled by xmlsec1. */
export function xmlsecSigns(template: string, by: XmlIdentity): string {
  const { ok, output } = run(
    xmlsecPath ?? 'xmlsec1',
    ['--sign', '--privkey-pem', '{key},{cert}', ...ids, '{xml}'],
    { xml: template, key: by.keyPem, cert: by.certificate },
  );
  if (!ok) throw new Error(output);
  return output;
}

export const xmlsecDecrypts = (xml: string, keyPem: string): Outcome =>
  run(xmlsecPath ?? 'xmlsec1', ['--decrypt', '--privkey-pem', '{key}', '{xml}'], { xml, key: keyPem });

/** The template (an EncryptedData) with `content` in it. */
export function xmlsecEncrypts(
  template: string,
  content: string,
  certificate: string,
  sessionKey = 'aes-256',
): string {
  const { ok, output } = run(
    xmlsecPath ?? 'xmlsec1',
    [
      '--encrypt',
      '--pubkey-cert-pem',
      '{cert}',
      '--session-key',
      sessionKey,
      '--xml-data',
      '{content}',
      '{xml}',
    ],
    { xml: template, content, cert: certificate },
  );
  if (!ok) throw new Error(output);
  return output;
}

/** Exclusive canonical form as libxml2 has it; what it says where it does not take the text. */
export function libxmlForm(texts: readonly string[]): Outcome[] {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-xml-'));
  try {
    return texts.map((text, at) => {
      const file = join(folder, `${at}.xml`);
      writeFileSync(file, text);
      const { status, stdout, stderr } = spawnSync(
        xmllintPath ?? 'xmllint',
        ['--nonet', '--exc-c14n', file],
        {
          encoding: 'utf8',
        },
      );
      return { ok: status === 0 && stdout !== '', output: status === 0 ? stdout : stderr };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
