/** Bodies and answers of one-time codes whose user goes on to the redirect URI (contract/authentication.md 4). */
import { z } from 'zod';
import {
  approvalData,
  clientAttributes,
  customMessage,
  email,
  emailContent,
  passcode,
  phoneNumber,
  redirectFields,
  senderId,
} from './sign-in-schema.ts';

const { resource: _, ...withoutResource } = redirectFields;
const create_new_user = z.boolean().optional();
const approval_data = approvalData.optional();

export const sendEmailOtp = z.strictObject({
  ...redirectFields,
  email,
  create_new_user,
  email_content: emailContent.optional(),
  client_attributes: clientAttributes.optional(),
  approval_data,
});
export const sendSmsOtp = z.strictObject({
  ...withoutResource,
  phone_number: phoneNumber,
  create_new_user,
  custom_message: customMessage.optional(),
  sender_id: senderId.optional(),
  approval_data,
});
export const otpSent = z.object({ message: z.string(), approval_data });

const validation = {
  passcode,
  response_type: z.enum(['code', 'id_token']).optional(),
  nonce: z.string().min(1).max(512).optional(),
};
export const validateEmailOtp = z.strictObject({ ...validation, email });
export const validateSmsOtp = z.strictObject({ ...validation, phone_number: phoneNumber });

export type SendEmailOtp = z.output<typeof sendEmailOtp>;
export type SendSmsOtp = z.output<typeof sendSmsOtp>;
export type ValidateOtp = z.output<z.ZodObject<typeof validation>>;
