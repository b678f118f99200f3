/** In which language the engine's pages speak: as the request asks for, then its form or device, then the browser. */
import type { Context } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { chooseLanguage, type Language } from '../texts/language.ts';

/** A page can come before the engine has read the request, and where reading it has failed. */
type Reached = { readonly oidc?: KoaContextWithOIDC['oidc'] };

/** Name of the parameter that our own forms hand on in their addresses: the engine keeps none beyond a request. */
export const UI_LOCALES = 'ui_locales';

const inAddress = (ctx: Pick<Context, 'originalUrl'>): string | null => {
  const { originalUrl } = ctx;
  const at = originalUrl.indexOf('?');
  return at < 0 ? null : new URLSearchParams(originalUrl.slice(at)).get(UI_LOCALES);
};

/** What was asked for; undefined for nothing. */
export function askedLocales(ctx: Context | KoaContextWithOIDC): string | undefined {
  const { oidc } = ctx as Reached;
  const { ui_locales: ofDevice } = oidc?.entities?.DeviceCode?.params ?? {};
  return [oidc?.params?.[UI_LOCALES], inAddress(ctx), ofDevice].find(
    (asked): asked is string => typeof asked === 'string' && asked !== '',
  );
}

export const pageLanguage = (ctx: Context | KoaContextWithOIDC): Language =>
  chooseLanguage(askedLocales(ctx)?.split(' ') ?? [], ctx.get('Accept-Language'));

/** An address of ours, with what was asked for. */
export function withLocales(ctx: Context | KoaContextWithOIDC, address: string): string {
  const asked = askedLocales(ctx);
  if (asked === undefined) return address;
  const url = new URL(address);
  url.searchParams.set(UI_LOCALES, asked);
  return url.href;
}
