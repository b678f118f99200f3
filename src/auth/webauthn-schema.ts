/** Passkey operations as the outside writes and reads them (contract/authentication.md 8). */
import { z } from 'zod';
import type { AuthenticationAnswer, RegistrationAnswer } from '../factors/passkey-answer.ts';
import { CEREMONY_SECONDS } from '../factors/passkey-session.ts';
import { parseObject } from '../http/json-body.ts';
import { validate } from '../http/validate.ts';

const MAX_ENCODED = 64 * 1024;
const base64url = z
  .string()
  .max(MAX_ENCODED)
  .regex(/^[\w-]+=*$/, 'must be base64url');
const clientId = z.string().min(1).max(128);
const username = z.string().trim().min(1).max(64);
const timeout = z.number().int().min(CEREMONY_SECONDS.min).max(CEREMONY_SECONDS.max).optional();
/** contract/authentication.md 1. */
const approvalData = z
  .record(z.string().regex(/^[\w.-]+$/), z.union([z.string().regex(/^[\w.-]*$/), z.number(), z.boolean()]))
  .refine((value) => Object.keys(value).length <= 10, 'must have at most 10 members')
  .optional();
// Browsers add members to it with time, so unknown ones are passed over here.
export const encodedResult = z.union([z.string().min(1).max(MAX_ENCODED), z.record(z.string(), z.unknown())]);

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
export const registered = z.object({ credential_id: z.string(), user_id: z.string() });
export const hinted = z.object({ register_webauthn_cred_token: z.string() });

const head = {
  webauthn_session_id: z.string().min(1).max(128),
  id: base64url,
  rawId: base64url.optional(),
  type: z.literal('public-key').default('public-key'),
};
const registrationResult = z.object({
  ...head,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(z.string()).max(10).optional(),
  }),
});
const authenticationResult = z.object({
  ...head,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.nullish(),
  }),
});

type Encoded = z.infer<typeof encodedResult>;

/**
 * `webauthn_encoded_result`: the browser's credential as JSON with `webauthn_session_id` beside its members, or around it as
 * `credential`; base64url of that, or the object itself.
 */
function decoded(result: Encoded): unknown {
  const value = typeof result === 'string' ? parseObject(Buffer.from(result, 'base64')) : result;
  const { credential, webauthn_session_id } = value;
  return typeof credential === 'object' && credential !== null
    ? { ...credential, webauthn_session_id }
    : value;
}

/** @throws 400 naming what is missing */
export function registrationAnswer(result: Encoded): RegistrationAnswer {
  const {
    webauthn_session_id: sessionId,
    id,
    rawId = id,
    type,
    response,
  } = validate(registrationResult, decoded(result));
  return { sessionId, credential: { id, rawId, type, response } };
}

/** @throws 400 naming what is missing */
export function authenticationAnswer(result: Encoded): AuthenticationAnswer {
  const {
    webauthn_session_id: sessionId,
    id,
    rawId = id,
    type,
    response,
  } = validate(authenticationResult, decoded(result));
  return { sessionId, credential: { id, rawId, type, response } };
}
