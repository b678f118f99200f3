/** Passkey operations as the outside writes and reads them (contract/authentication.md 8). */
import { z } from 'zod';
import { encodedResult } from '../factors/passkey-answer-schema.ts';
import { CEREMONY_SECONDS } from '../factors/passkey-session.ts';

export const clientId = z.string().min(1).max(128);
export const username = z.string().trim().min(1).max(64);
const timeout = z.number().int().min(CEREMONY_SECONDS.min).max(CEREMONY_SECONDS.max).optional();
/** contract/authentication.md 1. */
export const approvalData = z
  .record(
    z.string().regex(/^[\w.-]{1,256}$/),
    z.union([z.string().regex(/^[\w.-]{0,1024}$/), z.number(), z.boolean()]),
  )
  .refine((value) => Object.keys(value).length <= 10, 'must have at most 10 members')
  .optional();
export const startAuthentication = z.strictObject({
  client_id: clientId,
  username: username.optional(),
  timeout,
  approval_data: approvalData,
});
export const startRegistration = z.strictObject({
  client_id: clientId,
  username,
  display_name: z.string().trim().min(1).max(64).optional(),
  timeout,
  limit_single_credential_to_device: z.boolean().optional(),
});
export const registerPasskey = z.strictObject({ webauthn_encoded_result: encodedResult });
export const registerExternal = z.strictObject({
  webauthn_encoded_result: encodedResult,
  external_user_id: z.string().min(1).max(256),
  email: z.email().max(254).optional(),
  phone_number: z
    .string()
    .regex(/^\+[1-9]\d{1,14}$/, 'must be a phone number in E.164 form, such as +14155550123')
    .optional(),
});
export const registrationHint = z.strictObject({
  webauthn_identifier: username,
  redirect_uri: z.string().min(1).max(2048),
  external_user_id: z.string().min(1).max(256).optional(),
});

const options = z.record(z.string(), z.unknown());
export const startedAuthentication = z.object({
  webauthn_session_id: z.string(),
  credential_request_options: options,
});
export const startedRegistration = z.object({
  webauthn_session_id: z.string(),
  credential_creation_options: options,
});
export const registered = z.object({
  webauthn_session_id: z.string(),
  user_id: z.string(),
  webauthn_username: z.string(),
  credential_id: z.string(),
  authenticator_attachment: z.enum(['platform', 'cross-platform']),
  aaguid: z.string(),
  external_user_id: z.string().optional(),
  is_user_created: z.boolean().optional(),
});
export const hinted = z.object({ register_webauthn_cred_token: z.string() });
