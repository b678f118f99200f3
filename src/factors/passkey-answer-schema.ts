/** Reads what a browser hands over at the end of a passkey ceremony, on an application's own pages and on the hosted ones. */
import { z } from 'zod';
import { parseObject } from '../http/json-body.ts';
import { validate } from '../http/validate.ts';
import type { AuthenticationAnswer, RegistrationAnswer } from './passkey-answer.ts';

const MAX_ENCODED = 64 * 1024;
const base64url = z
  .string()
  .max(MAX_ENCODED)
  .regex(/^[\w-]+=*$/, 'must be base64url');
// Browsers add members to it with time, so unknown ones are passed over here.
export const encodedResult = z.union([z.string().min(1).max(MAX_ENCODED), z.record(z.string(), z.unknown())]);

const head = {
  webauthn_session_id: z.string().min(1).max(128),
  id: base64url,
  rawId: base64url.optional(),
  type: z.literal('public-key').default('public-key'),
};
const registrationResult = z.object({
  ...head,
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).optional().catch(undefined),
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
    authenticatorAttachment: attachment,
  } = validate(registrationResult, decoded(result));
  return { sessionId, attachment, credential: { id, rawId, type, response } };
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
