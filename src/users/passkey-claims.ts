/** What the claims `webauthn` and `webauthn_username` say of a user's passkeys (contract/tokens-and-sessions.md 3; the members are ours). */
import type { AppId } from '../base/ids.ts';
import type { Passkey } from './passkey-store.ts';

/** At one application: the passkeys made on its own pages, and those of the hosted pages. Nothing without any. */
export function passkeyClaims(passkeys: readonly Passkey[], appId: string): Record<string, unknown> {
  const here = passkeys.filter(
    (passkey) => passkey.appId === undefined || passkey.appId === (appId as AppId),
  );
  if (here.length === 0) return {};
  return { webauthn: { credentials: here.map(toOuter) }, webauthn_username: here.at(-1)?.username };
}

const toOuter = (passkey: Passkey) => ({
  credential_id: passkey.credentialId,
  rp_id: passkey.rpId,
  username: passkey.username,
  aaguid: passkey.aaguid,
  synced: passkey.deviceType === 'multiDevice',
  created_at: passkey.createdAt.getTime(),
  ...(passkey.lastUsedAt && { last_used_at: passkey.lastUsedAt.getTime() }),
});
