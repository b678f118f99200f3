/** A page that sends a form on: at once where script runs, by its button where it does not. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import { formTargets } from './form-target.ts';
import { html, raw, sendPage } from './html.ts';
import { layout } from './layout.ts';

export interface Posting {
  /** Where the form goes. */
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly title: string;
  readonly button: string;
  /** Of the two words above. */
  readonly lang: string;
}

/** Sends the page. */
export function sendPostingPage(ctx: Context, status: number, posting: Posting): void {
  const nonce = randomBytes(16).toString('base64');
  const body = html`<h1>${posting.title}</h1>
<form method="post" action="${posting.action}">
${Object.entries(posting.fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`)}
<button type="submit">${posting.button}</button>
</form>
<script nonce="${nonce}">${raw('document.forms[0].submit()')}</script>`;
  sendPage(ctx, status, layout({ title: posting.title, lang: posting.lang, body, nonce }), {
    formActions: formTargets([posting.action]),
    policy: [`script-src 'nonce-${nonce}'`],
  });
}
