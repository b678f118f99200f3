/** Decides which claims an ID token or UserInfo has (R69 to R73, contract D18). */
import type { EngineSettings } from '../adapter/client-model.ts';
import { claimsOfScope, isAboutSignIn } from './claim-names.ts';
import { claimsWithin } from './claims-of-scopes.ts';

/** What was asked about a claim: nothing, or an object as in OpenID Connect Core 5.5.1 and ours (`fields`). */
export type ClaimRequest = Readonly<Record<string, unknown>> | null;

export interface ClaimQuestion {
  /** An access token has only what was asked for by name. */
  readonly use: 'id_token' | 'userinfo' | 'access_token';
  /** Granted scopes. */
  readonly scopes: readonly string[];
  /** The member of the `claims` parameter for this use. */
  readonly requested: Readonly<Record<string, ClaimRequest>>;
  readonly settings: Pick<EngineSettings, 'idTokenClaims' | 'userInfoClaims' | 'isThirdParty'>;
}

/**
 * The client's list always; scopes speak of UserInfo only, as the ID token comes with an access token (Core 5.4); and what
 * the request names. A third party may name what its scopes tell anyway; its list is the administrator's choice.
 */
export function selectClaims(question: ClaimQuestion): ReadonlyMap<string, ClaimRequest> {
  const { use, scopes, requested, settings } = question;
  const listed = { id_token: settings.idTokenClaims, userinfo: settings.userInfoClaims, access_token: [] }[
    use
  ];
  const scoped = use === 'userinfo' ? scopes.flatMap(claimsOfScope) : [];
  const open = new Set(claimsWithin(scopes, Object.keys(requested)).within);
  const named = Object.entries(requested).filter(
    ([name]) => !settings.isThirdParty || open.has(name) || isAboutSignIn(name),
  );
  return new Map([...[...listed, ...scoped].map((name) => [name, null] as const), ...named]);
}
