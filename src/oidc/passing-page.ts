/** Where the engine sends a form on to another page: its own pages for that have no button and speak English only. */
import type { Context } from 'koa';
import Provider, { type KoaContextWithOIDC } from 'oidc-provider';
import { sendPostingPage } from '../http/posting-page.ts';
import { ENGINE_TEXTS } from '../texts/engine-texts.ts';
import { pageLanguage } from './page-language.ts';

/** Sends the fields to `action`, in the words of the person in front of the page. */
export function passOn(
  ctx: Context | KoaContextWithOIDC,
  status: number,
  action: string,
  fields: Readonly<Record<string, string>>,
): void {
  const lang = pageLanguage(ctx);
  sendPostingPage(ctx, status, { action, fields, lang, ...ENGINE_TEXTS[lang].passing });
}

/** OAuth 2.0 Form Post Response Mode section 2; an error comes with a status of its own. */
function formPost(ctx: KoaContextWithOIDC, redirectUri: string, payload: Record<string, unknown>): void {
  const fields = Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, String(value)]));
  passOn(ctx, 'error' in payload ? 400 : 200, redirectUri, fields);
}

type Handler = Parameters<Provider['registerResponseMode']>[1];

/** The engine registers its modes while it is built, and keeps the first of a name. */
export class EngineWithPages extends Provider {
  override registerResponseMode(name: string, handler: Handler): void {
    super.registerResponseMode(name, name === 'form_post' ? (formPost as Handler) : handler);
  }
}
