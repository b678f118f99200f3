/** The frame around every step: brand, heading, what went wrong, the one form, and the way out. */
import { type Html, html, type Page } from '../http/html.ts';
import { alert, layout, notice } from '../http/layout.ts';
import { fill, type Language } from '../texts/language.ts';
import type { NoticeTexts } from '../texts/login-text-shape.ts';
import { brandHeader, brandStyle } from './brand.ts';
import type { Problem, StepPage } from './step.ts';
import type { Visit } from './visit.ts';

export function framedPage(visit: Visit, shown: StepPage, guard: Html, fault?: Problem): Page {
  const { texts, language, details, application } = visit;
  const { settings } = application;
  const { heading, lead, form, head, isPastSignIn } = shown;
  return layout({
    title: fault ? fill(texts.check, { title: heading }) : heading,
    lang: language,
    style: brandStyle(settings.hosted_login.primary_color),
    ...(head && { head }),
    body: html`
${brandHeader(details.appName, settings.logo)}
<h1>${heading}</h1>
<p class="soft">${fill(texts.continueTo, { client: details.clientName })}</p>
${details.customMessage !== undefined && html`<p>${details.customMessage}</p>`}
${alert(fault?.sentences)}
${lead}
${
  form &&
  html`<form method="post">
${guard}
${form}
${!isPastSignIn && html`<button type="submit" name="action" value="cancel" class="plain" formnovalidate>${texts.cancel}</button>`}
</form>`
}`,
  });
}

/** A page without a form, in words of login-texts.ts. */
export const plainNotice = (lang: Language | string, { title, sentences }: NoticeTexts): Page =>
  notice(lang, title, ...sentences);
