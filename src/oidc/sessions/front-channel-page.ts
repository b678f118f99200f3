/** The page on which the browser tells applications of a logout (OpenID Connect Front-Channel Logout 1.0 section 3). */
import type { Context } from 'koa';
import { html, newNonce, raw, sendPage } from '../../http/html.ts';
import { layout } from '../../http/layout.ts';
import type { Language } from '../../texts/language.ts';
import { SIGN_OUT_TEXTS } from '../../texts/sign-out-texts.ts';

/** Goes on when every frame has loaded, or after a second; without script the link is there. */
const SCRIPT = `
const link = document.getElementById('sign-out-continue');
const frames = [...document.querySelectorAll('iframe')];
const leave = () => location.replace(link.href);
const loaded = frames.map((frame) => new Promise((done) => frame.addEventListener('load', done)));
const second = new Promise((done) => setTimeout(done, 1000));
Promise.race([Promise.all(loaded), second]).then(leave);
`;

export interface FrontChannelLogout {
  /** Pages of the applications. */
  readonly frames: readonly URL[];
  /** Where the browser goes from here; undefined to stay. */
  readonly next: string | undefined;
  readonly lang: Language;
}

export function sendFrontChannelPage(ctx: Context, { frames, next, lang }: FrontChannelLogout): void {
  const nonce = newNonce();
  const texts = SIGN_OUT_TEXTS[lang];
  // The page of an application may run, but must not lead the browser elsewhere.
  const body = html`<h1>${texts.title}</h1>
    <p>${next === undefined ? texts.done : texts.waiting}</p>
    ${next !== undefined && html`<p><a href="${next}" id="sign-out-continue">${texts.goOn}</a></p>`}
    ${frames.map(({ href, host }) => html`<iframe src="${href}" title="${host}" sandbox="allow-scripts allow-same-origin" hidden></iframe>`)}
    ${next !== undefined && html`<script nonce="${nonce}">${raw(SCRIPT)}</script>`}`;
  const page = layout({ title: texts.title, lang, body, nonce });
  const origins = [...new Set(frames.map(({ origin }) => origin))];
  sendPage(ctx, 200, page, {
    policy: [`frame-src ${origins.join(' ')}`, `script-src 'nonce-${nonce}'`],
  });
}
