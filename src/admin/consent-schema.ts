/** Consents as the outside reads them (contract/management-api.md section 11). */
import { z } from 'zod';
import type { AppId, ClientId, ConsentId, UserId } from '../base/ids.ts';
import type { Consent } from '../consents/consent.ts';
import type { ConsentFilter } from '../consents/consent-store.ts';

const id = z.string().min(1).max(128);

export const consentQuery = z.object({ client_id: id.optional(), user_id: id.optional() });
export const consentOfQuery = z.object({ consent_id: id.optional() });
export const managedConsentQuery = consentQuery.extend({ app_id: id });
export const managedConsentOfQuery = consentOfQuery.extend({ app_id: id });

interface OuterQuery {
  readonly app_id?: string | undefined;
  readonly client_id?: string | undefined;
  readonly user_id?: string | undefined;
  readonly consent_id?: string | undefined;
}

export const toConsentFilter = (query: OuterQuery): ConsentFilter => ({
  appId: query.app_id as AppId | undefined,
  clientId: query.client_id as ClientId | undefined,
  userId: query.user_id as UserId | undefined,
  consentId: query.consent_id as ConsentId | undefined,
});

/** Dates of consents are epoch milliseconds (management-api.md section 0). `resource` is ours. */
export const toOuterConsent = (consent: Consent) => ({
  consent_id: consent.consentId,
  tenant_id: consent.tenantId,
  app_id: consent.appId,
  client_id: consent.clientId,
  user_id: consent.userId,
  scope: consent.scope,
  resource: consent.resource,
  created_at: consent.createdAt.getTime(),
  expires_at: consent.expiresAt.getTime(),
  updated_at: consent.updatedAt.getTime(),
});

export const toManagedConsent = (consent: Consent) => ({
  ...toOuterConsent(consent),
  client_name: consent.clientName,
});
