/** The user as answered (contract/management-api.md section 12). Members without a value are left out. */
import { z } from 'zod';

const text = z.string().optional();
const dateTime = z.iso.datetime();
const milliseconds = z.number().describe('Epoch milliseconds');
const email = z.object({
  value: z.string(),
  email_verified: z.boolean().optional(),
  verified_at: dateTime.optional(),
});
const phoneNumber = z.object({
  value: z.string(),
  phone_number_verified: z.boolean().optional(),
  verified_at: dateTime.optional(),
});
const document = z.record(z.string(), z.unknown());

export const user = z
  .object({
    user_id: z.string(),
    status: z.enum(['Active', 'Disabled', 'Pending']),
    status_changed_at: dateTime.optional(),
    created_at: milliseconds,
    updated_at: milliseconds,
    last_auth: dateTime.optional(),
    email: email.optional(),
    secondary_emails: z.array(email).optional(),
    phone_number: phoneNumber.optional(),
    secondary_phone_numbers: z.array(phoneNumber).optional(),
    username: text,
    external_user_id: text,
    external_account_id: text,
    birthday: z.iso.date().optional(),
    address: z
      .object({
        country: text,
        state: text,
        city: text,
        street_address: text,
        postal_code: text,
        type: z.enum(['Home', 'Work', 'Other']).optional(),
      })
      .optional(),
    name: z.object({ title: text, first_name: text, middle_name: text, last_name: text }).optional(),
    picture: text,
    language: text,
    custom_data: document.optional(),
    custom_app_data: document.optional(),
    password_information: z
      .object({ expired: z.boolean(), temporary: z.boolean(), updated_at: milliseconds })
      .optional(),
  })
  .meta({ id: 'User' });

export const userAnswer = z.object({ result: user });
export const usersAnswer = z.object({
  total_count: z.number().int(),
  page_info: z.object({ has_next_page: z.boolean(), has_previous_page: z.boolean() }),
  result: z.array(user),
});
export const userCountAnswer = z.object({ result: z.object({ user_count: z.number().int() }) });
export const messageAnswer = z.object({ result: z.object({ message: z.string() }) });
export const deviceKeyAnswer = z.object({
  result: z.object({
    status: z.string(),
    display_name: text,
    custom_data: document.optional(),
    push_config: z.unknown().optional(),
    key_id: text,
    created_at: dateTime,
    updated_at: dateTime,
  }),
});
