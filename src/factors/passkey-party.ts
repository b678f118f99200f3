/** For whom a passkey is made and accepted: the relying party of an application's own pages, or that of the hosted pages. */
import type { Application } from '../applications/application.ts';
import { passkeySettings } from '../applications/sign-in-settings.ts';
import type { Lockout } from '../users/lockout.ts';
import type { PasskeyScope } from '../users/passkey-store.ts';
import { methodMissing } from './factor-faults.ts';

export interface RelyingParty {
  readonly scope: PasskeyScope;
  readonly name: string;
  /** The web and app origins from which an answer may come. */
  readonly origins: readonly string[];
  readonly policy: PasskeyPolicy;
  /** After how many wrong answers a user's passkeys are good for nothing, and for how long. */
  readonly lockout: Lockout;
}

/** What an application asks of new passkeys (contract/authentication.md 6). */
export interface PasskeyPolicy {
  readonly attestation: 'none' | 'indirect' | 'direct';
  readonly enforceAttestation: boolean;
  readonly allowSynced: boolean;
  readonly replaceExisting: boolean;
  readonly allowedModels: readonly string[] | undefined;
  readonly blockedModels: readonly string[] | undefined;
}

/** The stored document, which the edge has checked. */
interface Stored {
  readonly rpId?: string;
  readonly rpWebOrigins?: readonly string[];
  readonly rpMobileOrigins?: readonly string[];
  readonly rpOrigin?: string;
  readonly rpOrigins?: readonly string[];
  readonly replaceExistingPasskey?: boolean;
  readonly allowSyncedPasskeys?: boolean;
  readonly enforceAttestation?: boolean;
  readonly attestationType?: PasskeyPolicy['attestation'];
  readonly aaguidAllowList?: readonly string[];
  readonly aaguidBlockList?: readonly string[];
}

type Settings = Pick<Application, 'appId' | 'name' | 'settings'>;

const storedOf = ({ settings }: Settings): Stored | undefined =>
  settings.login_preferences.auth_methods.webauthn_api as Stored | undefined;

/** Of the application's own pages. @throws 403 `auth_login_preferences_missing` where it has no settings */
export function partyOfApplication(application: Settings): RelyingParty {
  const stored = storedOf(application);
  if (!stored?.rpId) throw methodMissing('webauthn_api');
  const { rpId, rpWebOrigins = [], rpMobileOrigins = [], rpOrigins = [], rpOrigin } = stored;
  const origins = [...rpWebOrigins, ...rpMobileOrigins, ...rpOrigins, ...(rpOrigin ? [rpOrigin] : [])];
  return {
    scope: { rpId, appId: application.appId },
    name: application.name,
    origins: origins.length > 0 ? origins : [`https://${rpId}`],
    policy: policyOf(stored),
    lockout: passkeySettings(application).lockout,
  };
}

/** Of the hosted pages, which every application of the tenant shares; the application's wishes for new passkeys count. */
export const partyOfHostedPages = (application: Settings, publicUrl: URL): RelyingParty => ({
  scope: { rpId: publicUrl.hostname, appId: undefined },
  name: application.name,
  origins: [publicUrl.origin],
  policy: policyOf(storedOf(application) ?? {}),
  lockout: passkeySettings(application).lockout,
});

const lower = (models: readonly string[] | undefined): string[] | undefined =>
  models && models.length > 0 ? models.map((model) => model.toLowerCase()) : undefined;

const policyOf = (stored: Stored): PasskeyPolicy => ({
  attestation: stored.attestationType ?? 'none',
  enforceAttestation: stored.enforceAttestation ?? false,
  allowSynced: stored.allowSyncedPasskeys ?? true,
  replaceExisting: stored.replaceExistingPasskey ?? false,
  allowedModels: lower(stored.aaguidAllowList),
  blockedModels: lower(stored.aaguidBlockList),
});
