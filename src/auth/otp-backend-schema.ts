/** Bodies and answers of one-time codes that a backend sends and checks (contract/authentication.md 4). */
import { z } from 'zod';
import {
  approvalData,
  backendFields,
  clientAttributes,
  customMessage,
  deviceId,
  email,
  emailContent,
  identifier,
  identifierType,
  minutes,
  passcode,
  phoneNumber,
  requestId,
  senderId,
} from './sign-in-schema.ts';

const named = { identifier_type: identifierType, identifier };

export const sendOtp = z.strictObject({
  ...named,
  channel: z.enum(['sms', 'email', 'direct']),
  device_id: deviceId.optional(),
  email_content: emailContent.optional(),
  custom_sms_input: z
    .strictObject({ custom_message: customMessage.optional(), sender_id: senderId.optional() })
    .optional(),
  approval_data: approvalData.optional(),
  custom_email: email.optional(),
  custom_phone_number: phoneNumber.optional(),
  client_attributes: clientAttributes.optional(),
  expires_in: minutes.optional(),
  generate_request_id: z.boolean().optional(),
});
export const otpSent = z.object({
  message: z.string(),
  approval_data: approvalData.optional(),
  code: z.string().optional(),
  request_id: z.string().optional(),
});

export const authenticateOtp = z.strictObject({
  ...backendFields,
  ...named,
  passcode,
  device_id: deviceId.optional(),
  request_id: requestId.optional(),
});

export type SendOtp = z.output<typeof sendOtp>;
export type OtpSent = z.output<typeof otpSent>;
export type AuthenticateOtp = z.output<typeof authenticateOtp>;
