/** The refusals of authenticator apps, recovery codes and passkeys; each has a text as `error_code` (contract/authentication.md 1, 8). */
import { TextCodeError } from '../base/text-code-error.ts';

export const invalidRequest = (message: string) => new TextCodeError(400, 'invalid_request', message);
/** The same for a wrong, a used and a missing code: who guesses learns nothing. */
export const wrongCode = () =>
  new TextCodeError(400, 'auth_invalid_credentials', 'The code is not valid, or was used before');
export class FactorLocked extends TextCodeError {
  readonly until: Date;
  constructor(until: Date) {
    super(403, 'auth_locked', `Too many failed attempts; try again after ${until.toISOString()}`, {
      retryAfterSeconds: Math.max(1, Math.ceil((until.getTime() - Date.now()) / 1000)),
    });
    this.until = until;
  }
}
export const locked = (until: Date) => new FactorLocked(until);
export const methodMissing = (method: string) =>
  new TextCodeError(
    403,
    'auth_login_preferences_missing',
    `The application has no settings for ${method}; set them in its login preferences`,
  );
export const reauthenticationRequired = () =>
  new TextCodeError(
    403,
    'reauthentication_required',
    'The sign-in behind this token is too long ago; sign in again (prompt=login) and repeat the request',
  );
export const secondFactorRequired = () =>
  new TextCodeError(
    403,
    'mfa_required',
    'The user has a second factor: sign in with two factors (acr_values=mfa), or with a passkey, and repeat the request',
  );
/** Of a backend sign-in at an application that asks for two; the id is good for nothing but the next authenticate call. */
export class SecondFactorMissing extends TextCodeError {
  constructor(sessionId: string) {
    super(
      403,
      'mfa_required',
      'The application asks for two factors: authenticate the user in another way, over another channel, with this session_id',
      { members: { session_id: sessionId } },
    );
  }
}
export const clientNotFound = () =>
  new TextCodeError(404, 'client_not_found', 'No client has this client_id');
/** Contract C27. */
export const samlClientRefused = () =>
  invalidRequest('A SAML client cannot be used with the authentication API');
export const userNotActive = () => new TextCodeError(403, 'user_not_active', 'The user is not active');
/** Said to the holder of a credential that is unknown here; never to somebody who only gives a username. */
export const noCredentials = () =>
  new TextCodeError(404, 'no_credentials_registered', 'This passkey is not registered here');
export const tooManyAuthenticators = (limit: number) =>
  new TextCodeError(
    409,
    'totp_limit_reached',
    `The user already has ${limit} authenticator app(s), which is the limit; remove one first`,
  );
/** The same for every ticket that cannot be used (any more): who guesses learns nothing. */
export const ticketNotFound = () =>
  new TextCodeError(404, 'cross_device_ticket_not_found', 'No open ticket has this id; start again');
export const deviceAttached = () =>
  invalidRequest('Another device is attached to this ticket already; start again');
/** The older family has words of its own for the same. */
export const authSessionNotFound = () =>
  new TextCodeError(404, 'auth_session_not_found', 'No open session has this id; start again');
export const invalidAuthSession = (message: string) =>
  new TextCodeError(400, 'invalid_auth_session', message);
export const deviceAlreadyAttached = () =>
  new TextCodeError(
    400,
    'device_already_attached',
    'Another device is attached to this session; start again',
  );
export const deviceTokenMissing = () =>
  new TextCodeError(
    401,
    'device_binding_token_not_provided',
    'Send the token that came in set-device-binding-token in the header x-ts-device-binding-token',
  );
export const deviceTokenWrong = () =>
  new TextCodeError(
    401,
    'invalid_device_binding_token',
    'The device binding token is not that of a device which may do this in this session',
  );
export const noSuchAuthenticator = () => new TextCodeError(404, 'not_found', 'Authenticator not found');
