/** A session that is not strong or fresh enough is stepped up (RFC 9470; contract/oidc.md 3.3, 3.5). */
import { Browser, signIn, signInForm } from '../support/browser.ts';
import { policyStorages } from '../support/engines.ts';
import { type Api, adminToken, api } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const PHONE = '+14155550123';
const essentialAcr = (acr: object): string =>
  JSON.stringify({ id_token: { acr: { essential: true, ...acr } } });

describe.each(policyStorages)('step-up authentication ($name)', ({ options }) => {
  let app: App;
  let scene: Scene;
  let admin: Api;
  let browser: Browser;
  let release: () => Promise<void>;

  beforeAll(async () => {
    const storage = await options();
    release = storage.release;
    app = await startApp(storage);
    scene = await setScene(app);
    admin = api(app, await adminToken(app));
  });
  afterAll(async () => {
    await app?.discard();
    await release?.();
  });
  beforeEach(async () => {
    browser = new Browser(app);
    await scene.rp.signIn(app, scene.person, { browser });
  });

  const open = async (parameters: Record<string, string>) =>
    browser.open((await scene.rp.authorize(parameters)).url);
  const errorOf = async (parameters: Record<string, string>): Promise<string | null> =>
    (await open(parameters)).url.searchParams.get('error');
  /** Answers the sign-in page that must appear. */
  async function signInAgain(parameters: Record<string, string>) {
    const request = await scene.rp.authorize(parameters);
    const page = await browser.open(request.url);
    signInForm(page);
    const { identifier, password } = scene.person;
    const callback = await signIn(app, request.url, identifier, password, browser);
    return (await scene.rp.redeem(callback, request)).claims();
  }

  it.each([
    ['max_age=0', { max_age: '0' }],
    ['prompt=login', { prompt: 'login' }],
  ])('asks the user to authenticate again for %s, and auth_time says so', async (_what, parameters) => {
    await new Promise((done) => setTimeout(done, 1100));
    const before = Math.floor(Date.now() / 1000);
    const claims = await signInAgain(parameters);
    expect(Number(claims?.auth_time)).toBeGreaterThanOrEqual(before);
  });

  it('is silent for a max_age that the session meets, and login_required for one that it does not with prompt=none', async () => {
    expect((await open({ max_age: '3600' })).url.searchParams.get('code')).toBeTruthy();
    await new Promise((done) => setTimeout(done, 2100));
    expect(await errorOf({ max_age: '1', prompt: 'none' })).toBe('login_required');
    await signInAgain({ max_age: '1' });
  });

  it.each([
    ['acr_values=mfa', { acr_values: 'mfa' }],
    ['an essential acr of mfa', { claims: essentialAcr({ value: 'mfa' }) }],
    ['an essential acr out of a list with mfa', { claims: essentialAcr({ values: ['gold', 'mfa'] }) }],
  ])('asks a session of one factor for the second only: %s', async (_what, parameters) => {
    const { url } = await open(parameters);
    expect(url.pathname).toMatch(/^\/second-factor\/[\w-]+/);
    expect(await errorOf({ ...parameters, prompt: 'none' })).toBe('login_required');
  });

  it('asks for both factors, in their order, where there is no session', async () => {
    browser = new Browser(app);
    const page = await open({ acr_values: 'mfa' });
    const { identifier, password } = scene.person;
    const after = await browser.submit(signInForm(page), { identifier, password });
    expect(after.url.pathname).toMatch(/^\/second-factor\/[\w-]+/);
    // The first factor alone opens nothing.
    expect(await errorOf({ acr_values: 'mfa', prompt: 'none' })).toBe('login_required');
  });

  it('gives no code where an essential acr cannot be met by signing in again (OpenID Connect Core 5.5.1.1)', async () => {
    const page = await open({ claims: essentialAcr({ values: ['gold'] }) });
    const { identifier, password } = scene.person;
    const { url } = await browser.submit(signInForm(page), { identifier, password });
    expect(url.searchParams.get('error')).toBe('unmet_authentication_requirements');
    expect(url.searchParams.get('code')).toBeNull();
  });

  it('tells phone_number in acr as soon as the number is verified, for the session that is there, and not before', async () => {
    const asked = { acr_values: 'phone_number' };
    const person = `/v1/users/${scene.person.userId}`;
    expect(await errorOf({ ...asked, prompt: 'none' })).toBe('login_required');
    expect((await admin.put(person, { phone_number: PHONE })).status).toBe(200);
    expect(await errorOf({ ...asked, prompt: 'none' })).toBe('login_required');
    expect((await signInAgain(asked))?.acr).toBe('');
    const verified = await admin.post(`${person}/phone-numbers/${encodeURIComponent(PHONE)}/verify`, {});
    expect(verified.status).toBe(202);
    const request = await scene.rp.authorize({ ...asked, prompt: 'none' });
    const { url } = await browser.open(request.url);
    expect((await scene.rp.redeem(url, request)).claims()?.acr).toBe('phone_number');
    const unasked = await scene.rp.authorize({ prompt: 'none' });
    const plain = await browser.open(unasked.url);
    expect((await scene.rp.redeem(plain.url, unasked)).claims()?.acr).toBe('');
  });
});
