/** A consent: what one user allows one third-party client, until when. */
import type { AppId, ClientId, ConsentId, TenantId, UserId } from '../base/ids.ts';

export interface Consent {
  readonly consentId: ConsentId;
  readonly tenantId: TenantId;
  /** Application of the client. */
  readonly appId: AppId;
  readonly clientId: ClientId;
  readonly clientName: string;
  readonly userId: UserId;
  /** Space separated, as `scopeText` writes it. */
  readonly scope: string;
  /** URI of the named resource; empty for the implicit default one. */
  readonly resource: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly expiresAt: Date;
}

/** What a client asks a user for. */
export interface ConsentRequest {
  readonly tenantId: TenantId;
  readonly clientId: ClientId;
  readonly userId: UserId;
  readonly scopes: readonly string[];
  /** Empty where no resource is named. */
  readonly resource: string;
}

/** One text for one set of scopes: each once, `openid` first, then by name. */
export const scopeText = (scopes: readonly string[]): string =>
  [...new Set(scopes)]
    .sort((a, b) => Number(b === 'openid') - Number(a === 'openid') || (a < b ? -1 : 1))
    .join(' ');

/** True where nothing is asked for that was not allowed; less may be asked for. */
export function covers(consent: Pick<Consent, 'scope' | 'resource'>, request: ConsentRequest): boolean {
  const allowed = new Set(consent.scope.split(' '));
  return consent.resource === request.resource && request.scopes.every((scope) => allowed.has(scope));
}
