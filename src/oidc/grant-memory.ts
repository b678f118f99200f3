/** What a grant remembers of its authorization request, so that UserInfo can answer it: our JWTs carry no claims request. */
import type Provider from 'oidc-provider';
import type { ClaimsParameter, KoaContextWithOIDC } from 'oidc-provider';
import type { OrganizationId, UserId } from '../base/ids.ts';
import type { ClaimRequest } from './policies/claim-selection.ts';
import { requestState } from './request-state.ts';

export interface GrantMemory {
  /** The `claims` parameter (OpenID Connect Core 5.5). */
  readonly claims?: ClaimsParameter;
  /** What every access token of the grant says beside its own claims; asked for in the backend family only. */
  readonly tokenClaims?: Readonly<Record<string, ClaimRequest>>;
  /** Epoch seconds. */
  readonly authTime?: number;
  /** What the user had proved, in the words of `amr`. */
  readonly amr?: readonly string[];
  /** The organization for which the user signed in (`org_id`). */
  readonly organizationId?: OrganizationId;
  /** The user was made by this very sign-in. */
  readonly isNewUser?: boolean;
  /** Somebody acts for the user of the grant (contract/oidc.md 16). */
  readonly delegation?: { readonly actorId: UserId; readonly permissions: readonly string[] };
}

/** The engine's grant with our member. */
type RememberingGrant = { tessera?: GrantMemory };

/** Makes the engine keep the member when it saves and reads a grant. Called once, before the first grant. */
export function letGrantsRemember({ Grant }: Pick<Provider, 'Grant'>): void {
  const known = (Grant as unknown as { IN_PAYLOAD: string[] }).IN_PAYLOAD;
  Object.defineProperty(Grant, 'IN_PAYLOAD', { value: [...known, 'tessera'] });
}

/** The organization that an authorization request names; an empty value counts as absent. */
export const askedOrganization = (
  params: Readonly<Record<string, unknown>> | undefined,
): OrganizationId | undefined => {
  const value = params?.org_id;
  return typeof value === 'string' && value !== '' ? (value as OrganizationId) : undefined;
};

export function rememberRequest(grant: object, { oidc }: KoaContextWithOIDC): void {
  const authTime = oidc.session?.authTime();
  const { amr } = oidc;
  const organizationId = askedOrganization(oidc.params);
  keepMemory(grant, {
    ...(oidc.claims && { claims: oidc.claims }),
    ...(authTime !== undefined && { authTime }),
    ...(amr && { amr }),
    ...(organizationId !== undefined && { organizationId }),
    ...(isNewUser(oidc.result) && { isNewUser: true }),
  });
}

/** For grants that are made without an authorization request. Before they are saved. */
export function keepMemory(grant: object, memory: GrantMemory): void {
  (grant as RememberingGrant).tessera = memory;
}

/** Told by the hosted sign-up, or by the ticket of the authentication API. */
const isNewUser = (result: unknown): boolean =>
  requestState().ticket?.isNewUser ?? (result as { sign_up?: object } | undefined)?.sign_up !== undefined;

export const memoryOf = (grant: object | undefined): GrantMemory =>
  (grant as RememberingGrant | undefined)?.tessera ?? {};
