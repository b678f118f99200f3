/** Settings of the ways to sign in, by application (contract/authentication.md 6). All members are camelCase. */
import { z } from 'zod';
import { validate } from '../http/validate.ts';

const text = z.string().max(2048);
const texts = z.array(text).max(100);
const minutes = z.number().int().min(1).max(525_600);
const count = z.number().int().min(1).max(10_000);
const bundle = z.number().int().min(1).max(525_600);
/** Sections 4 and 5. */
const codeLength = z.number().int().min(4).max(8);
const message = z.strictObject({ primaryColor: text, from: text.optional(), subject: text.optional() });
const tier = z.strictObject({ attempts: count, duration: minutes });
const lockout = {
  failuresExpireIn: minutes.optional(),
  lockoutTiers: z.array(tier).max(20).optional(),
};
const deprecatedLockout = { maxFailures: count.optional(), lockoutDuration: minutes.optional() };

// Taken, kept sealed, never shown (applications/login-secrets.ts).
const secret = <Value extends z.ZodType>(value: Value) =>
  value.nullable().optional().meta({
    writeOnly: true,
    description: 'Never shown. Left out, the one before stays; null removes it.',
  });
const secretText = secret(z.string().min(1).max(16_384));
const social = z.strictObject({ clientId: text, clientSecret: secretText, redirectUris: texts.optional() });
const apple = social.extend({ appleTeamId: text, keyId: text });
const apn = z.strictObject({
  key: secretText,
  keyId: z.string().min(1).max(64),
  teamId: text,
  bundle: text,
  isProduction: z.boolean().optional(),
});
const fcm = z.strictObject({ key: secret(z.record(z.string(), z.unknown())) });
const push = z
  .strictObject({
    apn: z.union([apn, z.array(apn).max(20)], {
      error: 'must have keyId, teamId and bundle, and may have key and isProduction; or be a list of such',
    }),
    fcm,
  })
  .partial();
const code = {
  expiresIn: bundle,
  lockoutDuration: minutes.optional(),
  maxFailures: z.number().int().min(1).max(20),
  codeLength: codeLength.optional(),
  crossClientsAllowed: z.boolean().optional(),
};
const password = z.strictObject({
  ...lockout,
  resetValidityMinutes: z.number().int().min(5).max(60),
  passwordComplexity: z.number().int().min(1).max(5),
  passwordMinLength: z.number().int().min(5).max(14),
  blockPreviousPasswords: z.number().int().min(0).max(20),
  checkHibp: z.boolean().optional(),
  checkDictionary: z.boolean().optional(),
  passwordExpiresIn: z.number().int().min(1).max(1096),
  ignoreExpiration: z.boolean().optional(),
  maxPasswordFailures: z.number().int().min(1).max(20).optional(),
  passwordSuspensionDuration: minutes.optional(),
  tempPasswordValidityHours: z.number().int().min(1).max(8760).optional(),
  message,
  requireMFA: z.boolean().optional(),
  codeLength: codeLength.optional(),
  notifyOnPasswordUpdate: z.boolean().optional(),
});
const passkeys = z.strictObject({
  ...lockout,
  ...deprecatedLockout,
  rpId: text,
  rpWebOrigins: texts.optional(),
  rpMobileOrigins: texts.optional(),
  replaceExistingPasskey: z.boolean().optional(),
  allowSyncedPasskeys: z.boolean().optional(),
  enforceAttestation: z.boolean().optional(),
  attestationType: z.enum(['none', 'indirect', 'direct']).optional(),
  aaguidAllowList: texts.optional(),
  aaguidBlockList: texts.optional(),
  rpOrigin: text.optional(),
  rpOrigins: texts.optional(),
});
const totp = z.strictObject({
  ...lockout,
  ...deprecatedLockout,
  algorithm: z.enum(['sha1', 'sha256', 'sha512']).optional(),
  digits: z.union([z.literal(6), z.literal(8)]).optional(),
  period: z.number().int().min(10).max(300).optional(),
  window: z.number().int().min(0).max(10).optional(),
  issuer: text.optional(),
  maxTotpPerUser: z.number().int().min(1).max(50).optional(),
});

const methods = z
  .strictObject({
    google: social,
    facebook: social,
    line: social,
    tiktok: social,
    apple,
    email: z.strictObject({ expiresIn: bundle, linksPerUser: count, message }),
    email_otp: z.strictObject({ ...code, message }),
    sms: z.strictObject(code),
    webauthn_api: passkeys.refine(
      ({ aaguidAllowList, aaguidBlockList }) => !(aaguidAllowList && aaguidBlockList),
      'aaguidAllowList and aaguidBlockList exclude each other',
    ),
    password,
    totp,
    push,
    pin_authenticator: z.strictObject({ ...lockout, ...deprecatedLockout }),
    face: z.strictObject({ ...lockout, ...deprecatedLockout, saveImageEmbedding: z.boolean().optional() }),
  })
  .partial();
const wrapped = z.strictObject({ auth_methods: methods });
/** The methods bare, or as `{auth_methods}`. */
export const authMethods = z.union([methods, wrapped]);

const shownSocial = social.omit({ clientSecret: true }).optional();
const shownApn = apn.omit({ key: true });
/** As answers have them: without what is secret. */
export const shownMethods = methods.extend({
  google: shownSocial,
  facebook: shownSocial,
  line: shownSocial,
  tiktok: shownSocial,
  apple: apple.omit({ clientSecret: true }).optional(),
  push: z
    .strictObject({ apn: z.union([shownApn, z.array(shownApn)]), fcm: z.strictObject({}) })
    .partial()
    .optional(),
});
const shown = z.strictObject({ auth_methods: shownMethods });
export const authMethodsAnswer = z.object({ result: shown });

/** What an export has of them; secrets are refused by name, as they are not kept there. @throws 400 */
export const parseShownPreferences = (preferences: unknown): { auth_methods: Record<string, unknown> } =>
  validate(shown, preferences);

/** The methods that are named. @throws 400 naming what is wrong */
export const parseAuthMethods = (body: unknown): Record<string, unknown> =>
  typeof body === 'object' && body !== null && 'auth_methods' in body
    ? validate(wrapped, body).auth_methods
    : validate(methods, body);
