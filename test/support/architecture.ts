/** Reads the imports of a source tree and holds them against the layers and package owners of the house. */

/** One source text by its path below `src/`, with forward slashes. */
export type Sources = ReadonlyMap<string, string>;

type Layer = 'ground' | 'noun' | 'engine' | 'face' | 'roof';
interface Arrow {
  readonly from: string;
  /** A path below `src/`, or a package name. */
  readonly to: string;
  readonly isPackage: boolean;
}

const GROUND = ['base', 'config', 'storage', 'messages', 'http', 'texts', 'xml'];
/** A noun may import the nouns before it. */
const NOUNS = [
  'tenants',
  'audit',
  'keys',
  'users',
  'groups',
  'roles',
  'resources',
  'clients',
  'applications',
  'organizations',
  'service-providers',
  'consents',
  'sso',
  'factors',
];
const FACES = ['login', 'auth', 'account', 'saml', 'federation', 'admin', 'portal', 'ops'];
const FACE_DOORS = /^oidc\/(sessions\/|access-token\.ts$)/;

const speaksHttp = (file: string): boolean =>
  ['http', 'oidc', ...FACES].includes(folderOf(file)) || layerOf(file) === 'roof';
const within =
  (pattern: RegExp) =>
  (file: string): boolean =>
    pattern.test(file);

