/** What the page for registering a passkey looks like. */
import type { Application } from '../applications/application.ts';
import { type Html, html, type Page } from '../http/html.ts';
import { alert, layout } from '../http/layout.ts';
import { ceremonyFields } from '../http/passkey-form.ts';
import { passkeyScript } from '../http/passkey-script.ts';
import { fill, type Language } from '../texts/language.ts';
import { LOGIN_TEXTS } from '../texts/login-texts.ts';
import { PASSKEY_TEXTS } from '../texts/passkey-texts.ts';
import { brandHeader, brandStyle } from './brand.ts';

interface Shown {
  readonly application: Application;
  readonly language: Language;
  readonly identifier: string;
  /** Path that starts the ceremony. */
  readonly start: string;
  readonly fault: string | undefined;
  readonly guard: Html;
}

export function registrationPage({ application, language, identifier, start, fault, guard }: Shown): Page {
  const words = PASSKEY_TEXTS[language];
  const { name: app, settings } = application;
  return layout({
    title: words.createTitle,
    lang: language,
    style: brandStyle(settings.hosted_login.primary_color),
    head: passkeyScript,
    body: html`
${brandHeader(app, settings.logo)}
<h1>${words.createTitle}</h1>
<p>${fill(words.createLead, { app, name: identifier })}</p>
${alert(fault)}
<form method="post">
${guard}
${ceremonyFields(words, { mode: 'create', start })}
<button type="submit" name="action" value="cancel" class="plain">${LOGIN_TEXTS[language].cancel}</button>
</form>`,
  });
}
