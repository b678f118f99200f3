/** Decides whether the session meets the authentication that was asked for (contract/oidc.md 3.3, 3.5). */

import type Provider from 'oidc-provider';
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { MFA } from '../../factors/factor.ts';
import { userOf } from '../account.ts';
import { acrWords } from '../acr-words.ts';
import { CENTRALIZED } from '../policies/central-login.ts';
import { requestState } from '../request-state.ts';

const { Check } = interactionPolicy;
type Oidc = KoaContextWithOIDC['oidc'];

type Asked = Pick<Oidc, 'params' | 'claims'>;

const essentialAcr = (oidc: Asked): string[] => {
  const acr = oidc.claims?.id_token?.acr as { essential?: boolean; value?: unknown; values?: unknown } | null;
  if (!acr?.essential) return [];
  if (acr.values !== undefined && !Array.isArray(acr.values))
    throw new errors.InvalidRequest('claims.id_token.acr.values must be a list');
  return [...(Array.isArray(acr.values) ? acr.values : []), ...(acr.value ? [acr.value] : [])].map(String);
};

/** What the request asks for: `acr_values`, and what the claims parameter calls essential. */
export const wantedAcr = (oidc: Asked): string[] => [
  ...acrWords(oidc.params?.acr_values),
  ...essentialAcr(oidc),
];

/** True where a request that is going on, with these checked parameters, asks for the Authentication Hub. */
export function wantsHub(params: Readonly<Record<string, unknown>>): boolean {
  const claims = typeof params.claims === 'string' ? JSON.parse(params.claims) : {};
  return wantedAcr({ params, claims }).includes(CENTRALIZED);
}

/** `acr` is what the session has met of it; `mfa` is told unasked (tokens-and-sessions.md 3). */
export function tellMetAcr(provider: Provider): void {
  Object.defineProperty(provider.OIDCContext.prototype, 'acr', {
    get(this: Oidc) {
      const hasPhone = userOf(this.account)?.phoneNumberVerifiedAt !== undefined;
      const met = [...acrWords(this.session?.acr), ...(hasPhone ? ['phone_number'] : [])];
      const wanted = wantedAcr(this);
      return met.filter((value) => value === MFA || wanted.includes(value)).join(' ');
    },
  });
}

/** The requested values that the session does not meet; values that nobody knows are never met. */
function unmetValues(oidc: Oidc): string[] {
  const met = acrWords(oidc.acr);
  const voluntary = acrWords(oidc.params?.acr_values).filter((value) => !met.includes(value));
  // Of the essential values one is enough (OpenID Connect Core 5.5.1).
  const essential = essentialAcr(oidc);
  if (essential.some((value) => met.includes(value))) return voluntary;
  // A second factor is the least to ask for.
  return [...voluntary, ...(essential.includes(MFA) ? [MFA] : essential)];
}

/**
 * A session that does not meet every value is no silent answer. After a fresh sign-in the values are voluntary
 * (OpenID Connect Core 5.5.1.1), and `acr` tells what was met. A missing second factor has a prompt of its own.
 */
export const requestedAcr = () =>
  new Check(
    'acr_values',
    'the session does not meet the requested acr_values',
    'login_required',
    ({ oidc }) => {
      if (!oidc.session?.accountId) return Check.NO_NEED_TO_PROMPT;
      refuseUnmetEssential(oidc);
      const unmet = unmetValues(oidc);
      if (oidc.promptPending('none'))
        return unmet.length > 0 ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
      const isFresh = oidc.result?.login !== undefined || requestState().ticket !== undefined;
      return isFresh || unmet.every((value) => value === MFA)
        ? Check.NO_NEED_TO_PROMPT
        : Check.REQUEST_PROMPT;
    },
  );

/** An essential acr that a fresh sign-in did not bring would send the user back to the same page for ever. */
function refuseUnmetEssential(oidc: Oidc): void {
  if (oidc.result?.login === undefined) return;
  const wanted = essentialAcr(oidc);
  // The second factor follows.
  if (wanted.length === 0 || wanted.includes(MFA)) return;
  if (!wanted.some((value) => acrWords(oidc.acr).includes(value)))
    throw new errors.UnmetAuthenticationRequirements(
      'this sign-in cannot meet the essential acr of the claims parameter',
    );
}
