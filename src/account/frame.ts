/** The look of the account pages: the house's, wider, with a list of the pages. */
import { type Html, html, newNonce, type Page, page } from '../http/html.ts';
import { STYLE } from '../http/layout.ts';
import type { AccountTexts } from '../texts/account-text-shape.ts';
import type { Language } from '../texts/language.ts';
import type { View } from './visit.ts';

const WIDE = `
body{display:block;padding:0}
.skip{position:absolute;left:-999rem}
.skip:focus{left:.5rem;top:.5rem;background:var(--card);padding:.5rem}
header{max-width:60rem;margin:0 auto;padding:1rem;display:flex;flex-wrap:wrap;gap:.5rem 1rem;justify-content:space-between;align-items:center}
header strong{font-size:1.125rem}
.pages{max-width:60rem;margin:0 auto;padding:0 1rem 2rem;display:grid;gap:1rem;grid-template-columns:minmax(0,1fr)}
nav ul{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.25rem}
nav a{display:block;padding:.5rem .75rem;border-radius:.5rem;min-height:2.5rem}
nav a[aria-current]{background:var(--card);font-weight:600;color:var(--text);box-shadow:0 1px 3px rgb(0 0 0/.2)}
main{max-width:none}
h2{font-size:1.125rem;margin:1.5rem 0 .5rem}
select{width:100%;font:inherit;color:inherit;background:var(--card);padding:.625rem .75rem;margin:0 0 1rem;
border:1px solid var(--line);border-radius:.5rem;min-height:2.75rem}
fieldset{border:0;margin:0;padding:0}
legend{font-weight:600;font-size:1.125rem;padding:0;margin:1rem 0 .5rem}
.things{list-style:none;padding:0}
.things>li{border-top:1px solid var(--line);padding:.75rem 0}
.things p{margin:0 0 .25rem}
.things form{display:inline-block;margin-right:.5rem}
.things button{width:auto}
main form button{max-width:26rem}
dl{margin:0 0 1rem}
dt{color:var(--soft)}
dd{margin:0 0 .5rem}
.hint{color:var(--soft);font-size:.9375rem;margin:0 0 .25rem}
[role=status]{background:var(--back);border-left:4px solid var(--accent);border-radius:.25rem;padding:.625rem .75rem;margin:0 0 1rem}
.qr{display:block;width:100%;max-width:14rem;background:#fff;margin:0 0 1rem}
code,.codes{font:1rem/1.75 ui-monospace,monospace}
.codes{columns:2;list-style:none;padding:0}
@media (max-width:24rem){.codes{columns:1}}
@media (min-width:48rem){.pages{grid-template-columns:13rem minmax(0,1fr)}nav ul{flex-direction:column}}
@media print{header,nav,main form,.no-print{display:none}body{background:#fff;color:#000}main{box-shadow:none}}
`;

/** In the order of the list. */
const PAGES = [
  ['/account', 'overview'],
  ['/account/profile', 'profile'],
  ['/account/emails', 'emails'],
  ['/account/phones', 'phones'],
  ['/account/password', 'password'],
  ['/account/authenticator', 'authenticator'],
  ['/account/passkeys', 'passkeys'],
  ['/account/sessions', 'sessions'],
  ['/account/consents', 'consents'],
  ['/account/data', 'data'],
  ['/account/delete', 'delete'],
] as const satisfies readonly (readonly [string, keyof AccountTexts['pages']])[];

interface Frame {
  readonly view: View;
  readonly path: string;
  readonly houseName: string;
  readonly language: Language;
  readonly t: AccountTexts;
  /** What has just been done. */
  readonly done?: string | undefined;
}

export function frame({ view, path, houseName, language, t, done }: Frame): Page {
  const item = ([href, name]: (typeof PAGES)[number]): Html =>
    html`<li><a href="${href}"${href === path && html` aria-current="page"`}>${t.pages[name]}</a></li>`;
  const nonce = newNonce();
  return page({
    title: `${view.title} – ${houseName}`,
    lang: language,
    nonce,
    ...(view.head && { head: view.head(nonce) }),
    style: STYLE + WIDE + (view.style ?? ''),
    body: html`<a class="skip" href="#content">${t.skip}</a>
<header><strong>${houseName}</strong><a href="/oidc/session/end">${t.signOut}</a></header>
<div class="pages">
<nav aria-label="${t.navigation}"><ul>${PAGES.map(item)}</ul></nav>
<main id="content" tabindex="-1">
<h1>${view.title}</h1>
${done !== undefined && html`<p role="status">${done}</p>`}
${view.body}
</main>
</div>`,
  });
}
