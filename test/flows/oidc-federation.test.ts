/** Sign-in at the OpenID Connect provider of an organization (contract/saml.md 3), and what an attacker gets of it: nothing. */
import { decodeJwt } from 'jose';
import { Browser, type Page } from '../support/browser.ts';
import { CodeScene } from '../support/code-scene.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { ForeignIssuer, type IssuerSettings, type Lies, newKey } from '../support/foreign-issuer.ts';
import type { Api } from '../support/management.ts';
import { REDIRECT_URI } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import { rsaIdentity } from '../support/xml-tools.ts';

const CLIENT = 'tessera';
const SECRET = 'a secret + that % has to be encoded';
const NOT_ACCEPTED = 'was not accepted';
const NOT_BEGUN = 'was not begun in this browser';
const NOT_ASKED = 'could not be asked';
let count = 0;

describe.each(policyStorages)('sign-in at the OpenID provider of an organization ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let code: CodeScene;
  let admin: Api;
  let idp: ForeignIssuer;
  let acme: Organization;
  const issuers: ForeignIssuer[] = [];
  beforeAll(async () => {
    storage = await options();
    app = await startApp({ ...storage, env: { ALLOWED_INTERNAL_HOSTS: 'localhost' } });
    code = await CodeScene.set(app);
    admin = code.admin;
    idp = await newIssuer({ claimsInIdToken: true });
    acme = await newOrganization();
  });
  afterAll(async () => {
    for (const issuer of issuers) await issuer.stop();
    await app?.discard();
    await storage?.release();
  });
  afterEach(() => {
    for (const issuer of issuers) issuer.lies = {};
  });

  const origin = () => new URL(app.issuer).origin;
  const callback = () => `${origin()}/cis/auth/sso/oidc/callback`;
  async function newIssuer(settings: Partial<IssuerSettings> = {}, more: readonly string[] = []) {
    const redirectUris = [callback(), ...more];
    const issuer = await ForeignIssuer.start({
      clients: [{ clientId: CLIENT, clientSecret: SECRET, redirectUris }],
      ...settings,
    });
    issuers.push(issuer);
    return issuer;
  }

  interface Organization {
    readonly id: string;
    readonly domain: string;
    readonly email: string;
    readonly userId: string;
    readonly path: string;
    readonly idp: ForeignIssuer;
    readonly shown: Record<string, unknown>;
  }
  /** An organization with a domain and a member, and no identity provider. */
  async function bareOrganization() {
    count += 1;
    const domain = `org-${count}.example`;
    const app_ids = [code.scene.appId];
    const made = await admin.post('/v1/organizations', { name: `Org ${count}`, domains: [domain], app_ids });
    expect(made.status).toBe(201);
    const id: string = made.body.result.organization_id;
    const email = `ada@${domain}`;
    const userId = await newUser(email);
    expect((await admin.post(`/v1/organizations/${id}/members`, { user_id: userId })).status).toBe(201);
    return { id, domain, email, userId, path: `/v1/organizations/${id}/oidc-identity-provider` };
  }
  async function newOrganization(settings: Record<string, unknown> = {}, by = idp): Promise<Organization> {
    const organization = await bareOrganization();
    const put = await admin.put(organization.path, { ...setting(by), ...settings });
    expect([put.status, put.body]).toEqual([200, { result: expect.any(Object) }]);
    return { ...organization, idp: by, shown: put.body.result };
  }
  const setting = (by: { url: string } = idp) => ({
    issuer: by.url,
    client_id: CLIENT,
    client_secret: SECRET,
  });
  async function newUser(email: string): Promise<string> {
    const made = await admin.post('/v1/users', { email });
    expect(made.status).toBe(201);
    return made.body.result.user_id;
  }

  const startUrl = (query: Record<string, string>) =>
    `${app.url}/cis/v1/auth/sso/start?${new URLSearchParams({
      client_id: code.scene.clientId,
      redirect_uri: REDIRECT_URI,
      ...query,
    })}`;
  /** The authorization request with which the browser is sent away. */
  const begin = async (
    browser: Browser,
    by: Organization,
    query: Record<string, string> = {},
  ): Promise<URL> => {
    const page = await browser.open(startUrl({ email: by.email, ...query }));
    if (page.status !== 0) throw new Error(`no request (${page.status}):\n${page.html}`);
    return page.url;
  };
  /** The person is the organization's member, whom the provider calls so, or as it is told. */
  const sits = (by: Organization, claims: Record<string, unknown> = {}) => {
    by.idp.person = {
      sub: `sub of ${by.email}`,
      claims: { email: by.email, email_verified: true, ...claims },
    };
  };
  /** The whole way up to the answer. */
  const answered = async (
    browser: Browser,
    by = acme,
    claims: Record<string, unknown> = {},
  ): Promise<URL> => {
    const request = await begin(browser, by);
    sits(by, claims);
    return by.idp.visit(request);
  };
  const attempt = async (by = acme, claims: Record<string, unknown> = {}, lies: Lies = {}): Promise<Page> => {
    const browser = new Browser(app);
    const answer = await answered(browser, by, claims);
    by.idp.lies = lies;
    return browser.open(answer);
  };
  const expectRefused = (page: Page, words: string, status = 400): void => {
    expect(page.html).toContain(words);
    expect([page.status, page.url.searchParams.has('code') && page.status === 0]).toEqual([status, false]);
  };
  const withParameters = (url: URL, parameters: Record<string, string | undefined>): URL => {
    const changed = new URL(url);
    for (const [name, value] of Object.entries(parameters))
      if (value === undefined) changed.searchParams.delete(name);
      else changed.searchParams.set(name, value);
    return changed;
  };

  describe('whom it lets in', () => {
    it('ends at the redirect URI with a code that openid-client redeems (saml.md 3)', async () => {
      const page = await attempt();
      expect(`${page.url.origin}${page.url.pathname}`).toBe(REDIRECT_URI);
      const { claims, tokens } = await code.redeem(page);
      expect(claims).toMatchObject({ sub: acme.userId, amr: ['social'] });
      expect(decodeJwt(tokens.access_token)).toMatchObject({ org_id: acme.id });
    });

    it('asks with PKCE, state and nonce, at the published callback, which the administrator is shown (saml.md 3)', async () => {
      const [first, second] = [await begin(new Browser(app), acme), await begin(new Browser(app), acme)];
      expect(Object.fromEntries(first.searchParams)).toEqual({
        response_type: 'code',
        response_mode: 'query',
        client_id: CLIENT,
        redirect_uri: callback(),
        scope: 'openid email profile',
        login_hint: acme.email,
        state: expect.stringMatching(/^[\w-]{43}$/),
        nonce: expect.stringMatching(/^[\w-]{43}$/),
        code_challenge: expect.stringMatching(/^[\w-]{43}$/),
        code_challenge_method: 'S256',
      });
      for (const name of ['state', 'nonce', 'code_challenge'])
        expect(first.searchParams.get(name)).not.toBe(second.searchParams.get(name));
      expect(acme.shown.redirect_uri).toBe(callback());
    });

    it('takes other claims, from UserInfo and with another authentication, and makes a member of a stranger where that is wanted (ours)', async () => {
      const other = await newIssuer({ authentication: 'client_secret_post' });
      const org = await newOrganization(
        {
          token_endpoint_auth_method: 'client_secret_post',
          ...{ email_claim: 'upn', first_name_claim: 'first', last_name_claim: 'last' },
          ...{ require_email_verified: false, create_members: true },
        },
        other,
      );
      const upn = `New.One@${org.domain}`;
      const named = { email: undefined, email_verified: undefined, upn, first: 'New', last: 'One' };
      const { claims } = await code.redeem(await attempt(org, named));
      const user = (await admin.get(`/v1/users/email/${upn.toLowerCase()}`)).body.result;
      expect(user).toMatchObject({ user_id: claims.sub, name: { first_name: 'New', last_name: 'One' } });
      const members = (await admin.get(`/v1/organizations/${org.id}/members`)).body.result;
      expect(members.map((each: { user_id: string }) => each.user_id)).toContain(claims.sub);
      expect(other.asked).toContain('/me');
    });

    it('comes back without the prefix /cis, too, and of the organization that org_id names', async () => {
      const browser = new Browser(app);
      const request = await begin(browser, acme, { email: 'who@elsewhere.example', org_id: acme.id });
      sits(acme);
      const answer = await idp.visit(request);
      answer.pathname = answer.pathname.replace('/cis/', '/');
      expect((await code.redeem(await browser.open(answer))).claims.sub).toBe(acme.userId);
    });

    it('keeps out who is no member, unknown or disabled, in the same words', async () => {
      const stranger = `stranger@${acme.domain}`;
      await newUser(stranger);
      for (const email of [stranger, `nobody@${acme.domain}`])
        expectRefused(await attempt(acme, { email }), 'does not let this person in', 403);
    });
  });

  describe('what it does not believe', () => {
    const now = () => Math.floor(Date.now() / 1000);
    const liar = newKey();
    const lies: [string, () => Lies][] = [
      ['an ID token of another issuer', () => ({ idToken: { iss: 'https://other.example' } })],
      ['an ID token for another audience', () => ({ idToken: { aud: 'other' } })],
      ['an ID token for two, without azp', () => ({ idToken: { aud: [CLIENT, 'other'], azp: undefined } })],
      [
        'an ID token for two, handed to the other',
        () => ({ idToken: { aud: [CLIENT, 'other'], azp: 'other' } }),
      ],
      ['an ID token with another nonce', () => ({ idToken: { nonce: 'other' } })],
      ['an ID token without a nonce', () => ({ idToken: { nonce: undefined } })],
      ['an ID token that has expired', () => ({ idToken: { exp: now() - 120 } })],
      ['an ID token that is not valid yet', () => ({ idToken: { nbf: now() + 120 } })],
      ['an ID token without an end', () => ({ idToken: { exp: undefined } })],
      ['an ID token that another key signed', () => ({ signedWith: liar })],
      ['an ID token that nobody signed', () => ({ signedWith: 'nothing' })],
      ['an ID token that the client secret signed', () => ({ signedWith: SECRET })],
      ['an answer without ID token', () => ({ answers: { '/token': ({ id_token: _, ...rest }) => rest } })],
    ];
    it.each(lies)('%s', async (_, told) => {
      expectRefused(await attempt(acme, {}, told()), NOT_ACCEPTED);
    });

    it('nothing of these by mistake: a token that is only signed again is accepted', async () => {
      for (const idToken of [{ more: 'x' }, { aud: [CLIENT] }, { aud: [CLIENT, 'other'], azp: CLIENT }])
        expect((await attempt(acme, {}, { idToken })).url.searchParams.has('code')).toBe(true);
    });

    it('UserInfo about another subject than the ID token', async () => {
      const other = await newIssuer();
      const org = await newOrganization({}, other);
      expect((await code.redeem(await attempt(org))).claims.sub).toBe(org.userId);
      const answers = { '/me': (json: Record<string, unknown>) => ({ ...json, sub: 'another' }) };
      expectRefused(await attempt(org, {}, { answers }), NOT_ACCEPTED);
    });

    it('another browser than the one that asked (login CSRF), which also uses nothing up', async () => {
      const [attacker, victim] = [new Browser(app), new Browser(app)];
      const answer = await answered(attacker);
      await begin(victim, acme);
      expectRefused(await victim.open(answer), NOT_BEGUN);
      expect((await attacker.open(answer)).url.searchParams.has('code')).toBe(true);
    });

    it('an answer that came before, and one of two at the same moment (replay)', async () => {
      const browser = new Browser(app);
      const answer = await answered(browser);
      const pages = await Promise.all([browser.open(answer), browser.open(answer)]);
      expect(pages.map(({ status }) => status).sort()).toEqual([0, 400]);
      expectRefused(await browser.open(answer), NOT_BEGUN);
    });

    it('a state that nobody was given, none, or two', async () => {
      const browser = new Browser(app);
      const answer = await answered(browser);
      for (const state of ['x'.repeat(43), undefined, ''])
        expectRefused(await browser.open(withParameters(answer, { state })), NOT_BEGUN);
      expectRefused(await browser.open(`${answer}&state=${answer.searchParams.get('state')}`), NOT_BEGUN);
    });

    it('a code of another sign-in (code injection): the nonce and the code verifier are of this one', async () => {
      const [attacker, victim] = [new Browser(app), new Browser(app)];
      const stolen = await answered(victim);
      const own = await answered(attacker);
      const injected = withParameters(own, { code: stolen.searchParams.get('code') ?? '' });
      expectRefused(await attacker.open(injected), NOT_ACCEPTED);
    });

    it('an answer that says it is of another issuer, or no issuer (mix-up, RFC 9207): the code goes nowhere', async () => {
      const other = await newIssuer();
      for (const iss of [other.url, undefined]) {
        const browser = new Browser(app);
        const answer = await answered(browser);
        const [before, atOther] = [idp.asked.length, other.asked.length];
        expectRefused(await browser.open(withParameters(answer, { iss })), NOT_ACCEPTED);
        expect([idp.asked.slice(before), other.asked.slice(atOther)]).toEqual([[], []]);
      }
    });

    it('an answer at another address than its own, where the provider does not send iss (mix-up, RFC 9700 4.4.2.2)', async () => {
      const mute = await newIssuer();
      const org = await bareOrganization();
      const own = `${callback()}/${org.id}`;
      const other = await newIssuer({ claimsInIdToken: true }, [own]);
      const put = await admin.put(org.path, { ...setting(other), own_callback: true });
      expect(put.body.result.redirect_uri).toBe(own);
      const placed = { ...org, idp: other, shown: put.body.result };
      const browser = new Browser(app);
      const answer = await answered(browser, placed);
      expect(`${answer.origin}${answer.pathname}`).toBe(own);
      const twin = await newOrganization({ own_callback: true }, mute);
      for (const pathname of [new URL(callback()).pathname, new URL(`${callback()}/${twin.id}`).pathname]) {
        const elsewhere = Object.assign(new URL(answer), { pathname });
        expectRefused(await browser.open(elsewhere), NOT_BEGUN);
      }
      expect((await code.redeem(await browser.open(answer))).claims.sub).toBe(org.userId);
      const shared = await answered(browser);
      shared.pathname += `/${acme.id}`;
      expectRefused(await browser.open(shared), NOT_BEGUN);
    });

    it('an answer that says that nobody signed in', async () => {
      const browser = new Browser(app);
      const answer = await answered(browser);
      const error = withParameters(answer, { code: undefined, error: 'access_denied' });
      expectRefused(await browser.open(error), 'did not sign the user in');
      expectRefused(await browser.open(answer), NOT_BEGUN);
    });

    it('an email of another organization, of none, or with two readings (takeover across organizations)', async () => {
      const other = await newOrganization();
      // Membership must not be what keeps them out.
      const open = await newOrganization({ create_members: true });
      for (const by of [acme, open])
        for (const email of [
          other.email,
          code.scene.person.identifier,
          `ada@${other.domain}@${by.domain}`,
          `${other.email},x@${by.domain}`,
          `x@sub.${by.domain}`,
          `x@evil${by.domain}`,
          'ada',
        ])
          expectRefused(await attempt(by, { email }), 'does not let this person in', 403);
    });

    it('an email that is not verified, or that is none', async () => {
      const trusting = await newOrganization({ require_email_verified: false });
      for (const [by, email_verified] of [
        [acme, false],
        [acme, undefined],
        [acme, 'yes'],
        [acme, 1],
        [trusting, false],
        [trusting, 'false'],
        [trusting, null],
      ] as const)
        expectRefused(await attempt(by, { email_verified }), 'email_verified');
      expect((await attempt(trusting, { email_verified: undefined })).url.searchParams.has('code')).toBe(
        true,
      );
      expect((await attempt(acme, { email_verified: 'true' })).url.searchParams.has('code')).toBe(true);
      for (const email of [undefined, '', [acme.email], { email: acme.email }])
        expectRefused(await attempt(acme, { email }), 'did not say an email');
    });
  });

  describe('where it begins and ends', () => {
    const refused = async (query: Record<string, string>, status: number, words: string) =>
      expectRefused(await new Browser(app).open(startUrl({ email: acme.email, ...query })), words, status);

    it('goes to no address that the client has not registered (open redirect), and knows no organization without a provider', async () => {
      for (const redirect_uri of ['https://evil.example/', `${REDIRECT_URI}/x`, '//evil.example'])
        await refused({ redirect_uri }, 400, 'redirect_uri');
      await refused({ email: 'x@nobody.example' }, 404, 'No organization');
      await refused({ org_id: 'nobody' }, 404, 'No organization');
      await refused({ client_id: 'nobody' }, 400, 'client_id');
      await refused({ email: (await bareOrganization()).email }, 404, 'No organization');
    });

    it('counts a change that was made while somebody signs in', async () => {
      const changes: ((org: Organization) => Promise<{ status: number }>)[] = [
        ({ id }) => admin.put(`/v1/organizations/${id}`, { enabled: false }),
        ({ id }) => admin.delete(`/v1/organizations/${id}/apps`, { app_ids: [code.scene.appId] }),
        ({ path }) => admin.delete(path),
        ({ id, userId }) => admin.delete(`/v1/organizations/${id}/members/${userId}`),
        ({ id }) => admin.put(`/v1/organizations/${id}`, { domains: [`moved-${id}.example`.toLowerCase()] }),
      ];
      for (const change of changes) {
        const org = await newOrganization();
        const browser = new Browser(app);
        const answer = await answered(browser, org);
        expect((await change(org)).status).toBeLessThan(300);
        const page = await browser.open(answer);
        expect(page.status).toBeGreaterThanOrEqual(400);
      }
    });

    it('takes a code to no provider that was configured while somebody signed in', async () => {
      const other = await newIssuer();
      for (const change of [setting(other), { ...setting(), client_id: 'another' }]) {
        const org = await newOrganization();
        const browser = new Browser(app);
        const answer = await answered(browser, org);
        expect((await admin.put(org.path, change)).status).toBe(200);
        const before = idp.asked.length;
        expectRefused(await browser.open(answer), NOT_BEGUN);
        expect([idp.asked.slice(before), other.asked]).toEqual([[], []]);
      }
    });

    it('asks no address inside that the operator has not listed, whoever names it (SSRF)', async () => {
      const inside = await newIssuer({ host: '127.0.0.1' });
      const start = async (by: Organization) => new Browser(app).open(startUrl({ email: by.email }));
      expectRefused(await start(await newOrganization({}, inside)), NOT_ASKED);
      const liar = await newIssuer({ claimsInIdToken: true });
      const there = (name: string, path: string) => ({
        '/.well-known/openid-configuration': (json: Record<string, unknown>) => ({
          ...json,
          [name]: `${inside.url}${path}`,
        }),
      });
      for (const [name, path] of [
        ['token_endpoint', '/token'],
        ['jwks_uri', '/jwks'],
      ] as const) {
        // Another client secret, so that the document is read again.
        const org = await newOrganization({ client_secret: SECRET, scopes: ['openid', 'email'] }, liar);
        await admin.put(org.path, { ...setting(liar), client_secret: `${SECRET}${name}` });
        liar.lies = { answers: there(name, path) };
        const browser = new Browser(app);
        const answer = await answered(browser, org);
        expectRefused(await browser.open(answer), NOT_ACCEPTED);
      }
      for (const address of [`${inside.url}/auth`, 'javascript:alert(1)', 'http://evil.example/']) {
        const org = await newOrganization({ client_secret: `${SECRET}${address}` }, liar);
        const answers = {
          '/.well-known/openid-configuration': (json: Record<string, unknown>) => ({
            ...json,
            authorization_endpoint: address,
          }),
        };
        liar.lies = { answers };
        expectRefused(await start(org), NOT_ASKED);
      }
      expect(inside.asked).toEqual([]);
    });

    it('follows no redirect of a provider, and takes no document of another issuer', async () => {
      const target = await newIssuer();
      const liar = await newIssuer();
      const org = await newOrganization({}, liar);
      const start = () => new Browser(app).open(startUrl({ email: org.email }));
      liar.lies = { redirectTo: `${target.url}/.well-known/openid-configuration` };
      expectRefused(await start(), NOT_ASKED);
      expect(target.asked).toEqual([]);
      for (const issuer of [target.url, `${liar.url}/`]) {
        const answers = { '/.well-known/openid-configuration': (json: object) => ({ ...json, issuer }) };
        liar.lies = { answers };
        expectRefused(await start(), NOT_ASKED);
      }
      liar.lies = {};
      expect((await start()).status).toBe(0);
    });
  });

  describe('the settings (ours)', () => {
    it('are read as they were written but for the secret, replaced as a whole, and gone after one deletion', async () => {
      const org = await newOrganization();
      const read = await admin.get(org.path);
      expect([read.status, read.body.result]).toEqual([200, org.shown]);
      expect(read.body.result).toMatchObject({
        ...{ issuer: idp.url, client_id: CLIENT, scopes: ['openid', 'email', 'profile'] },
        ...{ require_email_verified: true, create_members: false, own_callback: false },
      });
      expect(JSON.stringify([read.body, app.output()])).not.toContain(SECRET);
      const back = await admin.put(org.path, { ...read.body.result, create_members: true });
      expect([back.status, back.body.result.create_members]).toEqual([200, true]);
      // The secret stayed.
      expect((await code.redeem(await attempt(org))).claims.sub).toBe(org.userId);
      for (const status of [204, 404]) expect((await admin.delete(org.path)).status).toBe(status);
      expect((await admin.get(org.path)).status).toBe(404);
    });

    it('tell a secret to no other issuer than the one it was entered for', async () => {
      const { client_secret: _, ...known } = setting();
      for (const change of [{ issuer: 'https://other.example' }, { client_id: 'other' }]) {
        const answer = await admin.put(acme.path, { ...known, ...change });
        expect([answer.status, JSON.stringify(answer.body)]).toEqual([
          400,
          expect.stringContaining('client_secret is required'),
        ]);
      }
      const bare = await bareOrganization();
      expect((await admin.put(bare.path, known)).status).toBe(400);
    });

    it('are for one kind of provider: an organization has SAML or OpenID Connect', async () => {
      const { certificate } = await rsaIdentity();
      const saml = {
        ...{ entity_id: 'https://x.example.com', sso_url: 'https://x.example.com/sso' },
        certificates: [certificate],
      };
      const beside = (id: string) => `/v1/organizations/${id}/identity-provider`;
      expect((await admin.put(beside(acme.id), saml)).status).toBe(409);
      const bare = await bareOrganization();
      expect((await admin.put(beside(bare.id), saml)).status).toBe(200);
      expect((await admin.put(bare.path, setting())).status).toBe(409);
    });

    it('are refused where they could not be trusted', async () => {
      for (const [fields, words] of [
        [{ issuer: 'http://idp.example.com' }, 'https'],
        [{ issuer: 'https://idp.example.com?x=1' }, 'query'],
        [{ issuer: 'javascript:alert(1)' }, 'issuer'],
        [{ issuer: 'https://a:b@idp.example.com' }, 'password'],
        [{ scopes: ['email'] }, 'openid'],
        [{ scopes: ['openid', 'a b'] }, 'scopes.1'],
        [{ email_claim: 'upn' }, 'require_email_verified'],
        [{ email_claim: '' }, 'email_claim'],
        [{ token_endpoint_auth_method: 'none' }, 'token_endpoint_auth_method'],
        [{ redirect_urls: [] }, 'not a known field'],
      ] as const) {
        const answer = await admin.put(acme.path, { ...setting(), ...fields });
        expect([answer.status, JSON.stringify(answer.body)]).toEqual([400, expect.stringContaining(words)]);
      }
    });
  });
});
