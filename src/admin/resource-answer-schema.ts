/** The resource as answered (contract/management-api.md section 7). */
import { z } from 'zod';

const text = z.string();
const lifetime = z.number().int().describe('Seconds');
const dateTime = z.iso.datetime();

const resource = z
  .object({
    resource_id: text,
    tenant_id: text,
    name: text,
    description: text,
    uri: text,
    access_token_ttl: lifetime,
    refresh_token_ttl: lifetime,
    max_refresh_rotate: lifetime,
    signing_alg: z.enum(['RS256', 'PS256', 'ES256', 'EdDSA']),
    created_at: dateTime,
    updated_at: dateTime,
  })
  .meta({ id: 'Resource' });

export const resourceAnswer = z.object({ result: resource });
export const resourcesAnswer = z.object({ result: z.array(resource) });
