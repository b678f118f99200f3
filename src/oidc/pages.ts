/** The engine's own pages: error, the sign-out question, signed out. */
import { randomUUID } from 'node:crypto';
import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { html, sendPage } from '../http/html.ts';
import { layout, notice } from '../http/layout.ts';
import { explain } from './error-descriptions.ts';

/** Says what was wrong with an authorization request that must not be redirected. JSON where HTML is not wanted. */
export function errorPage(ctx: KoaContextWithOIDC, out: ErrorOut, error: Error): void {
  const expired = error.name === 'SessionNotFound';
  const sentence = expired
    ? 'This sign-in has expired, was already completed, or was begun in another browser. Go back to the application and start again.'
    : (explain(error) ?? out.error_description ?? 'The request could not be completed.');
  const body = html`<h1>${expired ? 'Please start again' : 'This request cannot be completed'}</h1>
    <p>${sentence}</p>
    <p class="soft">${out.error}${expired ? '' : '. Tell the operator of the application you came from.'}</p>`;
  sendPage(ctx, Math.max(ctx.status, 400), layout({ title: 'Something is wrong', body }));
}

/** RP-Initiated Logout 1.0: asks before the session ends. `form` is the engine's hidden form with its CSRF value. */
export async function signOutPage(ctx: KoaContextWithOIDC, form: string): Promise<void> {
  const action = /action="([^"]*)"/.exec(form)?.[1] ?? '';
  const proof = /name="xsrf" value="([^"]*)"/.exec(form)?.[1] ?? '';
  const body = html`<h1>Sign out?</h1>
    <p>This ends your session here for every application.</p>
    <form method="post" action="${action}" id="form-${randomUUID()}">
      <input type="hidden" name="xsrf" value="${proof}">
      <button type="submit" name="logout" value="yes" id="logout-confirm">Sign out</button>
    </form>`;
  const target = ctx.oidc.params?.post_logout_redirect_uri;
  const origin = typeof target === 'string' ? URL.parse(target) : null;
  sendPage(ctx, 200, layout({ title: 'Sign out?', body }), {
    formActions: origin ? [origin.origin === 'null' ? origin.protocol : origin.origin] : [],
  });
}

export async function signedOutPage(ctx: KoaContextWithOIDC): Promise<void> {
  sendPage(ctx, 200, notice('You are signed out', 'You have been signed out. You can close this page.'));
}
