/** Decides whether the session meets the authentication that was asked for (contract/oidc.md 3.3, 3.5). */
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';

const { Check } = interactionPolicy;
type Oidc = KoaContextWithOIDC['oidc'];

const words = (text: unknown): string[] => (typeof text === 'string' ? text.split(' ').filter(Boolean) : []);

/** The requested values that the session does not meet; values that nobody knows are never met. */
function unmetValues(oidc: Oidc): string[] {
  const met = words(oidc.acr);
  return words(oidc.params?.acr_values).filter((value) => !met.includes(value));
}

/**
 * A session that does not meet every value is no silent answer. After a fresh sign-in the values are voluntary
 * (OpenID Connect Core 5.5.1.1), and `acr` tells what was met; only `mfa` ends the request, as the contract has an
 * error for it.
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
      if (unmet.length === 0) return Check.NO_NEED_TO_PROMPT;
      if (oidc.promptPending('none')) return Check.REQUEST_PROMPT;
      if (unmet.includes('mfa'))
        throw new errors.CustomOIDCProviderError(
          'mfa_required',
          'A second factor is required, and this user has none that this server can ask for',
        );
      return oidc.result?.login === undefined ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
    },
  );

/** An essential acr that a fresh sign-in did not bring would send the user back to the same page for ever. */
function refuseUnmetEssential(oidc: Oidc): void {
  if (oidc.result?.login === undefined) return;
  const acr = oidc.claims?.id_token?.acr as { essential?: boolean; value?: unknown; values?: unknown } | null;
  if (!acr?.essential) return;
  const wanted = [...(Array.isArray(acr.values) ? acr.values : []), ...(acr.value ? [acr.value] : [])];
  if (wanted.length > 0 && !wanted.includes(oidc.acr))
    throw new errors.UnmetAuthenticationRequirements(
      'this sign-in cannot meet the essential acr of the claims parameter',
    );
}
