/** Bodies and answers of the older cross-device family, as published (contract/authentication.md 8). */
import { z } from 'zod';
import { CEREMONY_SECONDS } from '../factors/passkey-session.ts';
import { redirectUri } from './sign-in-schema.ts';
import { approvalData, clientId, username } from './webauthn-schema.ts';

const auth_session_id = z.string().min(1).max(128);
const session_expiration = z
  .number()
  .int()
  .min(CEREMONY_SECONDS.min)
  .max(CEREMONY_SECONDS.max)
  .optional()
  .describe('Seconds; 300 where nothing is said');

export const startAuthorized = z.strictObject({
  username,
  client_id: clientId.optional().describe('Must be that of the access token'),
  session_expiration,
  redirect_uri: redirectUri.optional(),
});
export const startRestricted = z.strictObject({
  client_id: clientId,
  session_expiration,
  redirect_uri: redirectUri.optional(),
  cross_device: z.strictObject({ binding_message: z.string().max(250).optional() }).optional(),
  approval_data: approvalData,
});
export const authorizeSession = z.strictObject({
  auth_session_id,
  username,
  client_id: clientId.optional().describe('Must be that of the access token'),
});
export const ofSession = z.strictObject({ auth_session_id });
export const attachDevice = z.strictObject({ auth_session_id, user_agent: z.string().max(1024).optional() });

export const startedSession = z.object({ auth_session_id: z.string() });
const device_info = z.object({
  osType: z.string(),
  osVersion: z.string(),
  browserType: z.string(),
  browserVersion: z.string(),
});
export const attachedDevice = z.object({
  binding_info: z.object({
    binding_message: z.string().optional(),
    originating_device: z.object({ device_info }),
    approval_data: z.record(z.string(), z.unknown()).optional(),
  }),
});
export const sessionStatus = z.object({
  session_status: z.enum(['in-progress', 'completed']),
  cross_device_status: z.enum(['pending-attachment', 'attached', 'registered', 'authenticated', 'completed']),
  cross_device_result: z.object({ auth_code: z.string() }).optional(),
});
export const nothing = z.object({});

export type StartAuthorized = z.output<typeof startAuthorized>;
export type StartRestricted = z.output<typeof startRestricted>;
export type AuthorizeSession = z.output<typeof authorizeSession>;
export type SessionStatus = z.output<typeof sessionStatus>;
