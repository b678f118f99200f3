/** Decides whether a second factor is asked for: the request or the application wants two, and the session has one. */
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { areDifferent, type Factor, isFactor, MFA } from '../../factors/factor.ts';
import type { User } from '../../users/user.ts';
import { userOf } from '../account.ts';
import { acrWords } from '../acr-words.ts';
import { settingsOf } from '../policies/client-settings.ts';
import { requestState } from '../request-state.ts';
import { wantedAcr } from './requested-acr.ts';

const { Check, Prompt } = interactionPolicy;
type Oidc = KoaContextWithOIDC['oidc'];

/** Second factors of the redirect family, in the order and under the names of oidc.md 3.2. */
const API_FACTORS: readonly {
  readonly name: string;
  readonly factor: Factor;
  readonly reaches: (user: User) => boolean;
}[] = [
  { name: 'email', factor: 'eml', reaches: ({ email }) => email !== undefined },
  { name: 'sms', factor: 'sms', reaches: ({ phoneNumber }) => phoneNumber !== undefined },
  { name: 'email-otp', factor: 'eotp', reaches: ({ email }) => email !== undefined },
];

export const secondFactorPrompt = () =>
  new Prompt(
    { name: 'second_factor', requestable: false },
    new Check(
      'second_factor_missing',
      'a second factor is required, and the session has one factor only',
      'login_required',
      ({ oidc }) => {
        if (!oidc.session?.accountId || !wantsTwo(oidc) || acrWords(oidc.acr).includes(MFA))
          return Check.NO_NEED_TO_PROMPT;
        // The authentication API shows no pages: the caller sends the second factor (authentication.md 7).
        if (requestState().ticket)
          throw new errors.CustomOIDCProviderError('mfa_required', possibleFactors(oidc));
        return Check.REQUEST_PROMPT;
      },
    ),
  );

const wantsTwo = (oidc: Oidc): boolean =>
  wantedAcr(oidc).includes(MFA) || (oidc.client !== undefined && settingsOf(oidc.client).requiresMfa);

function possibleFactors(oidc: Oidc): string {
  const user = userOf(oidc.account);
  const proved = (oidc.amr ?? []).filter(isFactor);
  const possible = API_FACTORS.filter(
    ({ factor, reaches }) =>
      user !== undefined && reaches(user) && proved.every((first) => areDifferent(first, factor)),
  );
  return `A second factor is required: ${possible.map(({ name }) => name).join(',')}`;
}
