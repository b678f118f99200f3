/** Sign-in at the OpenID Connect provider of an organization (contract/saml.md 3): we ask, it answers, the browser that asked goes on. */
import type { Context } from 'koa';
import { invalid } from '../base/errors.ts';
import type { AppId, OrganizationId, TenantId, UserId } from '../base/ids.ts';
import { hashSecret, Secret } from '../base/secrets.ts';
import { isSameBrowser, rememberBrowser } from '../http/browser-secret.ts';
import type { Sealer } from '../keys/sealer.ts';
import type { FederatedMembers } from '../organizations/federated-members.ts';
import {
  callbackOf,
  type OidcIdentityProvider,
  secretContext,
} from '../organizations/oidc-identity-provider.ts';
import type { SsoStart } from '../organizations/sso-start-schema.ts';
import type { EphemeralStore, ItemKey } from '../storage/ephemeral-store.ts';
import { claimedPerson } from './claimed-person.ts';
import type { ForeignClient, ForeignProviders, ForeignRequest } from './foreign-provider.ts';

/** People may have to set up a second factor there. */
const PENDING_SECONDS = 3600;
// The answer comes in with and without the prefix /cis, and the cookie with it.
const COOKIE = { name: 'tessera_sso', path: '/', seconds: PENDING_SECONDS };

/** The redirect family of the authentication API, as far as it is needed here. */
export interface RedirectDoor {
  /** @throws 400, 403 for a client or redirect URI that may not be used so */
  accept(start: { clientId: string; redirectUri: string }): Promise<AppId>;
  /** Checks both again. @returns the URL of a sign-in ticket */
  url(signedIn: {
    clientId: string;
    redirectUri: string;
    organizationId: OrganizationId;
    userId: UserId;
    isNewUser: boolean;
  }): Promise<string>;
}

export interface OrganizationSignInParts {
  readonly tenantId: TenantId;
  readonly origin: string;
  readonly ephemeral: Pick<EphemeralStore, 'put' | 'get' | 'consume'>;
  readonly sealer: Pick<Sealer, 'open'>;
  readonly members: Pick<FederatedMembers, 'organizationFor' | 'oidcProvider' | 'admit'>;
  readonly providers: Pick<ForeignProviders, 'begin' | 'complete'>;
  readonly redirects: RedirectDoor;
}

/** What was asked, by the hash of the state. */
interface Pending {
  readonly organizationId: OrganizationId;
  readonly appId: AppId;
  readonly clientId: string;
  readonly redirectUri: string;
  /** Hash of the cookie of the browser that asked. */
  readonly browser: string;
  /** Whom we asked, as whom, and where the answer has to come in. */
  readonly issuer: string;
  readonly foreignClientId: string;
  readonly callback: string;
  readonly request: ForeignRequest;
}

const nobodyAsked = () =>
  invalid(
    'This sign-in is over, or was not begun in this browser: go back to the application and start again',
  );

export class OrganizationSignIn {
  readonly #parts: OrganizationSignInParts;
  constructor(parts: OrganizationSignInParts) {
    this.#parts = parts;
  }

  /**
   * @returns where the browser goes; undefined where the organization has no provider of this kind
   * @throws 400, 403, 404 before anything leaves
   */
  async start(ctx: Context, asked: SsoStart): Promise<string | undefined> {
    const { redirects, members, providers, origin } = this.#parts;
    const { client_id: clientId, redirect_uri: redirectUri, email } = asked;
    const appId = await redirects.accept({ clientId, redirectUri });
    const named = asked.org_id as OrganizationId | undefined;
    const organizationId = await members.organizationFor(appId, email, named);
    const provider = await members.oidcProvider({ organizationId, appId });
    if (!provider) return undefined;
    const callback = callbackOf(origin, provider);
    const { scopes } = provider;
    const { url, request } = await providers.begin(this.#clientOf(provider), {
      ...{ redirectUri: callback, scopes, loginHint: email },
    });
    const pending: Pending = {
      ...{ organizationId, appId, clientId, redirectUri, callback, request },
      browser: rememberBrowser(ctx, COOKIE),
      issuer: provider.issuer,
      foreignClientId: provider.clientId,
    };
    const lasting = { ttlSeconds: PENDING_SECONDS };
    await this.#parts.ephemeral.put(this.#at(request.state), { ...pending }, lasting);
    return url;
  }

  /**
   * Takes the provider's answer, once, in the browser that asked.
   * @param cameTo the organization of the address, where it is one's own
   * @returns where the browser goes: a ticket that ends at the redirect URI
   * @throws 400, 403, 404 for every answer that is not believed
   */
  async receive(ctx: Context, cameTo: OrganizationId | undefined): Promise<string> {
    const { members, providers, redirects } = this.#parts;
    const pending = await this.#pending(ctx, cameTo);
    const { organizationId, appId, clientId, redirectUri } = pending;
    const provider = await members.oidcProvider(pending);
    if (provider?.issuer !== pending.issuer || provider.clientId !== pending.foreignClientId)
      throw nobodyAsked();
    if (ctx.query.error !== undefined)
      throw invalid('The identity provider did not sign the user in: go back to the application');
    const claims = await providers.complete(
      this.#clientOf(provider),
      new URL(`${pending.callback}?${ctx.querystring}`),
      { request: pending.request, needed: provider.emailClaim },
    );
    const person = { ...claimedPerson(provider, claims), ip: ctx.ip };
    await redirects.accept({ clientId, redirectUri });
    const admitted = await members.admit(provider, { organizationId, appId }, person);
    return redirects.url({ clientId, redirectUri, organizationId, ...admitted });
  }

  /** Another browser uses nothing up. @throws 400 */
  async #pending(ctx: Context, cameTo: OrganizationId | undefined): Promise<Pending> {
    const { ephemeral, origin } = this.#parts;
    const { state } = ctx.query;
    if (typeof state !== 'string') throw nobodyAsked();
    const at = this.#at(state);
    const pending = (await ephemeral.get(at))?.value as unknown as Pending | undefined;
    if (!pending || !isSameBrowser(ctx, COOKIE, pending.browser)) throw nobodyAsked();
    const { organizationId } = pending;
    const reached = cameTo === undefined || cameTo === organizationId;
    const address = callbackOf(origin, { organizationId, ownCallback: cameTo !== undefined });
    if (!reached || address !== pending.callback) throw nobodyAsked();
    if (!(await ephemeral.consume(at))) throw nobodyAsked();
    return pending;
  }

  #clientOf(provider: OidcIdentityProvider): ForeignClient {
    const { issuer, clientId, clientAuthentication, organizationId, sealedClientSecret } = provider;
    const secret = this.#parts.sealer.open(sealedClientSecret, secretContext(organizationId));
    return { issuer, clientId, clientAuthentication, clientSecret: new Secret(secret) };
  }

  #at(state: string): ItemKey {
    return { tenantId: this.#parts.tenantId, kind: 'OidcFederation', key: hashSecret(state) };
  }
}
