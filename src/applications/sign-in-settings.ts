/** What an application has set for each way to sign in, with the defaults of contract/authentication.md 5 and 6. */
import { type Lockout, lockoutOf } from '../users/lockout.ts';
import { DEFAULT_POLICY, type PasswordSettings } from '../users/password-policy.ts';
import type { Application } from './application.ts';
import type { StoredCode, StoredMessage, StoredMethods, StoredOlderLockout } from './stored-methods.ts';

/** Undefined: an application that is gone has the defaults. */
type Settings = Pick<Application, 'settings'> | undefined;

export interface CodeSettings {
  /** The application has named the method. */
  readonly configured: boolean;
  readonly expiresInMinutes: number;
  readonly codeLength: number;
  /** A code works for other clients than the one that sent it, too. */
  readonly crossClientsAllowed: boolean;
  readonly lockout: Lockout;
  readonly message: StoredMessage;
}
export interface MagicLinkSettings {
  readonly configured: boolean;
  readonly expiresInMinutes: number;
  readonly linksPerUserAndMinute: number;
  readonly message: StoredMessage;
}
export interface PasskeySettings {
  readonly configured: boolean;
  /** Absent: the host of the public address. */
  readonly rpId?: string;
  /** The older members included. */
  readonly webOrigins: readonly string[];
  readonly mobileOrigins: readonly string[];
  readonly replaceExisting: boolean;
  readonly allowSynced: boolean;
  readonly enforceAttestation: boolean;
  readonly attestationType: 'none' | 'indirect' | 'direct';
  readonly aaguidAllowList?: readonly string[];
  readonly aaguidBlockList?: readonly string[];
  readonly lockout: Lockout;
}
export interface TotpSettings {
  readonly configured: boolean;
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  readonly digits: 6 | 8;
  readonly periodSeconds: number;
  /** Periods before and after the present one that are accepted. */
  readonly window: number;
  readonly issuer?: string;
  readonly maxPerUser: number;
  readonly lockout: Lockout;
}

const FAILURES = 5;
const LOCK_MINUTES = 15;
const EXPIRE_MINUTES = 15;
const RESET_CODE_LENGTH = 6;

const methodsOf = (application: Settings): StoredMethods =>
  application?.settings.login_preferences.auth_methods ?? {};

const foldedLockout = (given: StoredOlderLockout): Lockout =>
  lockoutOf({
    tiers: given.lockoutTiers,
    attempts: given.maxFailures ?? FAILURES,
    minutes: given.lockoutDuration ?? LOCK_MINUTES,
    expireMinutes: given.failuresExpireIn ?? EXPIRE_MINUTES,
  });

function offersPasswords(application: Settings): boolean {
  if (application === undefined) return true;
  const { primary_method, secondary_methods } = application.settings.hosted_login;
  return primary_method === 'password' || secondary_methods.includes('password');
}

export function passwordSettings(application: Settings): PasswordSettings {
  const { password } = methodsOf(application);
  const given = password ?? {};
  return {
    configured: password !== undefined,
    ...(password === undefined && !offersPasswords(application) && { isDisabled: true }),
    policy: {
      minLength: given.passwordMinLength ?? DEFAULT_POLICY.minLength,
      complexity: given.passwordComplexity ?? DEFAULT_POLICY.complexity,
      checkDictionary: given.checkDictionary ?? false,
      checkBreached: given.checkHibp ?? false,
      blockPrevious: given.blockPreviousPasswords ?? 0,
    },
    lockout: foldedLockout({
      ...given,
      maxFailures: given.maxPasswordFailures ?? FAILURES,
      lockoutDuration: given.passwordSuspensionDuration ?? LOCK_MINUTES,
    }),
    ...(!given.ignoreExpiration && { expiresInDays: given.passwordExpiresIn ?? 90 }),
    ...(given.tempPasswordValidityHours !== undefined && {
      temporaryValidityHours: given.tempPasswordValidityHours,
    }),
    resetValidityMinutes: given.resetValidityMinutes ?? 5,
    codeLength: given.codeLength ?? RESET_CODE_LENGTH,
    requireMfa: given.requireMFA ?? false,
    notifyOnUpdate: given.notifyOnPasswordUpdate ?? false,
  };
}

const codeSettings = (
  given: (StoredCode & { readonly message?: StoredMessage }) | undefined,
): CodeSettings => ({
  configured: given !== undefined,
  expiresInMinutes: given?.expiresIn ?? 5,
  codeLength: given?.codeLength ?? 6,
  crossClientsAllowed: given?.crossClientsAllowed ?? false,
  lockout: foldedLockout(given ?? {}),
  message: given?.message ?? {},
});

export const emailCodeSettings = (application: Settings): CodeSettings =>
  codeSettings(methodsOf(application).email_otp);

export const smsCodeSettings = (application: Settings): CodeSettings =>
  codeSettings(methodsOf(application).sms);

export function magicLinkSettings(application: Settings): MagicLinkSettings {
  const { email } = methodsOf(application);
  return {
    configured: email !== undefined,
    expiresInMinutes: email?.expiresIn ?? 15,
    linksPerUserAndMinute: email?.linksPerUser ?? 5,
    message: email?.message ?? {},
  };
}

export function passkeySettings(application: Settings): PasskeySettings {
  const { webauthn_api } = methodsOf(application);
  const given = webauthn_api ?? {};
  const origins = [given.rpWebOrigins, given.rpOrigins, given.rpOrigin].flatMap((one) => one ?? []);
  return {
    configured: webauthn_api !== undefined,
    ...(given.rpId !== undefined && { rpId: given.rpId }),
    webOrigins: [...new Set(origins)],
    mobileOrigins: given.rpMobileOrigins ?? [],
    replaceExisting: given.replaceExistingPasskey ?? false,
    allowSynced: given.allowSyncedPasskeys ?? true,
    enforceAttestation: given.enforceAttestation ?? false,
    attestationType: given.attestationType ?? 'none',
    ...(given.aaguidAllowList && { aaguidAllowList: given.aaguidAllowList }),
    ...(given.aaguidBlockList && { aaguidBlockList: given.aaguidBlockList }),
    lockout: foldedLockout(given),
  };
}

export function totpSettings(application: Settings): TotpSettings {
  const { totp } = methodsOf(application);
  return {
    configured: totp !== undefined,
    algorithm: totp?.algorithm ?? 'sha1',
    digits: totp?.digits ?? 6,
    periodSeconds: totp?.period ?? 30,
    window: totp?.window ?? 1,
    ...(totp?.issuer !== undefined && { issuer: totp.issuer }),
    maxPerUser: totp?.maxTotpPerUser ?? 1,
    lockout: foldedLockout(totp ?? {}),
  };
}
