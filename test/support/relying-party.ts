/** A client application built on openid-client, the certified library that a customer would use. */
import * as oidc from 'openid-client';
import { type Browser, signIn } from './browser.ts';
import type { App } from './start-app.ts';
import type { TlsFetch } from './tls-fetch.ts';

export interface RelyingPartySettings {
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: string;
  /** Shows a client certificate; where there is no secret, that is the client's authentication (RFC 8705). */
  readonly tls?: TlsFetch;
  /** With `tls`: the client does not authenticate (contract D10). */
  readonly isPublic?: boolean;
  /** Another way to authenticate than the secret in the form. */
  readonly authentication?: oidc.ClientAuth;
  /** Never opened: the browser of the tests stops there. */
  readonly redirectUri: string;
}

export interface AuthorizationRequest {
  readonly url: URL;
  readonly checks: {
    readonly pkceCodeVerifier: string;
    readonly expectedState: string;
    readonly expectedNonce: string;
  };
}

function authenticationOf(settings: RelyingPartySettings): oidc.ClientAuth {
  const { authentication, clientSecret, tls, isPublic } = settings;
  if (authentication) return authentication;
  if (clientSecret !== undefined) return oidc.ClientSecretPost(clientSecret);
  return tls && isPublic !== true ? oidc.TlsClientAuth() : oidc.None();
}

export class RelyingParty {
  readonly config: oidc.Configuration;
  readonly redirectUri: string;

  private constructor(config: oidc.Configuration, redirectUri: string) {
    this.config = config;
    this.redirectUri = redirectUri;
  }

  /** Reads the discovery document; plain http is allowed because tests run on localhost. */
  static async discover(app: Pick<App, 'issuer'>, settings: RelyingPartySettings): Promise<RelyingParty> {
    const options: oidc.DiscoveryRequestOptions = { execute: [oidc.allowInsecureRequests] };
    if (settings.tls) options[oidc.customFetch] = settings.tls as oidc.CustomFetch;
    const config = await oidc.discovery(
      new URL(app.issuer),
      settings.clientId,
      { use_mtls_endpoint_aliases: settings.tls !== undefined },
      authenticationOf(settings),
      options,
    );
    return new RelyingParty(config, settings.redirectUri);
  }

  /** An authorization request with PKCE, state and nonce; parameters are added or replaced. */
  async authorize(parameters: Record<string, string> = {}): Promise<AuthorizationRequest> {
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const url = oidc.buildAuthorizationUrl(this.config, {
      redirect_uri: this.redirectUri,
      scope: 'openid',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...parameters,
    });
    return { url, checks: { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce } };
  }

  /** Redeems the code in the callback URL and lets the library check every token it gets. */
  redeem(callback: URL, request: AuthorizationRequest) {
    return oidc.authorizationCodeGrant(this.config, callback, request.checks);
  }

  refresh(refreshToken: string) {
    return oidc.refreshTokenGrant(this.config, refreshToken);
  }

  introspect(token: string) {
    return oidc.tokenIntrospection(this.config, token);
  }

  revoke(token: string) {
    return oidc.tokenRevocation(this.config, token);
  }

  userInfo(accessToken: string, subject: string) {
    return oidc.fetchUserInfo(this.config, accessToken, subject);
  }

  endSessionUrl(parameters: Record<string, string>): URL {
    return oidc.buildEndSessionUrl(this.config, parameters);
  }

  /** The whole way: authorization request, hosted sign-in, code redemption. */
  async signIn(
    app: Pick<App, 'url' | 'issuer'>,
    person: { readonly identifier: string; readonly password: string },
    options: { readonly parameters?: Record<string, string>; readonly browser?: Browser } = {},
  ) {
    const request = await this.authorize(options.parameters);
    const callback = await signIn(app, request.url, person.identifier, person.password, options.browser);
    return this.redeem(callback, request);
  }
}
