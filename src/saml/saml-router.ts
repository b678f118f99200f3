/** Routes of the SAML identity provider (contract/saml.md 1.1): metadata, sign-on, and the way through the login. */
import Router from '@koa/router';
import type { Context } from 'koa';
import type { ClientId, TenantId } from '../base/ids.ts';
import type { SamlClient } from '../clients/client.ts';
import type { PublishedCertificate } from '../keys/saml-certificate-store.ts';
import { SAML_CALLBACK } from '../oidc/sessions/login-handoff.ts';
import { readMessage, relayStateOf } from './incoming.ts';
import { METADATA_TYPE, metadataOf } from './metadata.ts';
import type { Reply, Responder } from './respond.ts';
import { onPage, seeOther, send } from './saml-pages.ts';
import { SamlStatus } from './saml-status.ts';
import { assertStillRegistered, type PendingSignOn, type SignOn } from './sign-on.ts';

export interface SamlRouterParts {
  readonly tenantId: TenantId;
  readonly origin: string;
  /** @throws 404 */
  readonly samlClient: (clientId: string) => Promise<SamlClient>;
  readonly certificates: {
    list(tenantId: TenantId, owner: { clientId: ClientId }): Promise<readonly PublishedCertificate[]>;
  };
  readonly signOn: SignOn;
  readonly responder: Responder;
}

export function createSamlRouter(parts: SamlRouterParts): Router {
  const desk = new SamlDesk(parts);
  const router = new Router();
  const person = (handle: (ctx: Context) => Promise<void>) => onPage('refused', handle);
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
    const client = await this.#parts.samlClient(String(ctx.params.clientId));
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
    const client = await this.#parts.samlClient(String(ctx.params.clientId));
    await this.#keep(ctx, client, await this.#parts.signOn.accept(client, await readMessage(ctx)));
  }

  /** Without a request (IdP-initiated). */
  async start(ctx: Context): Promise<void> {
    const client = await this.#parts.samlClient(String(ctx.params.clientId));
    const { RelayState: given } = ctx.query;
    const relayState = relayStateOf(typeof given === 'string' ? given : undefined);
    await this.#keep(ctx, client, this.#parts.signOn.unasked(client, relayState));
  }

  /** The browser comes with its cookies now. */
  async goOn(ctx: Context): Promise<void> {
    const client = await this.#parts.samlClient(String(ctx.params.clientId));
    const { signOn, responder } = this.#parts;
    const pending = await signOn.find(client.clientId, ctx.query.request);
    assertStillRegistered(client, pending);
    try {
      await signOn.begin(ctx, client, pending, String(ctx.query.request));
    } catch (error) {
      if (!(error instanceof SamlStatus)) throw error;
      reply(ctx, await responder.answer(client, pending, error));
    }
  }

  async respond(ctx: Context): Promise<void> {
    const { signOn, responder } = this.#parts;
    const ended = await signOn.finish(ctx);
    if ('again' in ended)
      return this.#keep(ctx, await this.#parts.samlClient(ended.again.clientId), ended.again);
    const client = await this.#parts.samlClient(ended.pending.clientId);
    assertStillRegistered(client, ended.pending);
    reply(ctx, await responder.answer(client, ended.pending, ended.answer));
  }

  async #keep(ctx: Context, { clientId }: SamlClient, pending: PendingSignOn): Promise<void> {
    const request = await this.#parts.signOn.keep(pending);
    seeOther(
      ctx,
      `${this.#parts.origin}/saml/${encodeURIComponent(clientId)}/continue?${new URLSearchParams({ request })}`,
    );
  }
}

/** The form of the HTTP-POST binding. */
const reply = (ctx: Context, { acsUrl, response, relayState }: Reply): void =>
  send(
    ctx,
    {
      binding: 'post',
      action: acsUrl,
      fields: { SAMLResponse: response, ...(relayState !== undefined && { RelayState: relayState }) },
    },
    'signingIn',
  );
