/** GET `/auth/link`: where the link of a mail leads. */
import Router from '@koa/router';
import type { Context } from 'koa';
import { html, sendPage } from '../http/html.ts';
import { layout } from '../http/layout.ts';
import { chooseLanguage, type Language } from '../texts/language.ts';
import { MAGIC_LINK_TEXTS, type MagicLinkTexts } from '../texts/magic-link-texts.ts';
import { LINK_PATH, type RedirectLinks } from './redirect-links.ts';

const STATUS = { over: 400, otherDevice: 403, refused: 400 } as const;

export function createMagicLinkRouter({ links }: { links: Pick<RedirectLinks, 'open'> }): Router {
  const router = new Router();
  router.get(LINK_PATH, (ctx) => open(links, ctx));
  return router;
}

async function open(links: Pick<RedirectLinks, 'open'>, ctx: Context): Promise<void> {
  // Mail scanners look at links with HEAD; that must not use one up.
  if (ctx.method === 'HEAD') {
    ctx.status = 204;
    return;
  }
  const { token } = ctx.query;
  if (typeof token !== 'string') return say(ctx, 'over');
  const opened = await links.open(token, { userAgent: ctx.get('user-agent'), ip: ctx.ip });
  if (opened.outcome !== 'in') return say(ctx, opened.outcome, opened.language);
  ctx.status = 303;
  // The token stands in the address of this page.
  ctx.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  ctx.redirect(opened.url);
}

function say(ctx: Context, what: keyof MagicLinkTexts, known?: Language): void {
  const language = known ?? chooseLanguage([], ctx.get('accept-language'));
  const { title, sentences } = MAGIC_LINK_TEXTS[language][what];
  const body = html`<h1>${title}</h1>${sentences.map((sentence) => html`<p>${sentence}</p>`)}`;
  sendPage(ctx, STATUS[what], layout({ title, lang: language, body }));
}
