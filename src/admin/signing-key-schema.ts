/** Token signing keys as the outside writes and reads them. */
import { z } from 'zod';
import type { ApplicationKey } from '../keys/application-key.ts';

const status = z.enum(['signing', 'validating', 'disabled']);
const name = z.string().trim().min(1).max(256);

export const createSigningKey = z.strictObject({ name });
export const uploadSigningKey = z.strictObject({ name, jwk: z.record(z.string(), z.unknown()) });
export const updateSigningKey = z.strictObject({ name: name.optional(), status: status.optional() });

const dateTime = z.iso.datetime();
export const signingKeyAnswer = z
  .object({
    id: z.string(),
    app_id: z.string(),
    tenant_id: z.string(),
    kid: z.string(),
    name: z.string(),
    status,
    source: z.enum(['global', 'mosaic', 'uploaded']),
    created_at: dateTime,
    updated_at: dateTime,
    deleted_at: dateTime.nullable(),
  })
  .meta({ id: 'SigningKey' });
export const signingKeysAnswer = z.array(signingKeyAnswer);

export const toOuterSigningKey = (key: ApplicationKey): z.input<typeof signingKeyAnswer> => ({
  id: key.keyId,
  app_id: key.appId,
  tenant_id: key.tenantId,
  kid: key.kid,
  name: key.name,
  status: key.status,
  source: key.source,
  created_at: key.createdAt.toISOString(),
  updated_at: key.updatedAt.toISOString(),
  deleted_at: null,
});
