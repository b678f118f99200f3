/** The look that every hosted page shares: one column, light and dark, usable from 320 px on. */
import { type Html, html, newNonce, type Page, page } from './html.ts';

// Colours: every text and control pair is at least 4.5:1, every outline at least 3:1 (WCAG 2.2 AA).
export const STYLE = `
:root{color-scheme:light dark;--back:#f3f4f7;--card:#fff;--text:#1b1f2a;--soft:#535b6b;--line:#7c8496;
--accent:#1f4fd1;--on-accent:#fff;--alarm:#a3141f;--alarm-back:#fdeced;--focus:#1f4fd1}
@media (prefers-color-scheme:dark){:root{--back:#12141a;--card:#1c1f28;--text:#eceef3;--soft:#b0b7c6;--line:#7f889b;
--accent:#8fb0ff;--on-accent:#0d1528;--alarm:#ffb3b5;--alarm-back:#3a181c;--focus:#8fb0ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;padding:1rem;
background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:26rem;background:var(--card);border-radius:.75rem;padding:1.75rem 1.5rem;
box-shadow:0 1px 3px rgb(0 0 0/.2);overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}
p{margin:0 0 1rem}
.soft{color:var(--soft)}
ul{margin:0 0 1.25rem;padding-left:1.25rem}
label{display:block;font-weight:600;margin:0 0 .25rem}
input:not([type=hidden]){width:100%;font:inherit;color:inherit;background:transparent;padding:.625rem .75rem;margin:0 0 1rem;
border:1px solid var(--line);border-radius:.5rem;min-height:2.75rem}
input[aria-invalid=true]{border-color:var(--alarm);border-width:2px}
button{font:inherit;font-weight:600;cursor:pointer;width:100%;min-height:2.75rem;padding:.625rem 1rem;margin:.25rem 0;
border:1px solid var(--accent);border-radius:.5rem;background:var(--accent);color:var(--on-accent)}
button.quiet{background:transparent;color:var(--accent)}
button.plain{background:transparent;color:var(--accent);border-color:transparent;text-decoration:underline;font-weight:400;min-height:2.25rem;padding:.25rem 1rem;margin:0}
.brand{font-weight:600;margin:0 0 1rem}
.brand img{display:block;max-width:100%;height:3rem;object-fit:contain}
.hint{color:var(--soft);font-size:.9375rem;margin:0 0 .25rem}
svg.qr{display:block;width:13rem;max-width:100%;margin:0 auto 1rem;background:#fff}
.key{font-family:ui-monospace,monospace}
.code{letter-spacing:.2em;font-variant-numeric:tabular-nums}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
[role=alert]{background:var(--alarm-back);color:var(--alarm);border-left:4px solid var(--alarm);border-radius:.25rem;
padding:.625rem .75rem;margin:0 0 1rem}
[role=alert] ul{margin:0}
@media (max-width:24rem){body{padding:.5rem;align-items:flex-start}main{padding:1.25rem 1rem}}
@media (forced-colors:active){button{border:2px solid ButtonText}}
`;

export interface LayoutParts {
  /** Title of the tab; the page's own heading stands in the body. */
  readonly title: string;
  readonly body: Html;
  readonly lang: string;
  /** Laid over the house look. */
  readonly style?: string;
  /** More for the head, which may carry the nonce. */
  readonly head?: (nonce: string) => Html;
  /** For a script in the body; made here if absent. */
  readonly nonce?: string;
}

/** The document around a body, ready for `sendPage`. */
export function layout(parts: LayoutParts): Page {
  const { title, body, lang, style = '', head, nonce = newNonce() } = parts;
  const more = head && { head: head(nonce) };
  return page({ title, lang, nonce, style: STYLE + style, body: html`<main>${body}</main>`, ...more });
}

/** What went wrong, announced by screen readers. Prints nothing where there is nothing to say. */
export function alert(what: string | readonly string[] | undefined): Html {
  const sentences = what === undefined ? [] : [what].flat();
  if (sentences.length === 0) return html``;
  const [only] = sentences;
  const body =
    sentences.length === 1 ? only : html`<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
  return html`<div role="alert" id="form-error">${body}</div>`;
}

/** A page that only says something, in this language. */
export const notice = (lang: string, title: string, ...sentences: readonly string[]): Page =>
  layout({
    title,
    lang,
    body: html`<h1>${title}</h1>${sentences.map((sentence) => html`<p>${sentence}</p>`)}`,
  });
