/** What an outside service gets in a user's name: nothing without consent, and nothing beyond it. */
import { setTimeout as pause } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { Browser, type Page, signInForm } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { adminToken, api, clientToken } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import {
  addThirdParty,
  decide,
  reachConsent,
  type ThirdParty,
  tokensByConsent,
} from '../support/third-party.ts';

const DENIED = 'User denied consent to requested scope';
const SCOPES = ['orders:read', 'orders:write', 'email', 'offline_access'];

const answerOf = (page: Page) => Object.fromEntries(page.url.searchParams);
const scopeOf = (token: string) => String(decodeJwt(token).scope).split(' ').sort();

describe.each(policyStorages)('consent to a third-party client ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const partner = (fields: Record<string, unknown> = {}) =>
    addThirdParty(app, scene, { allowed_scopes: SCOPES, ...fields });
  const reach = (party: ThirdParty, parameters: Record<string, string>, browser?: Browser) =>
    reachConsent(app, scene, party, parameters, browser);
  const edit = async (party: ThirdParty, body: unknown) => {
    const admin = api(app, await adminToken(app));
    const answer = await admin.put(`/v1/applications/${scene.appId}/clients/${party.clientId}`, body);
    expect(answer.status).toBe(200);
  };

  describe('settings', () => {
    it('start with no scopes, 30 days and no roles, and are shown (R25, R89, R94, R95, R97, D12, C31)', async () => {
      const { created } = await addThirdParty(app, scene);
      expect(created).toMatchObject({
        is_third_party: true,
        allowed_scopes: [],
        consent_validity_period: 2_592_000,
        consent_uri: '',
        consent_uris: [],
        role_ids: [],
      });
      await expect(partner({ role_ids: ['any-role'] })).rejects.toThrow(
        'role_ids cannot be given to a third-party client',
      );
    });

    it('store a list of consent URIs, of which consent_uri is the first (R90, C11)', async () => {
      const consent_uris = ['https://shop.example.com/consent', 'https://shop.example.com/other'];
      const { created } = await partner({ consent_uris });
      expect(created).toMatchObject({ consent_uris, consent_uri: consent_uris[0] });
    });
  });

  describe("Tessera's own page", () => {
    it('names client, application, scopes and resource; allowing gives a token that says so (R25, R26, R27, R92, R95)', async () => {
      const party = await partner();
      const { browser, request, page } = await reach(party, {
        scope: 'openid email orders:read',
        resource: scene.resource.uri,
        custom_message: 'Only <b>today</b>',
      });
      expect(page.status).toBe(200);
      expect(page.url.pathname).toMatch(/^\/consent\/[\w-]+$/);
      const application = (await api(app, await adminToken(app)).get(`/v1/applications/${scene.appId}`)).body
        .result.app_name;
      for (const text of [
        'Partner Ltd',
        application,
        'See your email address',
        'See orders',
        'orders:read',
        'Orders',
        scene.resource.uri,
        'Only &lt;b&gt;today&lt;/b&gt;',
        '30 days',
        'id="consent-allow"',
        'id="consent-deny"',
      ])
        expect(page.html).toContain(text);
      expect(page.html).not.toMatch(/<script|orders:write/i);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      const arrival = await decide(browser, page, 'allow');
      const tokens = await party.rp.redeem(arrival.url, request);
      expect(decodeJwt(tokens.access_token)).toMatchObject({
        sub: scene.person.userId,
        client_id: party.clientId,
        app_id: scene.appId,
        aud: scene.resource.uri,
        roles: [],
      });
      expect(scopeOf(tokens.access_token)).toEqual(['email', 'openid', 'orders:read']);
      expect(tokens.scope?.split(' ').sort()).toEqual(['email', 'openid', 'orders:read']);
    });

    it('is asked before any code, and a refusal ends with access_denied and stores nothing (R27)', async () => {
      const party = await partner();
      const first = await reach(party, { scope: 'openid orders:read' });
      const refused = await decide(first.browser, first.page, 'deny');
      expect(refused.url.origin).toBe('https://partner.example.org');
      expect(answerOf(refused)).toMatchObject({ error: 'access_denied', error_description: DENIED });
      expect(refused.url.searchParams.has('code')).toBe(false);
      const again = await reach(party, { scope: 'openid orders:read' }, first.browser);
      expect(again.page.url.pathname).toMatch(/^\/consent\//);
    });

    it('answers prompt=none by the stored consent: consent_required without (R27, R79, R81)', async () => {
      const party = await partner();
      const browser = new Browser(app);
      await scene.rp.signIn(app, scene.person, { browser });
      const silent = { scope: 'openid orders:read', prompt: 'none' };
      expect(answerOf((await reach(party, silent, browser)).page)).toMatchObject({
        error: 'consent_required',
      });
      await tokensByConsent(app, scene, party, { scope: 'openid orders:read' }, browser);
      const { page, request } = await reach(party, silent, browser);
      const tokens = await party.rp.redeem(page.url, request);
      expect(scopeOf(tokens.access_token)).toEqual(['openid', 'orders:read']);
    });

    it('is not shown again for the same or less, with prompt=consent too; it is for more, or a resource (R27, R79)', async () => {
      const party = await partner();
      const browser = new Browser(app);
      await tokensByConsent(app, scene, party, { scope: 'openid email orders:read' }, browser);
      const silent = [
        { scope: 'openid email orders:read' },
        { scope: 'orders:read openid' },
        { scope: 'openid orders:read', prompt: 'consent' },
      ];
      for (const parameters of silent)
        expect(answerOf((await reach(party, parameters, browser)).page)).toHaveProperty('code');
      const asked = [
        { scope: 'openid orders:read orders:write' },
        { scope: 'openid orders:read offline_access', prompt: 'consent' },
        { scope: 'openid orders:read', resource: scene.resource.uri },
      ];
      for (const parameters of asked)
        expect((await reach(party, parameters, browser)).page.url.pathname).toMatch(/^\/consent\//);
    });

    it('follows a new sign-in where prompt asks for both (R78, R79)', async () => {
      const party = await partner();
      const browser = new Browser(app);
      await scene.rp.signIn(app, scene.person, { browser });
      const both = { scope: 'openid orders:read', prompt: 'login consent' };
      const request = await party.rp.authorize(both);
      const login = await browser.open(request.url);
      expect(login.url.pathname).toMatch(/^\/login\//);
      const { identifier, password } = scene.person;
      const page = await browser.submit(signInForm(login), { identifier, password });
      const arrival = await decide(browser, page, 'allow');
      expect((await party.rp.redeem(arrival.url, request)).claims()?.sub).toBe(scene.person.userId);
    });

    it('refuses a form that is not its own, of another browser, or without a decision', async () => {
      const party = await partner();
      const { browser, page, request } = await reach(party, { scope: 'openid' });
      const form = page.forms[0];
      if (!form) throw new Error('no form');
      const { csrf: _, ...bare } = form.fields;
      expect((await browser.submit({ ...form, fields: bare }, { decision: 'allow' })).status).toBe(403);
      const foreign = await fetch(form.action, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          accept: 'text/html',
          cookie: browser.cookies.headerFor(form.action),
          origin: 'https://partner.example.org',
        },
        body: new URLSearchParams({ ...form.fields, decision: 'allow' }),
      });
      expect(foreign.status).toBe(403);
      const stranger = await new Browser(app).submit(form, { decision: 'allow' });
      expect(stranger.status).toBe(400);
      expect(stranger.html).toContain('no longer open');
      expect((await browser.submit(form, { decision: 'maybe' })).status).toBe(400);
      // The honest user can still answer.
      const arrival = await browser.submit(form, { decision: 'allow' });
      expect((await party.rp.redeem(arrival.url, request)).claims()?.sub).toBe(scene.person.userId);
      // And going back shows a plain page, not a second answer.
      expect((await browser.submit(form, { decision: 'deny' })).html).toContain('no longer open');
    });

    it('cannot be answered through the callback, which belongs to the pages of first parties', async () => {
      const party = await partner();
      const { browser, page } = await reach(party, { scope: 'openid' });
      const uid = page.url.pathname.split('/').pop();
      const answer = await browser.open(`/auth/consent/callback?src_interaction=${uid}&approved=true`);
      expect(answer.status).toBe(400);
      expect(answer.html).toContain('no longer open');
    });
  });

  describe('the end of a consent', () => {
    const OFFLINE = { scope: 'openid orders:read offline_access', prompt: 'consent' };
    const isActive = async (party: ThirdParty, token: string) => (await party.rp.introspect(token)).active;

    async function expectOver(party: ThirdParty, tokens: { access_token: string; refresh_token?: string }) {
      await expect(party.rp.refresh(String(tokens.refresh_token))).rejects.toMatchObject({
        error: 'invalid_grant',
      });
      expect(await isActive(party, tokens.access_token)).toBe(false);
      expect(await isActive(party, String(tokens.refresh_token))).toBe(false);
      await expect(party.rp.userInfo(tokens.access_token, scene.person.userId)).rejects.toThrow();
    }

    it('comes after its period: refused refresh, dead tokens, a new question (R27, R93, C31)', async () => {
      const party = await partner({ consent_validity_period: 2 });
      const browser = new Browser(app);
      const tokens = await tokensByConsent(app, scene, party, OFFLINE, browser);
      expect(tokens.expires_in).toBeLessThanOrEqual(2);
      expect(await isActive(party, String(tokens.refresh_token))).toBe(true);
      await pause(2200);
      await expectOver(party, tokens);
      const { page } = await reach(party, OFFLINE, browser);
      expect(page.url.pathname).toMatch(/^\/consent\//);
      expect(page.html).toContain('less than a day');
      const renewed = await decide(browser, page, 'allow');
      expect(answerOf(renewed)).toHaveProperty('code');
    });

    it.each(['application', 'administrator', 'user'])(
      'comes at once when the %s revokes it (R27)',
      async (who) => {
        const party = await partner();
        const browser = new Browser(app);
        const tokens = await tokensByConsent(app, scene, party, OFFLINE, browser);
        expect(await isActive(party, tokens.access_token)).toBe(true);
        const other = await tokensByConsent(app, scene, await partner(), OFFLINE, browser);
        const pair = `clients/${party.clientId}/users/${scene.person.userId}`;
        const own = await scene.rp.signIn(app, scene.person);
        const answer = await {
          application: async () => api(app, await clientToken(app, scene)).delete(`/v1/consents/${pair}`),
          administrator: async () =>
            api(app, await adminToken(app)).delete(`/v1/manage/consents/${pair}?app_id=${scene.appId}`),
          user: () => api(app, own.access_token).delete(`/v1/consents/me/clients/${party.clientId}`),
        }[who as 'user']();
        expect(answer).toMatchObject({ status: 200, body: { result: { deleted_count: 1 } } });
        await expectOver(party, tokens);
        // Only this client is concerned.
        expect((await scene.rp.introspect(other.access_token)).active).toBe(true);
        expect((await reach(party, OFFLINE, browser)).page.url.pathname).toMatch(/^\/consent\//);
      },
    );

    it('bounds every token of a chain that is refreshed again and again (R27, R93)', async () => {
      const party = await partner({ consent_validity_period: 3 });
      const signedIn = await tokensByConsent(app, scene, party, { ...OFFLINE, prompt: 'consent' });
      let tokens: { access_token: string; refresh_token?: string } = signedIn;
      const first = decodeJwt(tokens.access_token).exp;
      for (let turn = 0; turn < 8; turn++) {
        tokens = await party.rp.refresh(String(tokens.refresh_token));
        expect(decodeJwt(tokens.access_token).exp).toBeLessThanOrEqual(Number(first));
        await pause(130);
      }
      await pause(Math.max(0, (Number(first) + 1) * 1000 - Date.now()));
      await expectOver(party, tokens);
    });

    it('ends a code that was not redeemed yet (R27)', async () => {
      const party = await partner();
      const { browser, request, page } = await reach(party, { scope: 'openid orders:read' });
      const arrival = await decide(browser, page, 'allow');
      const client = api(app, await clientToken(app, scene));
      await client.delete(`/v1/consents/clients/${party.clientId}/users/${scene.person.userId}`);
      await expect(party.rp.redeem(arrival.url, request)).rejects.toMatchObject({ error: 'invalid_grant' });
    });

    it('is asked for when a first-party client with living tokens becomes a third party (R25, R27)', async () => {
      const party = await partner({ is_third_party: false });
      const tokens = await party.rp.signIn(app, scene.person, {
        parameters: { scope: 'openid offline_access', prompt: 'consent' },
      });
      expect(await isActive(party, tokens.access_token)).toBe(true);
      await edit(party, { is_third_party: true });
      await expectOver(party, tokens);
    });
  });

  describe('the consent operations', () => {
    it('list, show and delete, each within its reach, dates in milliseconds (R93, C1)', async () => {
      const party = await partner();
      const browser = new Browser(app);
      const third = await tokensByConsent(app, scene, party, { scope: 'orders:read openid' }, browser);
      await tokensByConsent(
        app,
        scene,
        party,
        { scope: 'openid email', resource: scene.resource.uri },
        browser,
      );
      const client = api(app, await clientToken(app, scene));
      const admin = api(app, await adminToken(app));
      const stranger = api(app, await clientToken(app, await setScene(app)));
      const user = api(app, (await scene.rp.signIn(app, scene.person)).access_token);
      const query = `client_id=${party.clientId}&user_id=${scene.person.userId}`;

      const listed = await client.get(`/v1/consents?${query}`);
      expect(listed.status).toBe(200);
      const [first, second] = listed.body.result;
      expect(listed.body.result).toHaveLength(2);
      expect(first).toEqual({
        consent_id: expect.stringMatching(/^[\w-]{20,}$/),
        tenant_id: expect.any(String),
        app_id: scene.appId,
        client_id: party.clientId,
        user_id: scene.person.userId,
        scope: 'openid orders:read',
        resource: '',
        created_at: expect.any(Number),
        updated_at: expect.any(Number),
        expires_at: expect.any(Number),
      });
      expect(second).toMatchObject({ scope: 'openid email', resource: scene.resource.uri });
      expect(first.expires_at - first.created_at).toBe(2_592_000_000);
      expect(Math.abs(Date.now() - first.created_at)).toBeLessThan(60_000);

      expect((await client.get(`/v1/consents/${first.consent_id}`)).body).toEqual({ result: first });
      expect((await admin.get(`/v1/consents/${first.consent_id}`)).body).toEqual({ result: first });
      expect((await admin.get(`/v1/consents?${query}`)).body).toEqual(listed.body);
      expect((await client.get('/v1/consents?user_id=nobody')).body).toEqual({ result: [] });
      const managed = await admin.get(`/v1/manage/consents?app_id=${scene.appId}&${query}`);
      expect(managed.body.result[0]).toEqual({ ...first, client_name: 'Partner Ltd' });
      expect((await admin.get('/v1/manage/consents?app_id=no-such-app')).body).toEqual({ result: [] });
      expect(await admin.get(`/v1/manage/consents?${query}`)).toMatchObject({
        status: 400,
        body: { message: ['app_id is required'], error_code: 400 },
      });
      const mine = (await user.get('/v1/consents/me')).body.result as { consent_id: string }[];
      expect(mine.map(({ consent_id }) => consent_id)).toContain(first.consent_id);

      expect((await stranger.get(`/v1/consents?${query}`)).body).toEqual({ result: [] });
      const pair = `clients/${party.clientId}/users/${scene.person.userId}`;
      for (const answer of [
        await stranger.get(`/v1/consents/${first.consent_id}`),
        await stranger.delete(`/v1/consents/${pair}`),
        await client.get('/v1/consents/no-such-consent'),
        await client.delete(`/v1/consents/${pair}?consent_id=no-such-consent`),
        await client.delete(`/v1/consents/clients/${party.clientId}/users/nobody`),
        await user.delete('/v1/consents/me/clients/no-such-client'),
        await admin.delete(`/v1/manage/consents/${pair}?app_id=no-such-app`),
      ])
        expect(answer).toMatchObject({ status: 404, body: { error_code: 404 } });

      for (const answer of [
        await user.get('/v1/consents'),
        await user.get(`/v1/consents/${first.consent_id}`),
        await user.delete(`/v1/consents/${pair}`),
        await client.get('/v1/consents/me'),
        await client.get(`/v1/manage/consents?app_id=${scene.appId}`),
        await admin.get('/v1/consents/me'),
        // What a user allows an outside service does not include managing consents (C25).
        await api(app, third.access_token).get('/v1/consents/me'),
        await api(app, third.access_token).delete(`/v1/consents/me/clients/${party.clientId}`),
      ])
        expect(answer).toMatchObject({ status: 403, body: { error_code: 403 } });
      expect((await api(app).get('/v1/consents/me')).status).toBe(401);

      const one = await client.delete(`/v1/consents/${pair}?consent_id=${second.consent_id}`);
      expect(one).toMatchObject({ status: 200, body: { result: { deleted_count: 1 } } });
      expect((await client.get(`/v1/consents?${query}`)).body.result).toEqual([first]);
      expect((await third.claims())?.sub).toBe(scene.person.userId);
      expect((await party.rp.introspect(third.access_token)).active).toBe(true);
      const foreign = await api(
        app,
        (await (await setScene(app)).rp.signIn(app, scene.person)).access_token,
      ).get('/v1/consents/me');
      expect(foreign.body).toEqual({ result: [] });
    });
  });
});
