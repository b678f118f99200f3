/** A client application built on openid-client, the certified library that a customer would use. */
import * as oidc from 'openid-client';
import { type Browser, signIn } from './browser.ts';
import type { App } from './start-app.ts';

export interface RelyingPartySettings {
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: string;
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

export class RelyingParty {
  readonly config: oidc.Configuration;
  readonly redirectUri: string;

  private constructor(config: oidc.Configuration, redirectUri: string) {
    this.config = config;
    this.redirectUri = redirectUri;
  }

  /** Reads the discovery document; plain http is allowed because tests run on localhost. */
  static async discover(app: Pick<App, 'issuer'>, settings: RelyingPartySettings): Promise<RelyingParty> {
    const bySecret =
      settings.clientSecret === undefined ? oidc.None() : oidc.ClientSecretPost(settings.clientSecret);
    const authentication = settings.authentication ?? bySecret;
    const options = { execute: [oidc.allowInsecureRequests] };
    const config = await oidc.discovery(
      new URL(app.issuer),
      settings.clientId,
      undefined,
      authentication,
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
