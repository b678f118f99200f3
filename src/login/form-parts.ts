/** Fields and buttons of the hosted forms: labelled, marked where something is wrong, and with the focus where it belongs. */
import { type Html, html } from '../http/html.ts';
import type { Problem } from './step.ts';
import type { Visit } from './visit.ts';

export interface Field {
  /** Id and name. */
  readonly id: string;
  readonly label: string;
  readonly type?: 'text' | 'password' | 'email' | 'tel';
  /** WCAG 2.2, 1.3.5. */
  readonly autocomplete: string;
  readonly inputmode?: 'numeric' | 'email' | 'tel';
  readonly value?: string | undefined;
  readonly hint?: string;
  readonly maxlength: number;
  readonly isOptional?: boolean;
  readonly className?: string;
}

/** `focus`: where nothing is wrong, this field gets the focus; at most one of a page. */
export function field(field: Field, fault: Problem | undefined, focus = false): Html {
  const { id, label, type = 'text', autocomplete, inputmode, value, hint, maxlength } = field;
  const isFaulty = fault?.field === id;
  const described = [...(hint === undefined ? [] : [`${id}-hint`]), ...(fault ? ['form-error'] : [])].join(
    ' ',
  );
  const hasFocus = fault?.field === undefined ? focus : isFaulty;
  return html`<label for="${id}">${label}</label>
${hint !== undefined && html`<p class="hint" id="${id}-hint">${hint}</p>`}
<input id="${id}" name="${id}" type="${type}" autocomplete="${autocomplete}"${
    inputmode && html` inputmode="${inputmode}"`
  }${type !== 'password' && html` autocapitalize="none" spellcheck="false"`}${!field.isOptional && html` required`} maxlength="${maxlength}"${
    type !== 'password' && html` value="${value}"`
  }${field.className && html` class="${field.className}"`}${described !== '' && html` aria-describedby="${described}"`}${
    isFaulty && html` aria-invalid="true"`
  }${hasFocus && html` autofocus`}>
`;
}

/** The one that the Enter key means; first in the form. */
export const mainButton = (id: string, label: string): Html =>
  html`<button type="submit" id="${id}">${label}</button>
`;

/** Another way on, which needs none of the fields. */
export const sideButton = (action: string, label: string, look: 'quiet' | 'plain' = 'plain'): Html =>
  html`<button type="submit" name="action" value="${action}" class="${look}" formnovalidate>${label}</button>
`;

const ORDER = ['email', 'phone_number', 'username'];

/** Who is meant, by what the application takes. */
export function identifierField({ hosted, texts }: Visit, value: string | undefined): Field {
  const kinds = ORDER.filter((kind) => (hosted.identifiers as readonly string[]).includes(kind));
  const [only] = kinds.length === 1 ? kinds : [];
  return {
    id: 'identifier',
    label: texts.identifiers[kinds.join('+')] ?? '',
    autocomplete: 'username',
    ...(only === 'email' && { inputmode: 'email' as const }),
    ...(only === 'phone_number' && { inputmode: 'tel' as const }),
    value,
    maxlength: 255,
  };
}

/** A code that was sent: phones offer it, keyboards show digits. */
export const codeField = (visit: Visit, minutes: string): Field => ({
  id: 'code',
  label: visit.texts.code,
  autocomplete: 'one-time-code',
  inputmode: 'numeric',
  maxlength: 12,
  hint: minutes,
  className: 'code',
});

export const newPasswordField = (id: string, label: string, hint: string): Field => ({
  id,
  label,
  type: 'password',
  autocomplete: 'new-password',
  maxlength: 256,
  hint,
});
