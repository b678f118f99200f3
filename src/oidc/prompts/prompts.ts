/** The interactive flow as an ordered list: login, second factor, offer of a passkey, consent. */
import { interactionPolicy } from 'oidc-provider';
import { settingsOf } from '../policies/client-settings.ts';
import { requestState } from '../request-state.ts';
import { type PasskeyOfferParts, passkeyOfferPrompt } from './passkey-offer.ts';
import { requestedAcr } from './requested-acr.ts';
import { secondFactorPrompt } from './second-factor.ts';
import { sessionAge, sessionKind } from './session-kind.ts';

const { Check, base } = interactionPolicy;

/** The engine's own list, with the requested acr values held against the session and consent pages for third parties only. */
export function promptPolicy(parts: PasskeyOfferParts) {
  const policy = base();
  const [login, consent] = [policy.get('login'), policy.get('consent')];
  if (!login || !consent) throw new Error('the engine has no login or consent prompt');
  login.checks.add(sessionKind());
  login.checks.add(sessionAge());
  login.checks.add(
    new Check(
      'account_gone',
      'the user of this session was disabled or deleted',
      'login_required',
      ({ oidc }) =>
        oidc.session?.accountId !== undefined && oidc.account === undefined
          ? Check.REQUEST_PROMPT
          : Check.NO_NEED_TO_PROMPT,
    ),
  );
  // These two compare the whole text and know nothing of a second factor that follows.
  login.checks.remove('essential_acr');
  login.checks.remove('essential_acrs');
  login.checks.add(requestedAcr());
  policy.add(secondFactorPrompt(), 1);
  policy.add(passkeyOfferPrompt(parts), 2);
  consent.checks.remove('native_client_prompt');
  consent.checks.remove('consent_prompt');
  consent.checks.add(
    new Check('consent_prompt', 'the user has to allow this first', 'consent_required', ({ oidc }) => {
      const isThirdParty = oidc.client !== undefined && settingsOf(oidc.client).isThirdParty;
      // What counts is the stored consent, not that a page was shown (pitfall 5).
      const asks = isThirdParty && requestState().consent === undefined;
      return asks ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
    }),
    0,
  );
  return policy;
}
