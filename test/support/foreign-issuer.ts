/** A foreign OpenID Connect provider: oidc-provider as anybody runs it, which signs its person in without a page, and lies where it is told to. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { type AdapterFactory, type AdapterPayload, type Configuration, Provider } from 'oidc-provider';
import { Browser } from './browser.ts';
import { freePort } from './start-app.ts';

type Json = Record<string, unknown>;

/** What the library keeps, in this process; it warns of its own. */
function memory(): AdapterFactory {
  const kept = new Map<string, AdapterPayload>();
  return (model) => {
    const found = async (wanted: (payload: AdapterPayload) => boolean) =>
      [...kept].find(([key, payload]) => key.startsWith(`${model} `) && wanted(payload))?.[1];
    return {
      upsert: async (id, payload) => void kept.set(`${model} ${id}`, payload),
      find: async (id) => kept.get(`${model} ${id}`),
      findByUid: (uid) => found((payload) => payload.uid === uid),
      findByUserCode: async () => undefined,
      consume: async (id) => void Object.assign(kept.get(`${model} ${id}`) ?? {}, { consumed: 1 }),
      destroy: async (id) => void kept.delete(`${model} ${id}`),
      revokeByGrantId: async (grantId) => {
        for (const [key, payload] of kept) if (payload.grantId === grantId) kept.delete(key);
      },
    };
  };
}

/** What it says of the person who sits there. */
export interface Person {
  readonly sub: string;
  readonly claims: Json;
}

export interface Lies {
  /** Laid over the claims of the ID token; undefined takes one away. */
  readonly idToken?: Json;
  /** Another key, the client secret (HS256), or no signature. */
  readonly signedWith?: KeyObject | string | 'nothing';
  /** Over the JSON of the answers at these paths. */
  readonly answers?: Readonly<Record<string, (json: Json) => Json>>;
  /** Status of the discovery document. */
  readonly redirectTo?: string;
}

export interface IssuerSettings {
  readonly clients: readonly {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly redirectUris: readonly string[];
  }[];
  readonly authentication?: 'client_secret_basic' | 'client_secret_post';
  /** Claims of scopes stand in the ID token, or at UserInfo only (the library's own choice). */
  readonly claimsInIdToken?: boolean;
  readonly host?: string;
}

const DISCOVERY = '/.well-known/openid-configuration';
export const newKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

export class ForeignIssuer {
  readonly url: string;
  /** Whoever comes is this one. */
  person: Person = { sub: 'nobody', claims: {} };
  lies: Lies = {};
  /** Paths that were asked for by the server itself, in order. */
  readonly asked: string[] = [];
  readonly #server: Server;
  readonly #provider: Provider;
  readonly #key: KeyObject;

  private constructor(url: string, settings: IssuerSettings) {
    this.url = url;
    this.#key = newKey();
    this.#provider = new Provider(url, this.#configuration(settings));
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  static async start(settings: IssuerSettings): Promise<ForeignIssuer> {
    const port = await freePort();
    const issuer = new ForeignIssuer(`http://${settings.host ?? 'localhost'}:${port}`, settings);
    issuer.#server.listen(port, settings.host ?? 'localhost');
    await once(issuer.#server, 'listening');
    return issuer;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** A browser goes there and is signed in. @returns the address to which it is sent back */
  async visit(url: URL): Promise<URL> {
    const page = await new Browser({ url: this.url, issuer: this.url }).open(url);
    if (page.status !== 0)
      throw new Error(`it ended at ${page.url.pathname} (${page.status}):\n${page.html}`);
    return page.url;
  }

  #configuration({ clients, authentication, claimsInIdToken }: IssuerSettings): Configuration {
    return {
      adapter: memory(),
      clients: clients.map(({ clientId, clientSecret, redirectUris }) => ({
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [...redirectUris],
        token_endpoint_auth_method: authentication ?? 'client_secret_basic',
      })),
      jwks: {
        keys: [{ ...this.#key.export({ format: 'jwk' }), kid: 'own', use: 'sig', alg: 'RS256' } as never],
      },
      cookies: { keys: ['a key of the foreign provider'] },
      conformIdTokenClaims: claimsInIdToken !== true,
      claims: {
        openid: ['sub'],
        email: ['email', 'email_verified'],
        profile: ['given_name', 'family_name', 'upn', 'first', 'last'],
      },
      pkce: { required: () => true },
      findAccount: (_ctx, sub) => ({
        accountId: sub,
        claims: () => ({ sub, ...this.person.claims }) as never,
      }),
      interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
      features: { devInteractions: { enabled: false } },
      ttl: {
        AccessToken: 600,
        AuthorizationCode: 60,
        Grant: 600,
        IdToken: 600,
        Interaction: 600,
        Session: 600,
      },
    };
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0] ?? '/';
    if (path.startsWith('/interaction/')) return this.#signIn(request, response);
    if (path !== '/auth' && !path.startsWith('/auth/')) this.asked.push(path);
    if (path === DISCOVERY && this.lies.redirectTo !== undefined) {
      response.writeHead(302, { location: this.lies.redirectTo }).end();
      return;
    }
    this.#twist(path, response);
    await this.#provider.callback()(request, response);
  }

  async #signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prompt, params, session } = await this.#provider.interactionDetails(request, response);
    const { sub } = this.person;
    if (prompt.name === 'login')
      return this.#provider.interactionFinished(request, response, { login: { accountId: sub } });
    const grant = new this.#provider.Grant({
      accountId: session?.accountId ?? sub,
      clientId: String(params.client_id),
    });
    grant.addOIDCScope('openid email profile');
    const consent = { grantId: await grant.save() };
    return this.#provider.interactionFinished(
      request,
      response,
      { consent },
      { mergeWithLastSubmission: true },
    );
  }

  /** The library writes JSON with one call of `end`. */
  #twist(path: string, response: ServerResponse): void {
    const end = response.end.bind(response) as (text: unknown) => ServerResponse;
    const twist = async (text: unknown): Promise<void> => {
      const twisted = JSON.stringify(await this.#twisted(path, JSON.parse(String(text))));
      response.setHeader('content-length', Buffer.byteLength(twisted));
      end(twisted);
    };
    const isTold = path === '/token' || this.lies.answers?.[path] !== undefined;
    if (isTold)
      response.end = ((text: unknown) => {
        void twist(text);
        return response;
      }) as never;
  }

  async #twisted(path: string, json: Json): Promise<Json> {
    const { answers, idToken, signedWith } = this.lies;
    const token = json.id_token;
    const isLie = idToken !== undefined || signedWith !== undefined;
    const twisted =
      typeof token === 'string' && isLie ? { ...json, id_token: await this.#forged(token) } : json;
    return answers?.[path]?.(twisted) ?? twisted;
  }

  #forged(token: string): Promise<string> | string {
    const { idToken = {}, signedWith = this.#key } = this.lies;
    // JSON leaves undefined out, so that the claim is taken away.
    const claims: JWTPayload = JSON.parse(JSON.stringify({ ...decodeJwt(token), ...idToken }));
    const { kid = '' } = decodeProtectedHeader(token);
    if (signedWith === 'nothing') return new UnsecuredJWT(claims).encode();
    if (typeof signedWith === 'string')
      return new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(signedWith));
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(signedWith);
  }
}