interface Owner {
  readonly where: string;
  readonly owns: (file: string) => boolean;
}
const KOA: Owner = { where: 'faces, http/, oidc/ and app.ts', owns: speaksHttp };
const DATABASE: Owner = { where: 'storage/database.ts', owns: within(/^storage\/database\.ts$/) };
const CERTIFICATES: Owner = { where: 'keys/certificate-*.ts', owns: within(/^keys\/certificate-/) };
const XML: Owner = { where: 'xml/', owns: within(/^xml\//) };
const OWNERS: Readonly<Record<string, Owner>> = {
  'oidc-provider': { where: 'oidc/', owns: within(/^oidc\//) },
  samlify: { where: 'saml/', owns: within(/^saml\//) },
  '@xmldom/xmldom': XML,
  'xml-crypto': XML,
  'xml-encryption': XML,
  'node-forge': { where: 'keys/certificate.ts', owns: within(/^keys\/certificate\.ts$/) },
  pg: DATABASE,
  '@electric-sql/pglite': DATABASE,
  ioredis: { where: 'storage/redis.ts', owns: within(/^storage\/redis\.ts$/) },
  dataloader: { where: 'storage/gathered.ts', owns: within(/^storage\/gathered\.ts$/) },
  kysely: {
    where: 'storage/, *-store.ts and oidc/adapter/',
    owns: within(/^storage\/|-store\.ts$|^oidc\/adapter\//),
  },
  jose: { where: 'oidc/ and keys/', owns: within(/^(oidc|keys)\//) },
  zod: {
    where: 'http/validate.ts, *-schema.ts and config/',
    owns: within(/^http\/validate\.ts$|-schema\.ts$|^config\//),
  },
  'scim2-parse-filter': { where: 'users/user-filter.ts', owns: within(/^users\/user-filter\.ts$/) },
  bcryptjs: { where: 'users/foreign-hash.ts', owns: within(/^users\/foreign-hash\.ts$/) },
  nodemailer: { where: 'messages/mail-transport.ts', owns: within(/^messages\/mail-transport\.ts$/) },
  '@simplewebauthn/server': { where: 'factors/passkey-*.ts', owns: within(/^factors\/passkey-/) },
  '@simplewebauthn/browser': {
    where: 'http/passkey-script.ts, which serves its file',
    owns: within(/^http\/passkey-script\.ts$/),
  },
  otpauth: { where: 'factors/totp.ts', owns: within(/^factors\/totp\.ts$/) },
  qrcode: { where: 'http/qr-code.ts', owns: within(/^http\/qr-code\.ts$/) },
  '@zxcvbn-ts/core': {
    where: 'users/password-dictionary.ts',
    owns: within(/^users\/password-dictionary\.ts$/),
  },
  '@zxcvbn-ts/language-common': {
    where: 'users/password-dictionary.ts',
    owns: within(/^users\/password-dictionary\.ts$/),
  },
  'swagger-ui-dist': { where: 'admin/reference-routes.ts', owns: within(/^admin\/reference-routes\.ts$/) },
  'openid-client': { where: 'federation/foreign-*.ts', owns: within(/^federation\/foreign-/) },
  yaml: { where: 'cli/', owns: within(/^cli\//) },
  'cli-progress': { where: 'cli/', owns: within(/^cli\//) },
  pkijs: CERTIFICATES,
  asn1js: CERTIFICATES,
  koa: KOA,
  '@koa/router': KOA,
  'koa-body': KOA,
  'koa-mount': KOA,
};

function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '';
}

function layerOf(file: string): Layer | undefined {
  const folder = folderOf(file);
  if (folder === '' || folder === 'cli') return 'roof';
  if (GROUND.includes(folder)) return 'ground';
  if (NOUNS.includes(folder)) return 'noun';
  if (folder === 'oidc') return 'engine';
  return FACES.includes(folder) ? 'face' : undefined;
}

// A comment may quote an import; whole-line comments and doc blocks are where that happens.
const withoutComments = (text: string): string =>
  text.replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, '').replace(/^[ \t]*\/\/.*$/gm, '');

const IMPORTS = [
  /^[ \t]*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^[ \t]*import\s*['"]([^'"]+)['"]/gm,
  /\b(?:import|require)\(\s*['"]([^'"]+)['"]/g,
];

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

function resolve(from: string, specifier: string): string {
  const root = 'file:///src/';
  const { href } = new URL(specifier, root + from);
  return href.startsWith(root) ? href.slice(root.length) : href.slice('file:///'.length);
}

/** Every import of one file, type-only and dynamic ones included. */
export function arrowsOf(from: string, text: string): Arrow[] {
  const code = withoutComments(text);
  const specifiers = IMPORTS.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''));
  return [...new Set(specifiers)]
    .filter((specifier) => !specifier.startsWith('node:'))
    .map((specifier) =>
      specifier.startsWith('.')
        ? { from, to: resolve(from, specifier), isPackage: false }
        : { from, to: packageOf(specifier), isPackage: true },
    );
}

function packageFault({ from, to }: Arrow): string | undefined {
  const owner = Object.hasOwn(OWNERS, to) ? OWNERS[to] : undefined;
  return owner && !owner.owns(from) ? `package ${to} belongs to ${owner.where}` : undefined;
}

function groundFault(from: string, to: string): string | undefined {
  if (layerOf(to) !== 'ground') return 'ground imports ground only';
  return folderOf(from) === 'base' && folderOf(to) !== 'base' ? 'base imports nothing but base' : undefined;
}

function nounFault(from: string, to: string): string | undefined {
  if (layerOf(to) === 'ground') return undefined;
  if (layerOf(to) !== 'noun') return 'nouns import ground and nouns only';
  const [left, right] = [folderOf(to), folderOf(from)];
  return NOUNS.indexOf(left) > NOUNS.indexOf(right)
    ? `${left} comes after ${right} in the order of nouns`
    : undefined;
}

function faceFault(from: string, to: string): string | undefined {
  const layer = layerOf(to);
  if (layer === 'face') return folderOf(from) === folderOf(to) ? undefined : 'faces do not import each other';
  if (layer === 'engine' && !FACE_DOORS.test(to))
    return 'faces reach the engine through oidc/sessions/ and oidc/access-token.ts only';
  return undefined;
}

function layerFault({ from, to }: Arrow): string | undefined {
  const layer = layerOf(from);
  if (layer === undefined) return `the folder ${folderOf(from)}/ is in no layer`;
  // package.json and migrations/ lie outside src: no layer is crossed.
  if (to.startsWith('../') || !/\.(ts|tsx)$/.test(to) || layer === 'roof') return undefined;
  if (layerOf(to) === 'roof') return 'the roof is never imported';
  if (layer === 'ground') return groundFault(from, to);
  if (layer === 'noun') return nounFault(from, to);
  if (layer === 'engine') return layerOf(to) === 'face' ? 'the engine knows no face' : undefined;
  return faceFault(from, to);
}

function environmentFaults(sources: Sources): string[] {
  const readsEnvironment =
    /\bprocess\s*(\.\s*env\b|\[\s*['"]env['"]\s*\])|\{[^}]*\benv\b[^}]*\}\s*from\s*['"](node:)?process['"]/;
  return [...sources]
    .filter(
      ([file, text]) =>
        !['main.ts', 'cli/main.ts'].includes(file) && readsEnvironment.test(withoutComments(text)),
    )
    .map(([file]) => `${file} reads process.env: only main.ts and cli/main.ts do`);
}

function circleFaults(arrows: readonly Arrow[]): string[] {
  const next = Map.groupBy(arrows, (arrow) => arrow.from);
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) circles.push(`${[...path.slice(start), file].join(' -> ')}: imports run in a circle`);
    if (start >= 0 || done.has(file)) return;
    for (const { to } of next.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return circles;
}

/** One sentence for every import that breaks the plan; empty when the house stands. */
export function architectureFaults(sources: Sources): string[] {
  const arrows = [...sources].flatMap(([file, text]) => arrowsOf(file, text));
  const arrowFaults = arrows.flatMap((arrow) => {
    const reason = arrow.isPackage ? packageFault(arrow) : layerFault(arrow);
    return reason === undefined ? [] : [`${arrow.from} imports ${arrow.to}: ${reason}`];
  });
  return [
    ...arrowFaults,
    ...circleFaults(arrows.filter((arrow) => !arrow.isPackage)),
    ...environmentFaults(sources),
  ];
}
