/** Consent on the first party's own page, and every way to cheat with the answer that it sends back. */
import { decodeJwt } from 'jose';
import { Browser, type Page } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { adminToken, api } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import { addThirdParty, reachConsent, type ThirdParty } from '../support/third-party.ts';

const DENIED = 'User denied consent to requested scope';
const SCOPES = ['orders:read', 'orders:write', 'email', 'offline_access'];
const PAGE = 'https://shop.example.com/consent?lang=en%20GB';
const OTHER = 'https://shop.example.com/other';

const answerOf = (page: Page) => Object.fromEntries(page.url.searchParams);
const scopeOf = (token: string) => String(decodeJwt(token).scope).split(' ').sort();

describe.each(policyStorages)("the first party's consent page ($name)", ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let party: ThirdParty;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    party = await addThirdParty(app, scene, { allowed_scopes: SCOPES, consent_uris: [PAGE, OTHER] });
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const reach = (parameters: Record<string, string>, browser?: Browser) =>
    reachConsent(app, scene, party, parameters, browser);

  /** Stands at the first party's page, never having answered it. */
  async function asked(parameters: Record<string, string> = {}) {
    const user = await reach({ scope: 'openid orders:read', ...parameters });
    const id = String(user.page.url.searchParams.get('src_interaction'));
    const answer = (approved: string, browser = user.browser, src = id) =>
      browser.open(`/cis/auth/consent/callback?src_interaction=${src}&approved=${approved}`);
    return { ...user, id, answer };
  }
  function expectPlainPage(page: Page): void {
    expect(page.status).toBe(400);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.html).toContain('no longer open');
    expect(page.forms).toEqual([]);
  }
  // Each test begins with a user who has allowed nothing.
  afterEach(async () => {
    await api(app, await adminToken(app)).delete(
      `/v1/manage/consents/clients/${party.clientId}/users/${scene.person.userId}?app_id=${scene.appId}`,
    );
  });

  it('gets the browser with the interaction and the scopes, and sends it back with a yes (R79, R90, R91, R92, C12)', async () => {
    const { page, id, request, answer } = await asked();
    expect(page.status).toBe(0);
    expect(page.url.href.startsWith(`${PAGE}&`)).toBe(true);
    expect(id).toMatch(/^[\w-]{20,}$/);
    expect(JSON.parse(String(page.url.searchParams.get('requested_scope')))).toEqual([
      'openid',
      'orders:read',
    ]);
    const arrival = await answer('true');
    const tokens = await party.rp.redeem(arrival.url, request);
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      sub: scene.person.userId,
      client_id: party.clientId,
    });
    expect(scopeOf(tokens.access_token)).toEqual(['openid', 'orders:read']);
  });

  it('declines with access_denied (R27)', async () => {
    const { answer } = await asked();
    const arrival = await answer('false');
    expect(answerOf(arrival)).toMatchObject({ error: 'access_denied', error_description: DENIED });
  });

  it('is the registered one that the request names, character by character (R90, C11)', async () => {
    const named = await asked({ consent_uri: OTHER });
    expect(named.page.url.href.startsWith(`${OTHER}?src_interaction=`)).toBe(true);
    for (const consent_uri of [
      'https://evil.example.com/',
      `${OTHER}/`,
      'https://shop.example.com/consent',
    ]) {
      const { page } = await reach({ consent_uri });
      expect(page.url.origin).toBe('https://partner.example.org');
      expect(answerOf(page)).toMatchObject({
        error: 'invalid_request',
        error_description: expect.stringContaining('consent_uri'),
      });
    }
  });

  it('takes the place of the page of Tessera, also when that is asked for directly (R92)', async () => {
    const { browser, id } = await asked();
    const direct = await browser.open(`/consent/${id}`);
    expect(direct.status).toBe(0);
    expect(direct.url.origin).toBe('https://shop.example.com');
    const posted = await browser.submit(
      { action: new URL(`${app.url}/consent/${id}`), method: 'POST', fields: {} },
      { decision: 'allow' },
    );
    expect(posted.url.origin).toBe('https://shop.example.com');
  });

  it('cannot be answered from another browser, signed in or not (R27)', async () => {
    const { request, answer } = await asked();
    expectPlainPage(await answer('true', new Browser(app)));
    const neighbour = new Browser(app);
    await scene.rp.signIn(app, scene.person, { browser: neighbour });
    expectPlainPage(await answer('true', neighbour));
    const attacker = await asked();
    expectPlainPage(await answer('true', attacker.browser));
    // The attempts have spoilt nothing.
    const arrival = await answer('true');
    expect((await party.rp.redeem(arrival.url, request)).claims()?.sub).toBe(scene.person.userId);
  });

  it('cannot be answered twice, nor both ways at once (R27)', async () => {
    const once = await asked();
    expect(answerOf(await once.answer('false'))).toMatchObject({ error: 'access_denied' });
    expectPlainPage(await once.answer('true'));
    expect((await asked({ prompt: 'consent' })).page.url.origin).toBe('https://shop.example.com');
    const raced = await asked();
    const answers = await Promise.all(
      [...Array(5).keys()].map(() =>
        fetch(`${app.url}/consent/${raced.id}/answer?approved=true`, {
          redirect: 'manual',
          headers: { cookie: raced.browser.cookies.headerFor(new URL(`${app.url}/consent/${raced.id}`)) },
        }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 400, 400, 400, 400]);
  });

  it('cannot be answered with a guessed or malformed answer (R27)', async () => {
    const { browser, answer } = await asked();
    expectPlainPage(await answer('true', browser, 'AAAAAAAAAAAAAAAAAAAAA'));
    for (const src of ['', 'x', '../../login', `${'a'.repeat(30)}%0d%0aset-cookie:x`])
      expect((await answer('true', browser, src)).html).toContain('could not be understood');
    for (const approved of ['', 'yes', 'TRUE', 'true&approved=false'])
      expect((await answer(approved)).html).toContain('could not be understood');
  });

  it('cannot be answered before the sign-in (R27)', async () => {
    const browser = new Browser(app);
    const request = await party.rp.authorize({ scope: 'openid orders:read' });
    const login = await browser.open(request.url);
    const uid = login.url.pathname.split('/').pop();
    expectPlainPage(await browser.open(`/auth/consent/callback?src_interaction=${uid}&approved=true`));
    expectPlainPage(await browser.open(`/consent/${uid}`));
    const none = await browser.open((await party.rp.authorize({ prompt: 'none' })).url);
    expect(answerOf(none)).toMatchObject({ error: 'login_required' });
  });

  it('cannot be answered after the user has signed out (R27)', async () => {
    const { browser, answer } = await asked();
    const question = await browser.open(scene.rp.endSessionUrl({}));
    const form = question.forms[0];
    if (!form) throw new Error(`no sign-out form:\n${question.html}`);
    expect((await browser.submit(form, { logout: 'yes' })).html).toContain('signed out');
    expectPlainPage(await answer('true'));
  });

  it('cannot be answered for another interaction of the same browser (R27)', async () => {
    const mine = await asked({ scope: 'openid orders:read' });
    const other = await reach({ scope: 'openid orders:write' }, mine.browser);
    const otherId = String(other.page.url.searchParams.get('src_interaction'));
    expect(otherId).not.toBe(mine.id);
    const cookie = mine.browser.cookies.headerFor(new URL(`${app.url}/consent/${mine.id}`));
    const crossed = await fetch(`${app.url}/consent/${otherId}/answer?approved=true`, {
      redirect: 'manual',
      headers: { cookie },
    });
    expect(crossed.status).toBe(400);
    // Two tabs of one browser each get their own answer.
    const [yes, no] = [await mine.answer('true'), await mine.answer('false', mine.browser, otherId)];
    const tokens = await party.rp.redeem(yes.url, mine.request);
    expect(scopeOf(tokens.access_token)).toEqual(['openid', 'orders:read']);
    expect(answerOf(no)).toMatchObject({ error: 'access_denied' });
  });
});
