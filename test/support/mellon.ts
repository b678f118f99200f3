/** Runs apache2 with mod_auth_mellon: pages that only somebody sees whom the identity provider has signed in. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MELLON_MODULES, mellonPath } from './engines.ts';
import type { XmlIdentity } from './xml-tools.ts';

/** Skipped where apache2 or its module is not there (engines.ts says so). */
export const describeWithMellon = mellonPath ? describe : describe.skip;

/** A protected place of the web server, a service provider of its own. */
export interface ProtectedPlace {
  /** As in `/signed`. */
  readonly path: string;
  /** The module starts no sign-in without a key, even where it signs nothing. */
  readonly identity: XmlIdentity;
  readonly signs: boolean;
  /** Metadata of the identity provider. */
  readonly idpMetadata: string;
  /** What requests ask for; mellon's own metadata asks for a transient one. */
  readonly nameIdFormat?: string;
  readonly directives?: readonly string[];
}

export const mellonUrls = (port: number, path: string) => {
  const base = `http://localhost:${port}${path}/mellon`;
  return {
    page: `http://localhost:${port}${path}/page.shtml`,
    metadata: `${base}/metadata`,
    acs: `${base}/postResponse`,
    slo: `${base}/logout`,
  };
};

/** What mellon says of itself. */
const metadataOf = (port: number, { path, identity, signs, nameIdFormat }: ProtectedPlace): string => {
  const { metadata, acs, slo } = mellonUrls(port, path);
  const certificate = identity.certificate.replace(/-----[A-Z ]+-----|\s/g, '');
  return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${metadata}"><SPSSODescriptor AuthnRequestsSigned="${signs}" WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor><SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${slo}"/><NameIDFormat>${nameIdFormat}</NameIDFormat><AssertionConsumerService index="0" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${acs}"/></SPSSODescriptor></EntityDescriptor>`;
};

const MODULES = 'mpm_event authn_core authz_core authz_user include mime auth_mellon'.split(' ');

const configuration = (port: number, folder: string, places: readonly string[]): string => `
ServerRoot "${folder}"
ServerName localhost
Listen 127.0.0.1:${port}
PidFile "${folder}/pid"
ErrorLog "${folder}/error.log"
${MODULES.map((name) => `LoadModule ${name}_module "${MELLON_MODULES}/mod_${name}.so"`).join('\n')}
User www-data
Group www-data
StartServers 1
ServerLimit 1
ThreadsPerChild 4
MaxRequestWorkers 4
MinSpareThreads 1
MaxSpareThreads 4
MellonLockFile "${folder}/lock"
DocumentRoot "${folder}/pages"
TypesConfig /dev/null
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
<Directory "${folder}/pages">
  Options +Includes
</Directory>
${places.join('\n')}
`;

/** Writes what the place needs. @returns its part of the configuration */
function furnish(folder: string, port: number, place: ProtectedPlace): string {
  const { path, identity, idpMetadata, nameIdFormat, directives = [] } = place;
  const file = (name: string, text: string): string => {
    const at = join(folder, `${path.slice(1)}-${name}`);
    writeFileSync(at, text);
    return at;
  };
  const pages = join(folder, 'pages', path);
  mkdirSync(pages, { recursive: true });
  writeFileSync(join(pages, 'page.shtml'), '<h1>Protected</h1><pre><!--#printenv --></pre>');
  const own = [
    `MellonSPPrivateKeyFile "${file('key.pem', identity.keyPem)}"`,
    `MellonSPCertFile "${file('cert.pem', identity.certificate)}"`,
  ];
  const self =
    nameIdFormat === undefined ? [] : [`MellonSPMetadataFile "${file('sp.xml', metadataOf(port, place))}"`];
  return `<Location ${path}>
  AuthType Mellon
  MellonEnable auth
  Require valid-user
  MellonEndpointPath ${path}/mellon
  MellonSPentityId "${mellonUrls(port, path).metadata}"
  MellonIdPMetadataFile "${file('idp.xml', idpMetadata)}"
  MellonVariable ${path.slice(1)}
  ${[...own, ...self, ...directives].join('\n  ')}
</Location>`;
}

/** @returns the way to end it. */
export async function startMellon(
  port: number,
  places: readonly ProtectedPlace[],
): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-mellon-'));
  // Its workers run as another user where the tests run as root.
  chmodSync(folder, 0o755);
  const file = join(folder, 'apache2.conf');
  writeFileSync(
    file,
    configuration(
      port,
      folder,
      places.map((place) => furnish(folder, port, place)),
    ),
  );
  const child = spawn(mellonPath ?? 'apache2', ['-DFOREGROUND', '-f', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const exited = once(child, 'close');
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  for (const limit = Date.now() + 10_000; !(await answers(port)); await pause(50))
    if (Date.now() > limit || child.exitCode !== null) {
      await end();
      throw new Error(`apache2 does not answer: ${said}`);
    }
  return end;
}

const answers = (port: number): Promise<boolean> =>
  fetch(`http://localhost:${port}/`).then(
    async (answer) => {
      await answer.arrayBuffer();
      return true;
    },
    () => false,
  );
