/** Sign-in at a foreign OpenID Connect provider: what is sent there, and whether its answer is believed (OpenID Connect Core 3.1). */
import { LRUCache } from 'lru-cache';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { invalid } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { hashSecret, type Secret } from '../base/secrets.ts';
import { assertReachable, foreignFetch, type WayOut } from './foreign-fetch.ts';

/** Who we are at which provider. */
export interface ForeignClient {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post';
}

/** What is remembered until the answer comes; the browser sees hashes of it, or what it may see. */
export interface ForeignRequest {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export type ForeignClaims = Readonly<Record<string, unknown>>;

/** Discovery documents and their keys; a change at the provider counts after this. */
const KEPT_SECONDS = 300;
const MAX_KEPT = 500;
/** By which the clocks of both sides may differ. */
const SKEW_SECONDS = 60;

const AUTHENTICATIONS = { client_secret_basic: ClientSecretBasic, client_secret_post: ClientSecretPost };

/** One sentence for all that can go wrong on the way: which of them it was is for the operator's log. */
const unreachable = () =>
  invalid('The identity provider could not be asked: its operator or ours has to look at its settings');
const unbelieved = () =>
  invalid('The answer of the identity provider was not accepted: go back to the application and start again');

export class ForeignProviders {
  readonly #way: WayOut;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #known = new LRUCache<string, Promise<Configuration>>({ max: MAX_KEPT, ttl: KEPT_SECONDS * 1000 });

  constructor({ log, ...way }: WayOut & { readonly log: Pick<Logger, 'warn'> }) {
    this.#way = way;
    this.#log = log;
  }

  /** @returns where the browser goes, and what `complete` has to be given. @throws 400 where the provider cannot be asked */
  async begin(
    client: ForeignClient,
    asked: { redirectUri: string; scopes: readonly string[]; loginHint?: string },
  ): Promise<{ url: string; request: ForeignRequest }> {
    const request = { state: randomState(), nonce: randomNonce(), codeVerifier: randomPKCECodeVerifier() };
    const { state, nonce, codeVerifier } = request;
    return this.#told(client, unreachable, async (config) => {
      const url = buildAuthorizationUrl(config, {
        redirect_uri: asked.redirectUri,
        scope: asked.scopes.join(' '),
        ...{ state, nonce, response_mode: 'query', code_challenge_method: 'S256' },
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        ...(asked.loginHint !== undefined && { login_hint: asked.loginHint }),
      });
      assertReachable(url, this.#way);
      return { url: url.href, request };
    });
  }

  /**
   * Redeems the code of an answer, and checks it and the ID token: issuer (RFC 9207, too), audience, authorized party,
   * signature, times, nonce.
   * @param callback the redirect URI with the parameters of the answer
   * @returns the claims of the ID token; those of UserInfo, about the same subject, where the ID token has no `needed`
   * @throws 400 for an answer that is not believed
   */
  complete(
    client: ForeignClient,
    callback: URL,
    { request, needed }: { request: ForeignRequest; needed: string },
  ): Promise<ForeignClaims> {
    return this.#told(client, unbelieved, async (config) => {
      const tokens = await authorizationCodeGrant(config, callback, {
        expectedState: request.state,
        expectedNonce: request.nonce,
        pkceCodeVerifier: request.codeVerifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims) throw new Error('the provider has sent no ID token');
      if (claims[needed] !== undefined || config.serverMetadata().userinfo_endpoint === undefined)
        return claims;
      return fetchUserInfo(config, tokens.access_token, claims.sub);
    });
  }

  /** What the library throws may quote tokens: of it only what the log lets through is kept. */
  async #told<T>(
    client: ForeignClient,
    fault: () => Error,
    work: (config: Configuration) => Promise<T>,
  ): Promise<T> {
    try {
      return await work(await this.#configurationOf(client));
    } catch (error) {
      this.#log.warn({ err: error, issuer: client.issuer }, 'an identity provider did not sign somebody in');
      throw fault();
    }
  }

  #configurationOf(client: ForeignClient): Promise<Configuration> {
    const { issuer, clientId, clientSecret, clientAuthentication } = client;
    const key = JSON.stringify([issuer, clientId, clientAuthentication, hashSecret(clientSecret.reveal())]);
    const known = this.#known.get(key);
    if (known) return known;
    const asked = this.#discover(client);
    this.#known.set(key, asked);
    asked.catch(() => this.#known.delete(key));
    return asked;
  }

  async #discover({ issuer, clientId, clientSecret, clientAuthentication }: ForeignClient) {
    const isOpen = issuer.startsWith('http:');
    const config = await discovery(
      new URL(issuer),
      clientId,
      { [clockTolerance]: SKEW_SECONDS },
      AUTHENTICATIONS[clientAuthentication](clientSecret.reveal()),
      {
        [customFetch]: foreignFetch(this.#way),
        // The way out lets those through that the operator has listed, and nobody else.
        execute: [enableNonRepudiationChecks, ...(isOpen ? [allowInsecureRequests] : [])],
        timeout: 10,
      },
    );
    // To the letter: the library makes exceptions for some, and compares as URLs.
    if (config.serverMetadata().issuer !== issuer)
      throw new Error('the discovery document is of another issuer than the one that is configured');
    return config;
  }
}
