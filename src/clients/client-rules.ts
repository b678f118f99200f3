/** What an OIDC client's settings must fulfil, and how the deprecated fields fold into the present ones. */
import { invalid } from '../base/errors.ts';
import { certificateProblems, isCertificateOnly } from './certificate-rules.ts';
import {
  type AuthenticationMethod,
  DEFAULT_SETTINGS,
  type Jwks,
  type OidcClientSettings,
  type TokenExpiration,
} from './client.ts';
import { encryptionKeyOf } from './encryption-key.ts';
import { fapiProblems } from './fapi-rules.ts';
import { logoutProblems } from './logout-rules.ts';
import { publicKeyProblem } from './public-keys.ts';
import { redirectUriProblem } from './redirect-uri.ts';

type Optional<T> = { [K in keyof T]?: T[K] | undefined };

/** A body as the edge hands it over: absent members stay as they are. */
export interface OidcClientInput
  extends Optional<
    Omit<OidcClientSettings, 'token_expiration' | 'device_authorization' | 'ciba_authorization'>
  > {
  name?: string | undefined;
  /** Resource ids (contract C15). */
  resources?: string[] | undefined;
  role_ids?: string[] | undefined;
  token_endpoint_auth_method?: AuthenticationMethod | undefined;
  consent_uri?: string | undefined;
  token_expiration?: Optional<TokenExpiration> | undefined;
  device_authorization?: OidcClientSettings['device_authorization'] | undefined;
  ciba_authorization?: { enabled: boolean; login_uri?: string | undefined } | undefined;
}

/**
 * The settings after this body: top-level members replace those of `current`.
 * @throws 400 with one sentence per rule that the result breaks.
 */
export function mergeSettings(
  current: Readonly<OidcClientSettings>,
  input: OidcClientInput,
): OidcClientSettings {
  const settings = { ...current, ...plainMembers(input), ...foldedMembers(current, input) };
  const problems = [
    ...requestProblems(input),
    ...settingsProblems(settings),
    ...fapiProblems(settings, input.enforce_par),
    ...(settings.is_third_party && input.role_ids?.length
      ? ['role_ids cannot be given to a third-party client']
      : []),
  ];
  if (problems.length > 0) throw invalid(...problems);
  return settings;
}

/** Members that go into the document as they came. */
function plainMembers(input: OidcClientInput): Partial<OidcClientSettings> {
  const known = Object.keys(DEFAULT_SETTINGS);
  return Object.fromEntries(
    Object.entries(input).filter(([name, value]) => known.includes(name) && value !== undefined),
  ) as Partial<OidcClientSettings>;
}

/** Members that are written in more than one way. Where both ways are used, the one that is not deprecated counts. */
function foldedMembers(
  current: Readonly<OidcClientSettings>,
  input: OidcClientInput,
): Partial<OidcClientSettings> {
  const folded: Partial<OidcClientSettings> = {};
  const method = input.token_endpoint_auth_method;
  if (method !== undefined && input.pkce === undefined) {
    if (method === 'none') folded.pkce = 'enforcePkceInsteadOfClientCredentials';
    else if (current.pkce === 'enforcePkceInsteadOfClientCredentials') folded.pkce = DEFAULT_SETTINGS.pkce;
  }
  if (method !== undefined && method !== 'none' && input.authentication_configuration === undefined)
    folded.authentication_configuration = { ...current.authentication_configuration, method };
  if (input.consent_uri !== undefined && input.consent_uris === undefined)
    folded.consent_uris = input.consent_uri === '' ? [] : [input.consent_uri];
  // The flag brings PAR along; a body that says otherwise is a contradiction (fapi-rules.ts).
  if (input.fapi_version_compliancy ?? current.fapi_version_compliancy) folded.enforce_par = true;
  if (input.token_expiration) folded.token_expiration = expiration(input.token_expiration);
  if (input.ciba_authorization)
    folded.ciba_authorization = {
      enabled: input.ciba_authorization.enabled,
      login_uri: input.ciba_authorization.login_uri ?? '',
    };
  return folded;
}

