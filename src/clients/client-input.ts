/** A client body as the edge hands it over: of an OIDC client, of a SAML client, or of what both have. */
import { invalid } from '../base/errors.ts';
import { DEFAULT_SETTINGS } from './client.ts';
import type { OidcClientInput } from './client-rules.ts';
import { DEFAULT_SAML_SETTINGS, type SamlClientSettings } from './saml-client.ts';

type Optional<T> = { [K in keyof T]?: T[K] | undefined };

/** Where the metadata of the service provider is: one of `xml` and `url`. */
export interface SpMetadataSource {
  readonly xml?: string | undefined;
  readonly url?: string | undefined;
  /** PEM; the metadata must be signed with its key. */
  readonly certificate?: string | undefined;
}

/** Absent members stay as they are. */
export interface SamlClientInput extends Optional<SamlClientSettings> {
  name?: string | undefined;
  /** Resource ids (contract C15). */
  resources?: string[] | undefined;
  sp_entity_id?: string | undefined;
  authentication_protocol?: 'saml' | undefined;
  /** Becomes fields before anything is written (metadata-import.ts). */
  sp_metadata?: SpMetadataSource | undefined;
}

export type ClientInput =
  | (OidcClientInput & { authentication_protocol?: 'oidc' | undefined })
  | SamlClientInput;

const OF_BOTH = ['name', 'resources', 'authentication_protocol'];
const SAML_FIELDS = [...OF_BOTH, 'sp_entity_id', ...Object.keys(DEFAULT_SAML_SETTINGS)];
const ONLY_SAML = [
  ...SAML_FIELDS.filter((name) => ![...OF_BOTH, ...Object.keys(DEFAULT_SETTINGS)].includes(name)),
  'sp_metadata',
];

/** True for a body that only a SAML client can have. */
export const speaksSaml = (body: object): boolean =>
  (body as { authentication_protocol?: unknown }).authentication_protocol === 'saml' ||
  ONLY_SAML.some((name) => name in body);

const present = (input: ClientInput): string[] =>
  Object.entries(input).flatMap(([name, value]) => (value === undefined ? [] : [name]));

/** @throws 400 naming every field that an OIDC client does not have, a change of the protocol included (R110). */
export function forOidc(input: ClientInput): OidcClientInput {
  const { authentication_protocol: protocol, ...rest } = input;
  const wrong = present(rest).filter((name) => ONLY_SAML.includes(name));
  refuse(wrong, 'an OIDC client', protocol === 'saml');
  return rest as OidcClientInput;
}

/** @throws 400 naming every field that a SAML client does not have, a change of the protocol included (R110). */
export function forSaml(input: ClientInput): SamlClientInput {
  const { authentication_protocol: protocol, ...rest } = input;
  const wrong = present(rest).filter((name) => !SAML_FIELDS.includes(name));
  refuse(wrong, 'a SAML client', protocol === 'oidc');
  return rest as SamlClientInput;
}

function refuse(wrong: readonly string[], kind: string, changesProtocol: boolean): void {
  const problems = wrong.map((name) => `${name} is not a field of ${kind}`);
  if (changesProtocol) problems.push('authentication_protocol cannot be changed; create another client');
  if (problems.length > 0) throw invalid(...problems);
}
