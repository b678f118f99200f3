/** What the hosted sign-in shows. Pages work without script. */
import { type Html, html, type Page } from '../http/html.ts';
import { alert, layout, notice } from '../http/layout.ts';

export interface LoginForm {
  readonly clientName: string;
  readonly customMessage?: string;
  readonly identifier?: string;
  readonly fault?: string;
  readonly guard: Html;
}

const message = (text: string | undefined): Html | undefined => (text ? html`<p>${text}</p>` : undefined);

/** Identifier and password on one page. Focus goes to the first empty field. */
export function loginPage(form: LoginForm): Page {
  const isKnown = form.identifier !== undefined && form.identifier !== '';
  const invalid = form.fault === undefined ? undefined : html` aria-describedby="form-error"`;
  const focus = html` autofocus`;
  return layout({
    title: form.fault === undefined ? 'Sign in' : 'Sign in: please check',
    body: html`
<h1>Sign in</h1>
<p class="soft">to continue to ${form.clientName}</p>
${message(form.customMessage)}
${alert(form.fault)}
<form method="post">
${form.guard}
<label for="identifier">Email, phone number or username</label>
<input id="identifier" name="identifier" type="text" autocomplete="username" autocapitalize="none" spellcheck="false"
 required maxlength="255" value="${form.identifier}"${invalid}${!isKnown && focus}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="256"${invalid}${isKnown && focus}>
<button type="submit" id="login-submit">Sign in</button>
</form>`,
  });
}

export interface ConsentForm {
  readonly clientName: string;
  readonly customMessage?: string;
  readonly scopes: readonly string[];
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

/** Asks whether a third-party application may have what it asks for. */
export const consentPage = (form: ConsentForm): Page =>
  layout({
    title: 'Allow access',
    body: html`
<h1>Allow access?</h1>
<p><strong>${form.clientName}</strong> asks to:</p>
<ul>${form.scopes.map((scope) => html`<li>${Object.hasOwn(MEANINGS, scope) ? MEANINGS[scope] : scope}</li>`)}</ul>
${message(form.customMessage)}
${alert(form.fault)}
<form method="post">
${form.guard}
<button type="submit" name="decision" value="allow" id="consent-allow">Allow</button>
<button type="submit" name="decision" value="deny" id="consent-deny" class="quiet">Deny</button>
</form>`,
  });

/** For an interaction that is over, or that another browser began. */
export const expiredPage = (): Page =>
  notice(
    'This sign-in is no longer open',
    'The sign-in has expired or was already completed.',
    'Please go back to the application and start again.',
  );