/** A member left out has the number of a new client; null stays null (contract D3). */
function expiration(input: Optional<TokenExpiration>): TokenExpiration {
  const { access_token_ttl, refresh_token_ttl, max_refresh_rotate } = DEFAULT_SETTINGS.token_expiration;
  return {
    access_token_ttl: input.access_token_ttl === undefined ? access_token_ttl : input.access_token_ttl,
    refresh_token_ttl: input.refresh_token_ttl === undefined ? refresh_token_ttl : input.refresh_token_ttl,
    max_refresh_rotate:
      input.max_refresh_rotate === undefined ? max_refresh_rotate : input.max_refresh_rotate,
  };
}

/** Of clients of both kinds. */
export const claimProblems = (
  input: Pick<OidcClientInput, 'sync_id_token_claims_to_userinfo' | 'default_user_info_claims'>,
): string[] =>
  input.sync_id_token_claims_to_userinfo === true && (input.default_user_info_claims?.length ?? 0) > 0
    ? ['default_user_info_claims cannot be set together with sync_id_token_claims_to_userinfo']
    : [];

/** Rules about one request, not about what is stored. */
function requestProblems(input: OidcClientInput): string[] {
  const problems = claimProblems(input);
  if (input.consent_uris !== undefined && (input.consent_uri ?? '') !== '')
    if (!input.consent_uris.includes(input.consent_uri ?? ''))
      problems.push('consent_uri and consent_uris contradict each other');
  return problems;
}

function settingsProblems(settings: OidcClientSettings): string[] {
  const pages = [
    ...settings.consent_uris.map((uri, at) => [`consent_uris.${at}`, uri] as const),
    ...(['approval_uri', 'success_uri', 'input_uri'] as const).map(
      (name) => [`device_authorization.${name}`, settings.device_authorization[name]] as const,
    ),
    ['ciba_authorization.login_uri', settings.ciba_authorization.login_uri] as const,
  ].filter(([, uri]) => uri !== '');
  return [
    ...settings.redirect_uris.flatMap((uri, at) =>
      naming(uri, sentence(`redirect_uris.${at}`, redirectUriProblem(uri, settings.client_type))),
    ),
    ...pages.flatMap(([name, uri]) => naming(uri, sentence(name, redirectUriProblem(uri, 'web')))),
    ...authenticationProblems(settings),
    ...encryptionProblems(settings),
    ...logoutProblems(settings),
  ];
}

const sentence = (name: string, problem: string | undefined): string[] =>
  problem === undefined ? [] : [`${name} ${problem}`];

/** Written as JSON, so that tabs and other invisible characters show. */
const naming = (uri: string, sentences: readonly string[]): string[] =>
  sentences.map((text) => `${text}: ${JSON.stringify(uri.slice(0, 200))}`);

/** Contract R46, R48: the keys or the certificate have to be there before the method can be used. */
function authenticationProblems({ authentication_configuration: auth }: OidcClientSettings): string[] {
  const at = 'authentication_configuration';
  const keys = auth.jwks?.keys ?? [];
  const byCertificate = auth.method === 'self_signed_tls_client_auth';
  const problems = keyProblems(`${at}.jwks`, auth.jwks, byCertificate);
  if (auth.method === 'private_key_jwt' && keys.length === 0)
    problems.push(`${at}.jwks is required for ${auth.method}`);
  problems.push(...certificateProblems(auth));
  return problems;
}

function encryptionProblems({ id_token_encryption: encryption }: OidcClientSettings): string[] {
  const problems = keyProblems('id_token_encryption.jwks', encryption.jwks);
  if (!encryption.enabled) return problems;
  if ((encryption.jwks?.keys ?? []).length === 0)
    problems.push('id_token_encryption.jwks is required where encryption is enabled');
  else if (!encryptionKeyOf(encryption.jwks))
    problems.push(
      'id_token_encryption.jwks must have a key to encrypt to: RSA of 2048 bits or more, P-256, P-384, P-521 or X25519, ' +
        'with use absent or enc and alg absent, RSA-OAEP* or ECDH-ES*',
    );
  return problems;
}

/** A client hands in public keys only; a private one was sent by mistake and is not kept. */
const keyProblems = (name: string, jwks: Jwks | undefined, byCertificate = false): string[] =>
  (jwks?.keys ?? []).flatMap((key, at) =>
    byCertificate && isCertificateOnly(key) ? [] : sentence(`${name}.keys.${at}`, publicKeyProblem(key)),
  );
