/** What a grant remembers of its authorization request, so that UserInfo can answer it: our JWTs carry no claims request. */
import type Provider from 'oidc-provider';
import type { ClaimsParameter, KoaContextWithOIDC } from 'oidc-provider';

export interface GrantMemory {
  /** The `claims` parameter (OpenID Connect Core 5.5). */
  readonly claims?: ClaimsParameter;
  /** Epoch seconds. */
  readonly authTime?: number;
}

/** The engine's grant with our member. */
type RememberingGrant = { tessera?: GrantMemory };

/** Makes the engine keep the member when it saves and reads a grant. Called once, before the first grant. */
export function letGrantsRemember({ Grant }: Pick<Provider, 'Grant'>): void {
  const known = (Grant as unknown as { IN_PAYLOAD: string[] }).IN_PAYLOAD;
  Object.defineProperty(Grant, 'IN_PAYLOAD', { value: [...known, 'tessera'] });
}

export function rememberRequest(grant: object, { oidc }: KoaContextWithOIDC): void {
  const authTime = oidc.session?.authTime();
  (grant as RememberingGrant).tessera = {
    ...(oidc.claims && { claims: oidc.claims }),
    ...(authTime !== undefined && { authTime }),
  };
}

export const memoryOf = (grant: object | undefined): GrantMemory =>
  (grant as RememberingGrant | undefined)?.tessera ?? {};
