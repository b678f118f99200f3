/** How long a browser session lives, what moves its end and what does not, and what goes on without it. */

import { setTimeout as pause } from 'node:timers/promises';
import { Browser, signIn, signInForm } from '../support/browser.ts';
import { Clock, DAY, HOUR, MINUTE } from '../support/clock.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api } from '../support/management.ts';
import { setPasswordMethod } from '../support/password-method.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const TWO_WEEKS = 14 * DAY;

/** What a silent request of this browser is answered with: 'code', or the error. */
async function silently(browser: Browser, scene: Scene, parameters: Record<string, string> = {}) {
  const { url } = await browser.open((await scene.rp.authorize({ prompt: 'none', ...parameters })).url);
  return url.searchParams.has('code') ? 'code' : url.searchParams.get('error');
}

/** What months do to a password is shown elsewhere. */
async function lastingScene(app: App, client?: Record<string, unknown>): Promise<Scene> {
  const scene = await setScene(app, client);
  await setPasswordMethod(app, scene, { ignoreExpiration: true });
  return scene;
}

describe('browser sessions over days', () => {
  let clock: Clock;
  let app: App;
  let scene: Scene;
  beforeAll(async () => {
    clock = new Clock();
    app = await startApp({ clock });
    scene = await lastingScene(app);
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    clock?.remove();
  });

  /** Management tokens live an hour, which is soon over here. */
  const admin = async (): Promise<Api> => api(app, await adminToken(app));
  async function signedIn(parameters: Record<string, string> = {}, at: Scene = scene) {
    const browser = new Browser(app);
    const tokens = await at.rp.signIn(app, at.person, { browser, parameters });
    return { browser, tokens };
  }
  async function authenticateAgain(browser: Browser): Promise<void> {
    const request = await scene.rp.authorize({ prompt: 'login' });
    const page = await browser.open(request.url);
    const { identifier, password } = scene.person;
    const after = await browser.submit(signInForm(page), { identifier, password });
    expect((await scene.rp.redeem(after.url, request)).claims()?.auth_time).toBeGreaterThanOrEqual(
      clock.now() - 5,
    );
  }

  it('end 14 days after the last authentication, however often they were used silently (R166, R179, R183)', async () => {
    const { browser, tokens } = await signedIn(OFFLINE);
    let refreshToken = String(tokens.refresh_token);
    for (const days of [6, 7]) {
      clock.advance(days * DAY);
      expect(await silently(browser, scene)).toBe('code');
      refreshToken = String((await scene.rp.refresh(refreshToken)).refresh_token);
    }
    clock.advance(DAY - MINUTE);
    expect(await silently(browser, scene)).toBe('code');
    clock.advance(2 * MINUTE);
    expect(await silently(browser, scene)).toBe('login_required');
    signInForm(await browser.open((await scene.rp.authorize()).url));
  });

  it('go on for 14 days from each authentication (R180)', async () => {
    const { browser } = await signedIn();
    clock.advance(13 * DAY);
    await authenticateAgain(browser);
    clock.advance(13 * DAY);
    expect(await silently(browser, scene)).toBe('code');
    clock.advance(DAY + MINUTE);
    expect(await silently(browser, scene)).toBe('login_required');
  });

  it('do not follow the numbers of a resource or of the client’s tokens (R181)', async () => {
    const other = await lastingScene(app, {
      token_expiration: { access_token_ttl: 60, refresh_token_ttl: 60, max_refresh_rotate: 60 },
    });
    const resource = { resource: other.resource.uri };
    const { browser } = await signedIn(resource, other);
    const path = `/v1/resources/${other.resource.resourceId}`;
    await (await admin()).put(path, { access_token_ttl: 10, refresh_token_ttl: 10, max_refresh_rotate: 10 });
    clock.advance(TWO_WEEKS - MINUTE);
    expect(await silently(browser, other, resource)).toBe('code');
    const years = 1000 * DAY;
    await (await admin()).put(path, {
      access_token_ttl: years,
      refresh_token_ttl: years,
      max_refresh_rotate: years,
    });
    expect(await silently(browser, other, resource)).toBe('code');
    clock.advance(2 * MINUTE);
    expect(await silently(browser, other, resource)).toBe('login_required');
  });

  it('are accepted by a client up to its session_expiration, and no longer than they live (R181, C30, D4)', async () => {
    const strict = await lastingScene(app, { session_expiration: HOUR });
    const generous = await lastingScene(app, { session_expiration: 100 * DAY });
    const { browser } = await signedIn();
    clock.advance(HOUR - MINUTE);
    expect(await silently(browser, strict)).toBe('code');
    clock.advance(2 * MINUTE);
    expect(await silently(browser, strict)).toBe('login_required');
    expect(await silently(browser, scene)).toBe('code');
    const request = await strict.rp.authorize();
    const page = await browser.open(request.url);
    const { identifier, password } = scene.person;
    const after = await browser.submit(signInForm(page), { identifier, password });
    expect((await strict.rp.redeem(after.url, request)).claims()?.sub).toBe(scene.person.userId);
    expect(await silently(browser, strict)).toBe('code');
    clock.advance(13 * DAY);
    expect(await silently(browser, generous)).toBe('code');
    clock.advance(2 * DAY);
    expect(await silently(browser, generous)).toBe('login_required');
  });

  it('are not needed for offline access, which goes on for a year and not longer (R164, R167, R168, R170, R178)', async () => {
    const inheriting = { access_token_ttl: null, refresh_token_ttl: null, max_refresh_rotate: null };
    const offline = await lastingScene(app, { token_expiration: inheriting });
    const { browser, tokens } = await signedIn(OFFLINE, offline);
    let refreshToken = String(tokens.refresh_token);
    for (let day = 13; day <= 364; day += 13) {
      clock.advance(13 * DAY);
      const next = await offline.rp.refresh(refreshToken);
      expect(next.expires_in).toBe(HOUR);
      refreshToken = String(next.refresh_token);
    }
    expect(await silently(browser, offline)).toBe('login_required');
    clock.advance(DAY - HOUR);
    refreshToken = String((await offline.rp.refresh(refreshToken)).refresh_token);
    clock.advance(HOUR + MINUTE);
    await expect(offline.rp.refresh(refreshToken)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('are not what ends a refresh token: two weeks unused do, and two weeks of rotation for a new client (R85 to R88, R169, R177)', async () => {
    const inheriting = { access_token_ttl: null, refresh_token_ttl: null, max_refresh_rotate: null };
    const byTenant = await lastingScene(app, { token_expiration: inheriting });
    const unused = await signedIn(OFFLINE, byTenant);
    const used = await signedIn(OFFLINE, byTenant);
    const rotated = await signedIn(OFFLINE);
    clock.advance(TWO_WEEKS - MINUTE);
    await byTenant.rp.refresh(String(used.tokens.refresh_token));
    const last = await scene.rp.refresh(String(rotated.tokens.refresh_token));
    clock.advance(2 * MINUTE);
    for (const refresh of [
      byTenant.rp.refresh(String(unused.tokens.refresh_token)),
      scene.rp.refresh(String(last.refresh_token)),
    ])
      await expect(refresh).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('are not needed either where a chain has got more time than it began with (R82, R167)', async () => {
    const grown = await lastingScene(app);
    const { tokens } = await signedIn(OFFLINE, grown);
    const path = `/v1/applications/${grown.appId}/clients/${grown.clientId}`;
    await (await admin()).put(path, { token_expiration: { max_refresh_rotate: 60 * DAY } });
    let refreshToken = String(tokens.refresh_token);
    for (let day = 13; day <= 52; day += 13) {
      clock.advance(13 * DAY);
      const next = await grown.rp.refresh(refreshToken);
      expect((await grown.rp.introspect(next.access_token)).active).toBe(true);
      refreshToken = String(next.refresh_token);
    }
    clock.advance(9 * DAY);
    await expect(grown.rp.refresh(refreshToken)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('leave access tokens to their own hour (R165, R176)', async () => {
    const { tokens } = await signedIn();
    clock.advance(HOUR - MINUTE);
    expect((await scene.rp.introspect(tokens.access_token)).active).toBe(true);
    clock.advance(2 * MINUTE);
    expect(await scene.rp.introspect(tokens.access_token)).toEqual({ active: false });
  });
});

describe.each(policyStorages)('browser sessions ($name)', ({ options }) => {
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

  const endOf = (browser: Browser): number =>
    Date.parse(
      /expires=([^;]+)/i.exec(
        browser.cookies.all().find(({ name }) => name === 'tessera_session')?.header ?? '',
      )?.[1] ?? '',
    ) / 1000;

  it('tell the browser an end that silent use does not move and an authentication does (R179, R180)', async () => {
    const browser = new Browser(app);
    await scene.rp.signIn(app, scene.person, { browser });
    const begun = endOf(browser);
    expect(Math.abs(begun - TWO_WEEKS - Date.now() / 1000)).toBeLessThan(5);
    await pause(2100);
    expect(await silently(browser, scene)).toBe('code');
    expect(Math.abs(endOf(browser) - begun)).toBeLessThanOrEqual(1);
    const again = await browser.open((await scene.rp.authorize({ prompt: 'login' })).url);
    const { identifier, password } = scene.person;
    await browser.submit(signInForm(again), { identifier, password });
    expect(endOf(browser) - begun).toBeGreaterThanOrEqual(2);
  });

  it('are refused by a client with a short session_expiration, with and without prompt=none (C30)', async () => {
    const strict = await setScene(app, { session_expiration: 1 });
    const browser = new Browser(app);
    await scene.rp.signIn(app, scene.person, { browser });
    await pause(2500);
    expect(await silently(browser, strict)).toBe('login_required');
    expect(await silently(browser, scene)).toBe('code');
    const request = await strict.rp.authorize();
    signInForm(await browser.open(request.url));
    const { identifier, password } = scene.person;
    const callback = await signIn(app, request.url, identifier, password, browser);
    expect((await strict.rp.redeem(callback, request)).claims()?.sub).toBe(scene.person.userId);
  });
});
