/** Bodies and answers of magic links (contract/authentication.md 3). */
import { z } from 'zod';
import {
  backendFields,
  clientAttributes,
  code,
  deviceId,
  email,
  emailContent,
  identifier,
  identifierType,
  minutes,
  redirectFields,
  redirectUri,
  requestId,
} from './sign-in-schema.ts';

export const sendLink = z.strictObject({
  ...redirectFields,
  email,
  create_new_user: z.boolean().optional(),
  email_content: emailContent.optional(),
  client_attributes: clientAttributes.optional(),
});

export const sendBackendLink = z
  .strictObject({
    redirect_uri: redirectUri,
    identifier: identifier.optional(),
    identifier_type: identifierType.optional(),
    email: email.optional(),
    device_id: deviceId.optional(),
    email_content: emailContent.optional(),
    state: z.string().max(2048).optional(),
    email_expiration: minutes.optional(),
    channel: z.enum(['email', 'direct']).optional(),
    client_attributes: clientAttributes.optional(),
    generate_request_id: z.boolean().optional(),
  })
  .refine(
    ({ identifier: named, identifier_type, email: address }) =>
      address === undefined
        ? named !== undefined && identifier_type !== undefined
        : named === undefined && identifier_type === undefined,
    'give either identifier and identifier_type, or email',
  );
export const backendLinkSent = z.object({
  message: z.string(),
  link: z.string().optional(),
  request_id: z.string().optional(),
});

export const authenticateLink = z.strictObject({
  ...backendFields,
  code,
  device_id: deviceId.optional(),
  request_id: requestId.optional(),
});

export type SendLink = z.output<typeof sendLink>;
export type SendBackendLink = z.output<typeof sendBackendLink>;
export type AuthenticateLink = z.output<typeof authenticateLink>;
