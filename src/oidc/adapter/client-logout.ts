/** Shows the engine where and how a client hears of logouts. */
import type { OidcClientSettings } from '../../clients/client.ts';

/** RFC 7591 metadata (OpenID Connect Back-Channel Logout 1.0 section 2.2). */
export const logoutMetadata = (settings: OidcClientSettings): Record<string, unknown> =>
  settings.backchannel_logout_uri === ''
    ? {}
    : {
        backchannel_logout_uri: settings.backchannel_logout_uri,
        backchannel_logout_session_required: settings.backchannel_logout_session_required,
      };

/** True where ID tokens have to name the session, so that a logout can name it again. */
export const wantsSid = (settings: OidcClientSettings): boolean =>
  (settings.backchannel_logout_uri !== '' && settings.backchannel_logout_session_required) ||
  (settings.frontchannel_logout_uri !== '' && settings.frontchannel_logout_session_required);
