/** Routes of the SAML identity provider (contract/saml.md 1.1): metadata, sign-on, and the way through the login. */
import Router from '@koa/router';
import type { Context } from 'koa';
import { AppError, notFound } from '../base/errors.ts';
import type { ClientId, TenantId } from '../base/ids.ts';
import type { Client, SamlClient } from '../clients/client.ts';
import { sendPage } from '../http/html.ts';
import { notice } from '../http/layout.ts';
import { sendPostingPage } from '../http/posting-page.ts';
import { isStorable } from '../http/validate.ts';
import type { PublishedCertificate } from '../keys/saml-certificate-store.ts';
import { SAML_CALLBACK } from '../oidc/sessions/login-handoff.ts';
import { chooseLanguage, type Language } from '../texts/language.ts';
import { SAML_TEXTS } from '../texts/saml-texts.ts';
import { readMessage } from './incoming.ts';
import { METADATA_TYPE, metadataOf } from './metadata.ts';
import type { Reply, Responder } from './respond.ts';
import { SamlStatus } from './saml-status.ts';
import { assertStillRegistered, type PendingSignOn, type SignOn } from './sign-on.ts';

export interface SamlRouterParts {
  readonly tenantId: TenantId;
  readonly origin: string;
  readonly findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
  readonly certificates: {
    list(tenantId: TenantId, owner: { clientId: ClientId }): Promise<readonly PublishedCertificate[]>;
  };
  readonly signOn: SignOn;
  readonly responder: Responder;
}

export function createSamlRouter(parts: SamlRouterParts): Router {
  const desk = new SamlDesk(parts);
  const router = new Router();
  const person = (handle: (ctx: Context) => Promise<void>) => (ctx: Context) =>
    onPage(ctx, () => handle(ctx));
  router.get('/saml/:clientId/metadata', (ctx) => desk.metadata(ctx));
  router.get(
    '/saml/:clientId/sso',
    person((ctx) => desk.receive(ctx)),
  );
  router.post(
    '/saml/:clientId/sso',
    person((ctx) => desk.receive(ctx)),
  );
  router.get(
    '/saml/:clientId/start',
    person((ctx) => desk.start(ctx)),
  );
  router.get(
    '/saml/:clientId/continue',
    person((ctx) => desk.goOn(ctx)),
  );
  router.get(
    SAML_CALLBACK,
    person((ctx) => desk.respond(ctx)),
  );
  return router;
}

class SamlDesk {
  readonly #parts: SamlRouterParts;
  constructor(parts: SamlRouterParts) {
    this.#parts = parts;
  }

  async metadata(ctx: Context): Promise<void> {
    const { tenantId, origin, certificates, responder } = this.#parts;
    const client = await this.#client(String(ctx.params.clientId));
    const published = await certificates.list(tenantId, { clientId: client.clientId });
    ctx.body = await metadataOf(client, {
      origin,
      certificates: published.map(({ pem }) => pem),
      signer: await responder.signerOf(client),
      now: new Date(),
    });
    ctx.type = METADATA_TYPE;
  }

  /** A request of the provider. */
  async receive(ctx: Context): Promise<void> {
    const client = await this.#client(String(ctx.params.clientId));
    await this.#keep(ctx, client, await this.#parts.signOn.accept(client, await readMessage(ctx)));
  }

  /** Without a request (IdP-initiated). */
  async start(ctx: Context): Promise<void> {
    const client = await this.#client(String(ctx.params.clientId));
    const { RelayState: relayState } = ctx.query;
    await this.#keep(
      ctx,
      client,
      this.#parts.signOn.unasked(client, typeof relayState === 'string' ? relayState : undefined),
    );
  }

  /** The browser comes with its cookies now. */
  async goOn(ctx: Context): Promise<void> {
    const client = await this.#client(String(ctx.params.clientId));
    const { signOn, responder } = this.#parts;
    const pending = await signOn.find(client.clientId, ctx.query.request);
    try {
      await signOn.begin(ctx, client, pending, String(ctx.query.request));
    } catch (error) {
      if (!(error instanceof SamlStatus)) throw error;
      send(ctx, await responder.answer(client, pending, error));
    }
  }

  async respond(ctx: Context): Promise<void> {
    const { signOn, responder } = this.#parts;
    const ended = await signOn.finish(ctx);
    if ('again' in ended) return this.#keep(ctx, await this.#client(ended.again.clientId), ended.again);
    const client = await this.#client(ended.pending.clientId);
    assertStillRegistered(client, ended.pending);
    send(ctx, await responder.answer(client, ended.pending, ended.answer));
  }

  async #keep(ctx: Context, { clientId }: SamlClient, pending: PendingSignOn): Promise<void> {
    const request = await this.#parts.signOn.keep(pending);
    ctx.status = 303;
    ctx.set('Cache-Control', 'no-store');
    ctx.redirect(
      `${this.#parts.origin}/saml/${encodeURIComponent(clientId)}/continue?${new URLSearchParams({ request })}`,
    );
  }

  /** @throws 404 for an id that is none, or one of an OIDC client */
  async #client(id: string): Promise<SamlClient> {
    const { tenantId, findClient } = this.#parts;
    const client = isStorable(id) ? await findClient(tenantId, id as ClientId) : undefined;
    if (client?.protocol !== 'saml') throw notFound('There is no SAML client with this ID');
    return client;
  }
}

const languageOf = (ctx: Context): Language => chooseLanguage([], ctx.get('Accept-Language'));

/** The form of the HTTP-POST binding. */
function send(ctx: Context, { acsUrl, response, relayState }: Reply): void {
  const t = SAML_TEXTS[languageOf(ctx)];
  sendPostingPage(ctx, 200, {
    action: acsUrl,
    fields: { SAMLResponse: response, ...(relayState !== undefined && { RelayState: relayState }) },
    title: t.signingIn,
    button: t.goOn,
  });
}

/** What goes wrong before a provider is proven is told to the person, and sent nowhere. */
async function onPage(ctx: Context, handle: () => Promise<void>): Promise<void> {
  try {
    await handle();
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) throw error;
    const lang = languageOf(ctx);
    const t = SAML_TEXTS[lang];
    if (error.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(error.retryAfterSeconds));
    sendPage(ctx, error.status, notice(t.refused, t.startAgain, `${error.message}.`, { lang }));
  }
}
