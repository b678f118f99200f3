/** The words of the account pages in every language. */
import type { AccountTexts } from './account-text-shape.ts';
import { ACCOUNT_EN } from './account-texts-en.ts';
import { ACCOUNT_ES } from './account-texts-es.ts';
import { ACCOUNT_FR } from './account-texts-fr.ts';
import { ACCOUNT_JA } from './account-texts-ja.ts';
import { ACCOUNT_PT } from './account-texts-pt.ts';
import type { InEveryLanguage } from './language.ts';

export const ACCOUNT_TEXTS: InEveryLanguage<AccountTexts> = {
  en: ACCOUNT_EN,
  es: ACCOUNT_ES,
  fr: ACCOUNT_FR,
  pt: ACCOUNT_PT,
  ja: ACCOUNT_JA,
};
