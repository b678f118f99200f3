/** Decides which grant types are open to a client. */
import { authenticationMethod, type OidcClient } from '../../clients/client.ts';

export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
export const CIBA = 'urn:openid:params:grant-type:ciba';
export const PASSWORD = 'password';
export const DELEGATED_ACCESS = 'urn:transmit:grant-type:delegated-access';

/** For the engine's metadata. */
export function grantTypes(client: OidcClient): string[] {
  const { settings } = client;
  const isPublic = authenticationMethod(client) === 'none';
  // A client without credentials gets no token for itself: its id, which is no secret, would be enough.
  if (client.appKind === 'management') return isPublic ? [] : ['client_credentials'];
  // FAPI 2.0 begins every sign-in with a pushed request and PKCE, which these flows do not have.
  const isFapi = settings.fapi_version_compliancy;
  // What a user allows an outside service is asked on a page, in the browser (contract/oidc.md 15).
  const isTrusted = !isPublic && !settings.is_third_party;
  return [
    'authorization_code',
    'refresh_token',
    ...(isPublic ? [] : ['client_credentials']),
    ...(settings.device_authorization.enabled && !isFapi ? [DEVICE_CODE] : []),
    ...(settings.ciba_authorization.enabled && !isFapi && isTrusted ? [CIBA] : []),
    ...(isTrusted ? [DELEGATED_ACCESS] : []),
    ...(isTrusted && !isFapi ? [PASSWORD] : []),
  ];
}
