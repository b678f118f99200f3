/** The client secret as answered (contract/management-api.md section 4, D11). */
import { z } from 'zod';

export const secretAnswer = z
  .object({
    id: z.string(),
    client_secret: z.string().nullable().describe('Shown once, in the answer to its generation'),
    client_secret_hint: z.string().describe('Its last four characters'),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'ClientSecret' });
export const secretsAnswer = z.array(secretAnswer);
