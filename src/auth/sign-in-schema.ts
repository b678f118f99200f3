/** Members that the bodies of the authentication API share (contract/authentication.md 1). */
import { z } from 'zod';
import { emailContent } from '../messages/email-content-schema.ts';
import { claimFault } from '../oidc/sessions/requested-claims.ts';

/** 100 kB of text are more than any claims request needs. */
const object = z.record(z.string().max(256), z.unknown()).superRefine((members, ctx) => {
  const fault = claimFault(members);
  if (fault) ctx.addIssue({ code: 'custom', path: [fault.name], message: fault.problem });
});
const FLAT = /^[\w.-]{1,256}$/;

export const identifier = z.string().trim().min(1).max(255);
export const redirectUri = z.string().min(1).max(2048);
export const code = z.string().trim().min(1).max(64);
export const resource = z.string().min(1).max(2048);
export const claims = z.strictObject({ id_token: object, userinfo: object, access_token: object }).partial();
export const organizationId = z.string().min(1).max(128);
export const clientAttributes = z
  .strictObject({ user_agent: z.string().max(1024), ip_address: z.string().max(64) })
  .partial();
export const approvalData = z
  .record(
    z.string().regex(FLAT, 'may have letters, digits, _, - and . only'),
    z.union([z.string().max(1024), z.number(), z.boolean()]),
  )
  .refine((data) => Object.keys(data).length <= 10, 'must have at most 10 members');
export const customMessage = z
  .string()
  .max(140)
  .refine((text) => text.includes('{otp}') && text.includes('{app}'), 'must contain {otp} and {app}');
export const senderId = z.string().min(1).max(11);
/** Users have no identifiers of an application's own making here: their types are refused by name. */
export const IDENTIFIER_TYPES = ['email', 'phone_number', 'user_id', 'username'] as const;
export const identifierType = z
  .string()
  .max(64)
  .refine(
    (type) => (IDENTIFIER_TYPES as readonly string[]).includes(type),
    'must be email, phone_number, user_id or username; users have no custom identifiers here',
  );
/** As users may have it. */
export const email = z
  .string()
  .trim()
  .max(254)
  .regex(/^[^\s@]+@[^\s@]+$/, 'must be an email address');
export const phoneNumber = z
  .string()
  .regex(/^\+[1-9]\d{1,14}$/, 'must be a phone number in E.164 form, such as +14155550123');
export const passcode = z.string().trim().min(1).max(32);
/** Taken without effect: nothing here knows devices yet. */
export const deviceId = z.string().max(80);
export const requestId = z.string().min(1).max(128);
/** A day: longer than any code or link of a sign-in should live. */
export const minutes = z.number().int().min(1).max(1440);
export { emailContent };

/** Permissions of both families (section 1); any one is enough. */
export const EXECUTE = ['auth:execute', 'apps:execute', '[appId]:execute'] as const;

/** Of every call that ends in tokens at once. */
export const backendFields = {
  resource: resource.optional(),
  claims: claims.optional(),
  org_id: organizationId.optional(),
  client_attributes: clientAttributes.optional(),
  session_id: z.string().min(1).max(128).optional(),
};
/** Of every call that leads to the redirect URI. */
export const redirectFields = {
  redirect_uri: redirectUri,
  resource: resource.optional(),
  require_mfa: z.boolean().optional(),
  claims: claims.optional(),
  org_id: organizationId.optional(),
};

/** The token response of the backend family (tokens-and-sessions.md 7). */
export const tokenAnswer = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer').or(z.literal('DPoP')),
  expires_in: z.number(),
  scope: z.string().optional(),
  session_id: z.string(),
  id_token: z.string().optional(),
  refresh_token: z.string().optional(),
});
/** The URL of the redirect family. */
export const urlAnswer = z.object({ result: z.string() });
export const messageAnswer = z.object({ message: z.string() });
/** Without the session: of a refresh. */
export const refreshedAnswer = tokenAnswer.omit({ session_id: true });
