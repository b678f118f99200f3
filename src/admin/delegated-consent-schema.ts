/** Delegated consents on the outside (contract/oidc.md 16). Dates are epoch milliseconds, as for other consents. */
import { z } from 'zod';
import type { UserId } from '../base/ids.ts';
import type { DelegatedConsent } from '../consents/delegated-consent.ts';
import type { ConsentAsked } from '../consents/delegated-consent-service.ts';

const id = z.string().min(1).max(128);
/** Scopes of the sign-in itself; a delegated token signs nobody in. */
const RESERVED = ['openid', 'profile', 'email', 'phone', 'address', 'offline_access'];

/** They become words of `scope` (RFC 6749 section 3.3). */
export const delegatedPermissions = z
  .array(
    z
      .string()
      .max(100)
      .regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, 'must be a word without spaces, quotation marks and backslashes')
      .refine((name) => !RESERVED.includes(name), 'cannot be delegated'),
  )
  .min(1)
  .max(100)
  .transform((names) => [...new Set(names)]);

export const delegatedAccess = z.strictObject({ actor_id: id, permissions: delegatedPermissions });

export const consentRequest = z.strictObject({
  permissions: delegatedPermissions,
  consent_uri: z.string().min(1).max(2048),
  subject_id: id,
  consent_expiration: z.number().int().min(60).max(315_360_000).optional().describe('Seconds'),
});
export const consentGrant = z.strictObject({ consent_id: id });
export const subjectQuery = z.object({ subject_id: id });
export const actorQuery = z.object({ actor_id: id });

export const toConsentAsked = (body: z.output<typeof consentRequest>): ConsentAsked => ({
  permissions: body.permissions,
  consentUri: body.consent_uri,
  subjectId: body.subject_id as UserId,
  validitySeconds: body.consent_expiration,
});

const milliseconds = z.number().int().describe('Epoch milliseconds');
const consent = z
  .object({
    consent_id: z.string(),
    actor_id: z.string(),
    subject_id: z.string(),
    permissions: z.array(z.string()),
    status: z.enum(['pending', 'granted']),
    created_at: milliseconds,
    expires_at: milliseconds,
  })
  .meta({ id: 'DelegatedConsent' });

export const consentRequestedAnswer = z.object({ result: z.object({ consent_id: z.string() }) });
export const delegatedConsentsAnswer = z.object({ result: z.array(consent) });

export const toOuterDelegatedConsent = (model: DelegatedConsent): z.output<typeof consent> => ({
  consent_id: model.consentId,
  actor_id: model.actorId,
  subject_id: model.subjectId,
  permissions: [...model.permissions],
  status: model.grantedAt === null ? 'pending' : 'granted',
  created_at: model.createdAt.getTime(),
  expires_at: model.expiresAt.getTime(),
});
