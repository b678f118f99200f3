/** The interactive flow as an ordered list: login, then consent. */
import { interactionPolicy } from 'oidc-provider';
import { settingsOf } from '../policies/client-settings.ts';
import { requestedAcr } from './requested-acr.ts';

const { Check, base } = interactionPolicy;

/** The engine's own list, with the requested acr values held against the session and consent pages for third parties only. */
export function promptPolicy() {
  const policy = base();
  const [login, consent] = [policy.get('login'), policy.get('consent')];
  if (!login || !consent) throw new Error('the engine has no login or consent prompt');
  login.checks.add(requestedAcr());
  consent.checks.remove('native_client_prompt');
  consent.checks.remove('consent_prompt');
  consent.checks.add(
    new Check('consent_prompt', 'the user must be asked', 'consent_required', ({ oidc }) => {
      const asks =
        oidc.client !== undefined &&
        settingsOf(oidc.client).isThirdParty &&
        oidc.result?.consent === undefined;
      return asks ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
    }),
    0,
  );
  return policy;
}
