/** What a registration of a passkey answers, in the published words (contract/authentication.md 8). */
import type { Registered } from '../factors/cross-device-passkeys.ts';
import type { RegistrationAnswer } from '../factors/passkey-answer.ts';

/** Browsers that do not say where the authenticator is name its transports. */
const attachmentOf = ({ attachment, credential }: RegistrationAnswer): 'platform' | 'cross-platform' => {
  const { transports = [] } = credential.response;
  return (
    attachment ?? (transports.length === 0 || transports.includes('internal') ? 'platform' : 'cross-platform')
  );
};

export const registeredPasskey = (answer: RegistrationAnswer, passkey: Registered) => ({
  webauthn_session_id: answer.sessionId,
  user_id: passkey.userId,
  webauthn_username: passkey.username,
  credential_id: passkey.credentialId,
  authenticator_attachment: attachmentOf(answer),
  aaguid: passkey.aaguid,
  ...(passkey.externalUserId !== undefined && {
    external_user_id: passkey.externalUserId,
    is_user_created: passkey.isUserCreated ?? false,
  }),
});
