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

/** For an interaction that is over, or that another browser began. */
export const expiredPage = (): Page =>
  notice(
    'This sign-in is no longer open',
    'The sign-in has expired or was already completed.',
    'Please go back to the application and start again.',
  );
