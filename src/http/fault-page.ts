/** Pages for people who come by a link or a redirect: what goes wrong is told to them in words, and sent nowhere. */
import type { Context } from 'koa';
import { AppError } from '../base/errors.ts';
import { chooseLanguage, type Language } from '../texts/language.ts';
import { html, sendPage } from './html.ts';
import { layout } from './layout.ts';

export interface FaultWords {
  readonly title: string;
  /** Stands before the sentence of the fault. */
  readonly advice: string;
}

export const faultsOnPage =
  (wordsIn: (language: Language) => FaultWords, handle: (ctx: Context) => Promise<void>) =>
  async (ctx: Context): Promise<void> => {
    // Scanners look at links with HEAD; that must not use anything up.
    if (ctx.method === 'HEAD') {
      ctx.status = 204;
      return;
    }
    try {
      await handle(ctx);
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      const lang = chooseLanguage([], ctx.get('Accept-Language'));
      const { title, advice } = wordsIn(lang);
      if (error.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(error.retryAfterSeconds));
      // For the operator, and in English as everything that developers read.
      const body = html`<h1>${title}</h1><p>${advice}</p><p class="soft" lang="en">${error.message}.</p>`;
      sendPage(ctx, error.status, layout({ title, lang, body }));
    }
  };
