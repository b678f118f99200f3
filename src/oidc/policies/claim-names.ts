/** Which claims exist, and which scope stands for which of them (contract/tokens-and-sessions.md 3, OpenID Connect Core 5.4). */
import { CUSTOM_CLAIMS } from '../../clients/custom-claims.ts';

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

const standard = new Map<string, readonly string[]>(Object.entries(SCOPE_CLAIMS));

/** The standard claims that this scope stands for; none for a scope of another kind. */
export const claimsOfScope = (scope: string): readonly string[] => standard.get(scope) ?? [];

/** True for claims about the sign-in and the application, which are not data of the user. */
export const isAboutSignIn = (claim: string): boolean =>
  [...SIGN_IN_CLAIMS, 'tid', 'app_name', 'new_user', 'approval_data'].includes(claim);
