/** Holds SAML documents against the schemas of OASIS (xmllint) and their signatures against a certificate (xmlsec1). */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { xmllintPath, xmlsecPath } from './engines.ts';

const SCHEMAS = join(import.meta.dirname, '..', 'saml-schemas');
export type SamlSchema = 'protocol' | 'assertion' | 'metadata';

interface Ran {
  readonly status: number | null;
  readonly output: string;
}

function run(
  program: string,
  args: (path: string) => string[],
  texts: Readonly<Record<string, string>>,
): Ran {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-saml-'));
  try {
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
    const { status, stdout, stderr } = spawnSync(program, args(folder), {
      encoding: 'utf8',
      env: { ...process.env, XML_CATALOG_FILES: join(SCHEMAS, 'catalog.xml') },
    });
    return { status, output: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the validator finds wrong; empty where nothing is, or where there is no validator (engines.ts says so). */
export function schemaFaults(xml: string, schema: SamlSchema = 'protocol'): string {
  if (xmllintPath === undefined) return '';
  const file = join(SCHEMAS, `saml-schema-${schema}-2.0.xsd`);
  const { status, output } = run(
    xmllintPath,
    (folder) => ['--nonet', '--noout', '--schema', file, join(folder, 'xml')],
    { xml },
  );
  return status === 0 ? '' : output.replaceAll(/^.*Schemas parser warning.*$/gm, '').trim();
}

const ELEMENTS = ['Response', 'Assertion', 'EntityDescriptor'];

/** What xmlsec1 says about the signature that is a child of each of these elements, from the outermost; empty where all hold. */
export function signatureFaults(xml: string, certificate: string): string {
  if (xmlsecPath === undefined) return '';
  const program = xmlsecPath;
  const signed = ELEMENTS.filter((name) =>
    new RegExp(`<\\w+:${name}\\b[^>]*>(?:<\\w+:Issuer>[^<]*</\\w+:Issuer>)?<ds:Signature`).test(xml),
  );
  if (signed.length === 0) return 'no signature';
  const faults = signed.map((name) => {
    const { status, output } = run(
      program,
      (folder) => [
        '--verify',
        '--pubkey-cert-pem',
        join(folder, 'cert'),
        ...ELEMENTS.flatMap((id) => ['--id-attr:ID', id]),
        '--node-xpath',
        `//*[local-name()='${name}']/*[local-name()='Signature']`,
        join(folder, 'xml'),
      ],
      { xml, cert: certificate },
    );
    return status === 0 ? '' : `${name}: ${output}`;
  });
  return faults.join('').trim();
}

/** How many signatures are in it. */
export const signatureCount = (xml: string): number => xml.match(/<ds:Signature /g)?.length ?? 0;
