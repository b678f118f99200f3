/** The pieces that the forms of the account pages are made of. */

import { type Html, html, type Piece } from '../http/html.ts';
import { alert } from '../http/layout.ts';
import type { Language } from '../texts/language.ts';
import type { Faults, Visit } from './visit.ts';

interface Field {
  readonly name: string;
  readonly label: string;
  readonly value?: string | undefined;
  readonly type?: string;
  readonly autocomplete?: string;
  readonly hint?: string;
  readonly required?: boolean;
  readonly max?: number;
  readonly numeric?: boolean;
}

/** A label with its input. `form` keeps ids apart where one page has several forms. */
export const field = (form: string, one: Field): Html => {
  const id = `${form}-${one.name}`;
  const hint = one.hint !== undefined && html`<p class="hint" id="${id}-hint">${one.hint}</p>`;
  return html`<label for="${id}">${one.label}</label>
${hint}<input id="${id}" name="${one.name}" type="${one.type ?? 'text'}" autocomplete="${one.autocomplete ?? 'off'}"
 maxlength="${one.max ?? 255}" value="${one.value ?? ''}"${one.required && html` required`}${one.numeric && html` inputmode="numeric"`}${
   one.hint !== undefined && html` aria-describedby="${id}-hint"`
 }>`;
};

interface FormParts {
  /** What the form does; the page's `submit` reads it as `do`. */
  readonly verb: string;
  readonly button: string;
  /** Hidden values. */
  readonly hidden?: Readonly<Record<string, string>>;
  readonly body?: Piece;
  readonly quiet?: boolean;
  /** Tells apart buttons of one name, for those who hear the page. */
  readonly about?: string;
}

/** A guarded form that is sent to its own page. */
export const form = (
  { guard }: Visit,
  path: string,
  parts: FormParts,
): Html => html`<form method="post" action="${path}">
${guard}<input type="hidden" name="do" value="${parts.verb}">${Object.entries(parts.hidden ?? {}).map(
  ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
)}
${parts.body}
<button type="submit"${parts.quiet && html` class="quiet"`}${
  parts.about !== undefined && html` aria-label="${`${parts.button}: ${parts.about}`}"`
}>${parts.button}</button>
</form>`;

/** Everything that is wrong, announced by screen readers. */
export const problems = (faults: Faults | undefined): Html => alert(faults?.problems);

/** In words of the language, in UTC: the server does not know where the person is. */
export const moment = (language: Language, at: Date): Html =>
  html`<time datetime="${at.toISOString()}">${new Intl.DateTimeFormat(language, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(at)} UTC</time>`;

/** What was typed before the form came back, else what is stored. */
export const typed = (faults: Faults | undefined, name: string, stored?: string): string | undefined =>
  faults?.fields.get(name) ?? stored;
