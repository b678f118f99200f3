/** The parameter `request_context` of a CIBA request (contract/oidc.md 14). */
import { z } from 'zod';

export const backchannelContext = z.strictObject({
  channel: z.enum(['sms', 'email', 'link']).default('sms'),
  login_hint_type: z.enum(['phone', 'email', 'user_id']).default('phone'),
  custom_message: z.string().min(1).max(1000).default("To verify it's you, click this link:"),
});

export type BackchannelContext = z.output<typeof backchannelContext>;
