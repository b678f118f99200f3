/** Routes of single logout (contract/saml.md 1.1): messages of service providers, and the way of the browser through them. */
import Router from '@koa/router';
import type { Context } from 'koa';
import type { SamlClient } from '../clients/client.ts';
import type { SessionOf } from '../oidc/sessions/browser-session.ts';
import { sendFrontChannelPage } from '../oidc/sessions/front-channel-page.ts';
import { readMessage } from './incoming.ts';
import type { LogoutChain, Move } from './logout-chain.ts';
import { languageOf, onPage, seeOther, send, sendSignedOut, sendStepPage } from './saml-pages.ts';
import { type SingleLogout, stepUrl } from './single-logout.ts';

export interface LogoutRouterParts {
  readonly origin: string;
  /** @throws 404 */
  readonly samlClient: (clientId: string) => Promise<SamlClient>;
  readonly logout: SingleLogout;
  readonly chain: LogoutChain;
  readonly sessionOf: SessionOf;
}

export function createLogoutRouter(parts: LogoutRouterParts): Router {
  const desk = new LogoutDesk(parts);
  const router = new Router();
  const person = (handle: (ctx: Context) => Promise<void>) => onPage('signOutRefused', handle);
  const receive = person((ctx) => desk.receive(ctx));
  router.get('/saml/:clientId/slo', receive);
  router.post('/saml/:clientId/slo', receive);
  router.get(
    '/saml/:clientId/slo/continue',
    person((ctx) => desk.goOn(ctx)),
  );
  router.get(
    '/saml/logout',
    person((ctx) => desk.show(ctx)),
  );
  router.get(
    '/saml/logout/without',
    person((ctx) => desk.skip(ctx)),
  );
  return router;
}

class LogoutDesk {
  readonly #parts: LogoutRouterParts;
  constructor(parts: LogoutRouterParts) {
    this.#parts = parts;
  }

  async receive(ctx: Context): Promise<void> {
    const { logout, samlClient, origin } = this.#parts;
    const client = await samlClient(String(ctx.params.clientId));
    const message = await readMessage(ctx);
    if (message.kind === 'SAMLResponse') return this.#move(ctx, await logout.answered(client, message));
    const pending = await logout.accept(client, message);
    if (pending.isSigned) return this.#move(ctx, await logout.end(client, pending, undefined));
    const request = new URLSearchParams({ request: await logout.keep(pending) });
    seeOther(ctx, `${origin}/saml/${encodeURIComponent(client.clientId)}/slo/continue?${request}`);
  }

  /** The browser comes with its cookies now. */
  async goOn(ctx: Context): Promise<void> {
    const { logout, samlClient, sessionOf } = this.#parts;
    const client = await samlClient(String(ctx.params.clientId));
    const pending = await logout.take(client, ctx.query.request);
    const session = await sessionOf(ctx);
    this.#move(ctx, await logout.end(client, pending, session?.uid));
  }

  async show(ctx: Context): Promise<void> {
    const { chain, origin } = this.#parts;
    const { step } = ctx.query;
    const shown = await chain.show(step);
    const without = `${origin}/saml/logout/without?${new URLSearchParams({ step: String(step) })}`;
    if ('frames' in shown) sendFrontChannelPage(ctx, { ...shown, next: without, lang: languageOf(ctx) });
    else sendStepPage(ctx, shown, without);
  }

  async skip(ctx: Context): Promise<void> {
    this.#move(ctx, await this.#parts.chain.skip(ctx.query.step));
  }

  #move(ctx: Context, move: Move): void {
    if (move.kind === 'visit') seeOther(ctx, stepUrl(this.#parts.origin, move.step));
    else if (move.kind === 'answer') send(ctx, move.dispatch, 'signingOut');
    else if (move.kind === 'next') seeOther(ctx, move.url);
    else sendSignedOut(ctx, move.isPartial);
  }
}
