/** Consents as answered (contract/management-api.md section 11). */
import { z } from 'zod';

const text = z.string();
const milliseconds = z.number().int().describe('Epoch milliseconds');
const consent = z
  .object({
    consent_id: text,
    tenant_id: text,
    app_id: text,
    client_id: text,
    user_id: text,
    scope: text,
    resource: text,
    created_at: milliseconds,
    expires_at: milliseconds,
    updated_at: milliseconds,
  })
  .meta({ id: 'Consent' });

export const consentAnswer = z.object({ result: consent });
export const consentsAnswer = z.object({ result: z.array(consent) });
export const managedConsentsAnswer = z.object({ result: z.array(consent.extend({ client_name: text })) });
export const deletedConsentsAnswer = z.object({ result: z.object({ deleted_count: z.number().int() }) });
