/** The words of the hosted sign-in pages, in every language. */
import type { InEveryLanguage } from './language.ts';
import type { LoginTexts } from './login-text-shape.ts';
import { LOGIN_EN } from './login-texts-en.ts';
import { LOGIN_ES } from './login-texts-es.ts';
import { LOGIN_FR } from './login-texts-fr.ts';
import { LOGIN_JA } from './login-texts-ja.ts';
import { LOGIN_PT } from './login-texts-pt.ts';

export const LOGIN_TEXTS: InEveryLanguage<LoginTexts> = {
  en: LOGIN_EN,
  es: LOGIN_ES,
  fr: LOGIN_FR,
  pt: LOGIN_PT,
  ja: LOGIN_JA,
};
