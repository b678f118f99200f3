/** Which claims exist, and which scope stands for which of them (contract/tokens-and-sessions.md 3, OpenID Connect Core 5.4). */
import { CUSTOM_CLAIMS } from '../../clients/client.ts';

/** Claims about the sign-in itself; the engine puts them into every ID token. */
const SIGN_IN_CLAIMS = ['sub', 'acr', 'amr', 'auth_time'];

/** The standard claims of the standard scopes (OpenID Connect Core 5.4). */
const SCOPE_CLAIMS = {
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
  profile: [
    'name',
    'given_name',
    'family_name',
    'middle_name',
    'preferred_username',
    'picture',
    'birthdate',
    'locale',
    'updated_at',
  ],
};

/**
 * For the engine: it lets a claim out where its scope was granted. All stand under `openid`, so that every one can be
 * asked for and the selection (claim-selection.ts) alone decides.
 */
export const ENGINE_CLAIMS = {
  openid: [
    ...new Set([
      ...SIGN_IN_CLAIMS,
      ...CUSTOM_CLAIMS,
      ...Object.values(SCOPE_CLAIMS).flat(),
      'webauthn_username',
      'organization',
    ]),
  ],
  ...SCOPE_CLAIMS,
};

/** Our names for what the standard scopes tell. */
const CUSTOM_SCOPE_CLAIMS = {
  profile: ['fname', 'mname', 'lname', 'username', 'birthday', 'language'],
  address: ['address_type', 'city', 'country', 'street_address'],
};
/** They tell about the sign-in and the application, not about the user's data. */
const OPEN_CLAIMS: readonly string[] = [...SIGN_IN_CLAIMS, 'tid', 'app_name', 'new_user', 'approval_data'];

const standard = new Map<string, readonly string[]>(Object.entries(SCOPE_CLAIMS));
const ours = new Map<string, readonly string[]>(Object.entries(CUSTOM_SCOPE_CLAIMS));

/** The standard claims that this scope stands for; none for a scope of another kind. */
export const claimsOfScope = (scope: string): readonly string[] => standard.get(scope) ?? [];

/** True where these granted scopes let a third party see the claim (R97). */
export const scopesTell = (scopes: readonly string[], claim: string): boolean =>
  OPEN_CLAIMS.includes(claim) ||
  scopes.some((scope) => [...claimsOfScope(scope), ...(ours.get(scope) ?? [])].includes(claim));
