/** The settings of the ways to sign in as they are stored; the edge has checked them (admin/login-preferences-schema.ts). */

interface StoredLockout {
  readonly failuresExpireIn?: number;
  readonly lockoutTiers?: readonly { readonly attempts: number; readonly duration: number }[];
}
export interface StoredOlderLockout extends StoredLockout {
  readonly maxFailures?: number;
  readonly lockoutDuration?: number;
}
export interface StoredCode {
  readonly expiresIn?: number;
  readonly maxFailures?: number;
  readonly lockoutDuration?: number;
  readonly codeLength?: number;
  readonly crossClientsAllowed?: boolean;
}
interface StoredPassword extends StoredLockout {
  readonly resetValidityMinutes?: number;
  readonly passwordComplexity?: number;
  readonly passwordMinLength?: number;
  readonly blockPreviousPasswords?: number;
  readonly checkHibp?: boolean;
  readonly checkDictionary?: boolean;
  readonly passwordExpiresIn?: number;
  readonly ignoreExpiration?: boolean;
  readonly maxPasswordFailures?: number;
  readonly passwordSuspensionDuration?: number;
  readonly tempPasswordValidityHours?: number;
  readonly requireMFA?: boolean;
  readonly codeLength?: number;
  readonly notifyOnPasswordUpdate?: boolean;
}
interface StoredPasskeys extends StoredOlderLockout {
  readonly rpId?: string;
  readonly rpWebOrigins?: readonly string[];
  readonly rpMobileOrigins?: readonly string[];
  readonly rpOrigin?: string;
  readonly rpOrigins?: readonly string[];
  readonly replaceExistingPasskey?: boolean;
  readonly allowSyncedPasskeys?: boolean;
  readonly enforceAttestation?: boolean;
  readonly attestationType?: 'none' | 'indirect' | 'direct';
  readonly aaguidAllowList?: readonly string[];
  readonly aaguidBlockList?: readonly string[];
}
interface StoredTotp extends StoredOlderLockout {
  readonly algorithm?: 'sha1' | 'sha256' | 'sha512';
  readonly digits?: 6 | 8;
  readonly period?: number;
  readonly window?: number;
  readonly issuer?: string;
  readonly maxTotpPerUser?: number;
}
export interface StoredMessage {
  readonly primaryColor?: string;
  readonly from?: string;
  readonly subject?: string;
}
export interface StoredMethods {
  readonly password?: StoredPassword;
  readonly email?: {
    readonly expiresIn?: number;
    readonly linksPerUser?: number;
    readonly message?: StoredMessage;
  };
  readonly email_otp?: StoredCode & { readonly message?: StoredMessage };
  readonly sms?: StoredCode;
  readonly webauthn_api?: StoredPasskeys;
  readonly totp?: StoredTotp;
}
