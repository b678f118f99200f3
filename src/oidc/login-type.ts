/** The deprecated parameter `loginType`, read as the `acr_values` entry of the same meaning (contract/oidc.md 3.1). */
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { acrWords } from './acr-words.ts';
import { CENTRALIZED } from './policies/central-login.ts';

const ACR_OF_TYPE: Readonly<Record<string, string>> = {
  'google-direct': 'urn:transmit:google_direct',
  'apple-direct': 'urn:transmit:apple_direct',
  'facebook-direct': 'urn:transmit:facebook_direct',
  'line-direct': 'urn:transmit:line_direct',
  centralized: CENTRALIZED,
};
/** Has no entry: the hosted page begins with a passkey. */
export const PASSKEY_TYPE = 'webauthn-direct';
const TYPES = [...Object.keys(ACR_OF_TYPE), PASSKEY_TYPE];

/** Adds the entry; what comes more than once is left for the engine to refuse. */
export function readLoginType(parameters: URLSearchParams): void {
  const [type = '', ...moreTypes] = parameters.getAll('loginType');
  const [acr, ...moreAcr] = parameters.getAll('acr_values');
  const meaning = Object.hasOwn(ACR_OF_TYPE, type) ? ACR_OF_TYPE[type] : undefined;
  if (meaning === undefined || moreTypes.length > 0 || moreAcr.length > 0) return;
  parameters.set('acr_values', [...new Set([...acrWords(acr), meaning])].join(' '));
}

/** @throws InvalidRequest for a value that nobody knows */
export function assertLoginType(_ctx: KoaContextWithOIDC, type: string | undefined): void {
  if (type !== undefined && !TYPES.includes(type))
    throw new errors.InvalidRequest(`loginType must be one of ${TYPES.join(', ')}`);
}
