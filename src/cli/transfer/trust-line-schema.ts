/** Lines about what users prove themselves with, and about what they let one another do. */
import { z } from 'zod';
import { delegatedPermissions } from '../../admin/delegated-consent-schema.ts';
import { LASTING_SECONDS } from '../../consents/delegated-consent.ts';

const id = z.string().regex(/^[\w.~-]{1,128}$/, 'must be an id: 1 to 128 letters, digits and ._~-');
const time = z.iso.datetime({ offset: true });
const encoded = (max: number) => z.base64url().min(1).max(max);

/** The sizes are those of a registration (factors/passkey-registration.ts). */
export const passkeyLine = z.strictObject({
  credential_id: encoded(1364),
  user_id: id,
  app_id: id.nullable().default(null),
  rp_id: z.hostname().max(253),
  username: z.string().max(256),
  user_handle: encoded(86),
  public_key: encoded(4096),
  // WebAuthn section 6.1: 32 bits.
  counter: z.number().int().min(0).max(4_294_967_295).default(0),
  transports: z.array(z.string().max(40)).max(10).default([]),
  aaguid: z.guid().default('00000000-0000-0000-0000-000000000000'),
  device_type: z.enum(['singleDevice', 'multiDevice']).default('singleDevice'),
  backed_up: z.boolean().default(false),
  created_at: time.optional(),
  last_used_at: time.nullable().optional(),
  label: z.string().min(1).max(64).nullable().default(null),
});

export const delegatedConsentLine = z
  .strictObject({
    consent_id: id,
    app_id: id.nullable().default(null),
    actor_id: id,
    subject_id: id,
    permissions: delegatedPermissions,
    validity_seconds: z.number().int().min(60).max(LASTING_SECONDS),
    created_at: time.optional(),
    granted_at: time.nullable().default(null),
    expires_at: time,
  })
  .refine(({ actor_id, subject_id }) => actor_id !== subject_id, 'actor_id and subject_id are one user');
