/** Tessera's own consent page, for third-party clients whose first party runs none (R92). Works without script. */
import { type Html, html, type Page } from '../http/html.ts';
import { alert, layout, notice } from '../http/layout.ts';

export interface ConsentForm {
  readonly clientName: string;
  readonly appName: string;
  readonly scopes: readonly string[];
  readonly resource?: { readonly name: string; readonly uri: string };
  /** Whole days the consent is good for; 0 for less than one. */
  readonly days: number;
  readonly customMessage?: string;
  readonly fault?: string;
  readonly guard: Html;
}

const MEANINGS: Readonly<Record<string, string>> = {
  openid: 'Know who you are',
  profile: 'See your name, birthday, language and picture',
  email: 'See your email address',
  phone: 'See your phone number',
  address: 'See your postal address',
  offline_access: 'Keep this access while you are away',
};
const VERBS: Readonly<Record<string, string>> = {
  create: 'Create',
  read: 'See',
  edit: 'Change',
  update: 'Change',
  write: 'Change',
  delete: 'Delete',
  list: 'List',
  execute: 'Use',
};

/** A scope in words. A permission is `resource:action` (contract D15); any other name is shown as it is. */
export function scopeInWords(scope: string): string {
  if (Object.hasOwn(MEANINGS, scope)) return MEANINGS[scope] ?? scope;
  const [, resource = '', action = ''] = /^([\w.-]+):([a-z]+)$/.exec(scope) ?? [];
  if (!Object.hasOwn(VERBS, action)) return scope;
  return `${VERBS[action]} ${resource.replace(/[_.-]+/g, ' ')}`;
}

const scopeItem = (scope: string): Html => {
  const words = scopeInWords(scope);
  const isPermission = words !== scope && !Object.hasOwn(MEANINGS, scope);
  return html`<li>${words}${isPermission && html` <span class="soft">(${scope})</span>`}</li>`;
};

const period = (days: number): string =>
  days === 0 ? 'less than a day' : days === 1 ? 'one day' : `${days} days`;

/** Names the client, the application, the scopes in words, and the resource. */
export const consentPage = (form: ConsentForm): Page =>
  layout({
    title: 'Allow access',
    body: html`
<h1>Allow access?</h1>
<p><strong>${form.clientName}</strong> asks for access to your account at <strong>${form.appName}</strong>. It wants to:</p>
<ul>${form.scopes.map(scopeItem)}</ul>
${form.resource && html`<p>This is for <strong>${form.resource.name}</strong> <span class="soft">(${form.resource.uri})</span>.</p>`}
${form.customMessage !== undefined && html`<p>${form.customMessage}</p>`}
<p class="soft">You will be asked again after ${period(form.days)}. ${form.clientName} is not part of ${form.appName}.</p>
${alert(form.fault)}
<form method="post">
${form.guard}
<button type="submit" name="decision" value="allow" id="consent-allow">Allow</button>
<button type="submit" name="decision" value="deny" id="consent-deny" class="quiet">Deny</button>
</form>`,
  });

/** For an answer that cannot be taken, whatever the reason: a stranger learns nothing. */
export const closedConsentPage = (): Page =>
  notice(
    'This question is no longer open',
    'The request for your consent was already answered, has expired, or was begun in another browser. Nothing was changed.',
    'Please go back to the application and start again.',
  );

/** For a consent page of the first party that sends the browser here with something else than the contract says. */
export const malformedAnswerPage = (): Page =>
  notice(
    'The answer could not be understood',
    'The address must have the parameters src_interaction, as given to the consent page, and approved, which is true or false.',
  );
