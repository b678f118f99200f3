/** Cross-device passkey operations as the outside writes and reads them (contract/authentication.md 8). */
import { z } from 'zod';
import { approvalData, clientId, registerExternal, username } from './webauthn-schema.ts';

const ticketId = z.string().min(1).max(128);

export const initAuthentication = z.strictObject({
  client_id: clientId,
  username: username.optional(),
  approval_data: approvalData,
});
export const initRegistration = z.strictObject({
  username,
  limit_single_credential_to_device: z.boolean().optional(),
});
export const initExternal = registerExternal.omit({ webauthn_encoded_result: true }).extend({ username });
/** Body, and query of the status. */
export const ofTicket = z.strictObject({ cross_device_ticket_id: ticketId });

const status = z.enum(['pending', 'scanned', 'success', 'error', 'timeout', 'aborted']);
export const madeTicket = z.object({ cross_device_ticket_id: z.string() });
export const attachedDevice = z.object({
  status,
  started_at: z.iso.datetime(),
  approval_data: z.record(z.string(), z.unknown()).optional(),
});
export const ticketStatus = z.object({
  status,
  session_id: z
    .string()
    .optional()
    .describe('Good for one call of POST /v1/auth/session/authenticate by the client that made the ticket'),
});
