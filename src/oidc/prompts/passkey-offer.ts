/** Decides whether the way back to the application leads past the offer of a passkey: right after a sign-in, never without one. */
import { interactionPolicy } from 'oidc-provider';
import type { AppId, TenantId, UserId } from '../../base/ids.ts';
import type { PasskeyOffer } from '../../factors/passkey-offer.ts';
import { settingsOf } from '../policies/client-settings.ts';

const { Check, Prompt } = interactionPolicy;

export interface PasskeyOfferParts {
  readonly tenantId: TenantId;
  readonly passkeyOffer: Pick<PasskeyOffer, 'isDue'>;
}

/** After a sign-in of this very request: neither a session nor `prompt=none` (SAML: IsPassive) is ever interrupted. */
export const passkeyOfferPrompt = ({ tenantId, passkeyOffer }: PasskeyOfferParts) =>
  new Prompt(
    { name: 'passkey_offer', requestable: false },
    new Check(
      'passkey_missing',
      'the user is asked whether to add a passkey',
      'interaction_required',
      async ({ oidc }) => {
        const { result, session, client, amr = [] } = oidc;
        if (!result?.login || result.passkey_offer || !session?.accountId || !client)
          return Check.NO_NEED_TO_PROMPT;
        const userId = session.accountId as UserId;
        const appId = settingsOf(client).appId as AppId;
        return (await passkeyOffer.isDue({ tenantId, appId, userId, amr }))
          ? Check.REQUEST_PROMPT
          : Check.NO_NEED_TO_PROMPT;
      },
    ),
  );
