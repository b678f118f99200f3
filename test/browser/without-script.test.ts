/**
 * Every way through the hosted pages in a Chromium that runs no script, in Japanese: what is said, and that links, forms
 * and their buttons are all it takes. The passkey ceremonies are what cannot be walked so; their pages are seen here, too.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { TOTP } from 'otpauth';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { newPerson } from '../support/account.ts';
import { describeWithChromium, launchChromium } from '../support/chromium.ts';
import { startDevice } from '../support/device.ts';
import { HostedScene } from '../support/hosted-login.ts';
import { api, clientToken } from '../support/management.ts';
import { RelyingParty } from '../support/relying-party.ts';
import { beyondPlainForms, englishOn, type SeenPage, unseenTables } from '../support/seen-pages.ts';
import { type App, startApp } from '../support/start-app.ts';
import { textTables } from '../support/text-tables.ts';
import { addThirdParty } from '../support/third-party.ts';

const LANGUAGE = 'ja';
const PASSWORD = 'Some-Good-Pass9-of-mine';
/** Their texts are sent, not shown. */
const NOT_ON_PAGES = ['account-mail', 'message'];

/** The applications' side: keeps what is posted to it. */
async function outside(): Promise<{ server: Server; origin: string; posted: URLSearchParams[] }> {
  const posted: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === 'POST') posted.push(new URLSearchParams(Buffer.concat(chunks).toString()));
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!doctype html><title>RP</title><p>Welcome');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, posted, origin: `http://127.0.0.1:${(server.address() as { port: number }).port}` };
}

describeWithChromium('the hosted pages in a browser without script', () => {
  let app: App;
  let hosted: HostedScene;
  let rp: RelyingParty;
  let site: Awaited<ReturnType<typeof outside>>;
  let chromium: Browser;
  let context: BrowserContext;
  let page: Page;
  const seen: SeenPage[] = [];

  beforeAll(async () => {
    site = await outside();
    app = await startApp();
    hosted = await HostedScene.set(app, {
      allow_public_signup: true,
      hosted_login: { first_page: 'identifier' },
    });
    const { appId, clientId, clientSecret } = hosted.scene;
    const methods = { totp: { issuer: 'Shop' }, webauthn_api: { rpId: 'localhost' } };
    expect((await hosted.admin.put(`/loginPreferences/${appId}/authMethods`, methods)).status).toBe(200);
    const redirectUri = `${site.origin}/callback`;
    const changed = await hosted.admin.put(`/v1/applications/${appId}/clients/${clientId}`, {
      redirect_uris: [redirectUri],
      frontchannel_logout_uri: `${site.origin}/bye`,
      device_authorization: { enabled: true, approval_uri: '', success_uri: '', input_uri: '' },
    });
    expect(changed.status).toBe(200);
    rp = await RelyingParty.discover(app, { clientId, clientSecret, redirectUri });
    chromium = await launchChromium();
  }, 120_000);
  afterAll(async () => {
    await chromium?.close();
    await app?.stop();
    await app?.discard();
    site?.server.closeAllConnections();
    site?.server.close();
  });

  /** A browser with nothing in it; `locale` is what it says it speaks. */
  const freshBrowser = async (locale: string): Promise<void> => {
    await context?.close();
    context = await chromium.newContext({ javaScriptEnabled: false, locale });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
  };
  const note = async (): Promise<void> => {
    const { origin, pathname } = new URL(page.url());
    if (origin === new URL(app.url).origin) seen.push({ path: pathname, html: await page.content() });
  };
  const go = async (url: string): Promise<void> => {
    await page.goto(url);
    await note();
  };
  /** Presses what leads to the next page. */
  const press = async (selector: string): Promise<void> => {
    await Promise.all([page.waitForEvent('load'), page.click(selector)]);
    await note();
  };
  const send = async (values: Record<string, string>, selector: string): Promise<void> => {
    for (const [id, value] of Object.entries(values)) await page.fill(`#${id}`, value);
    await press(selector);
  };
  const act = (action: string) => press(`button[value="${action}"]`);
  const begin = async (parameters: Record<string, string> = {}) => {
    const request = await rp.authorize({ ui_locales: LANGUAGE, ...parameters });
    await go(request.url.href);
    return request;
  };
  const arrive = async (request: Awaited<ReturnType<typeof begin>>) => {
    expect(page.url()).toContain(rp.redirectUri);
    return (await rp.redeem(new URL(page.url()), request)).claims();
  };
  const identify = (identifier = hosted.email) => send({ identifier }, '#login-submit');
  const signIn = async (identifier: string, password: string) => {
    await identify(identifier);
    await send({ password }, '#login-submit');
  };

  it('sign in by a password, by codes and by a link, and choose among accounts', async () => {
    await freshBrowser('en-US');
    let request = await begin();
    await identify();
    await send({ password: 'Wrong-password-1' }, '#login-submit');
    await act('methods');
    await act('passkey');
    await act('methods');
    await act('email_otp');
    await send({ code: '000000' }, '#code-submit');
    await send({ code: await hosted.lastCodeTo(hosted.email) }, '#code-submit');
    expect(await arrive(request)).toMatchObject({ amr: ['eotp'] });

    request = await begin({ prompt: 'login' });
    await act('continue');
    await act('methods');
    await act('sms_otp');
    await send({ code: await hosted.lastCodeTo(hosted.phone) }, '#code-submit');
    expect(await arrive(request)).toMatchObject({ amr: ['sms'] });

    request = await begin({ prompt: 'login' });
    await act('restart');
    await signIn(hosted.email, hosted.scene.person.password);
    await act('not-now');
    expect(await arrive(request)).toMatchObject({ amr: ['pwd'] });

    request = await begin({ prompt: 'login' });
    await act('continue');
    await act('methods');
    await act('magic_link');
    await go(await hosted.lastLinkTo(hosted.email));
    expect(await arrive(request)).toMatchObject({ amr: ['eml'] });
  });

  it('reset a forgotten password, replace one that has ended, and sign up', async () => {
    await freshBrowser('en-US');
    let request = await begin();
    await identify();
    await act('forgot');
    await press('#reset-email');
    await send({ code: await hosted.lastCodeTo(hosted.email) }, '#code-submit');
    await send({ password: 'short' }, '#password-submit');
    await send({ password: PASSWORD }, '#password-submit');
    expect(await arrive(request)).toMatchObject({ amr: ['eotp'] });

    const path = `/v1/users/${hosted.scene.person.userId}/password`;
    await hosted.admin.put(path, { password: 'Temporary-Pass-4-you', force_replace: true });
    request = await begin({ prompt: 'login' });
    await act('continue');
    await send({ password: 'Temporary-Pass-4-you' }, '#login-submit');
    await send({ current: 'Temporary-Pass-4-you', password: 'Another-Good-Pass-2' }, '#password-submit');
    expect(await arrive(request)).toMatchObject({ amr: ['pwd'] });

    await freshBrowser('en-US');
    request = await begin();
    await act('sign-up');
    await send({ email: 'newcomer@example.com', password: 'x' }, '#sign-up-submit');
    await send({ password: PASSWORD }, '#sign-up-submit');
    await send({ code: await hosted.lastCodeTo('newcomer@example.com') }, '#code-submit');
    expect(await arrive(request)).toMatchObject({ amr: ['eotp'] });
  });

  it('set up an authenticator app by its key, and use it and a recovery code as the second factor', async () => {
    const own = await api(app, await clientToken(app, hosted.scene)).post('/v1/users', {
      username: 'bare',
      credentials: { password: PASSWORD, force_replace: false },
    });
    expect(own.status).toBe(201);
    await freshBrowser('en-US');
    let request = await begin({ acr_values: 'mfa' });
    await signIn('bare', PASSWORD);
    const secret = String(await page.textContent('#key')).replaceAll(' ', '');
    await send({ code: '000000' }, '#code-submit');
    await send({ code: new TOTP({ secret }).generate() }, '#code-submit');
    const recovery = await page.locator('#recovery-codes li').allTextContents();
    await press('#codes-kept');
    await act('not-now');
    expect(await arrive(request)).toMatchObject({ acr: 'mfa', amr: ['pwd', 'otp', 'mfa'] });

    await freshBrowser('en-US');
    request = await begin({ acr_values: 'mfa' });
    await signIn('bare', PASSWORD);
    await act('recovery');
    await send({ code: String(recovery[0]) }, '#code-submit');
    expect(await arrive(request)).toMatchObject({ acr: 'mfa', amr: ['pwd', 'otp', 'mfa'] });

    await freshBrowser('en-US');
    request = await begin({ acr_values: 'mfa' });
    await signIn(hosted.email, 'Another-Good-Pass-2');
    await act('sms');
    await send({ code: await hosted.lastCodeTo(hosted.phone) }, '#code-submit');
    expect(await arrive(request)).toMatchObject({ amr: ['pwd', 'sms', 'mfa'] });
  });

  it('allow an application and a device, take an answer as a form, and sign out', async () => {
    await freshBrowser('en-US');
    const before = await begin();
    await signIn(hosted.email, 'Another-Good-Pass-2');
    await arrive(before);
    const partner = await addThirdParty(app, hosted.scene, {
      redirect_uris: [rp.redirectUri],
      allowed_scopes: ['email'],
    });
    const asked = await partner.rp.authorize({
      scope: 'openid email',
      redirect_uri: rp.redirectUri,
      ui_locales: LANGUAGE,
    });
    await go(asked.url.href);
    await press('#consent-allow');
    expect((await partner.rp.redeem(new URL(page.url()), asked)).scope).toContain('email');
    await go(asked.url.href.replace('state=', 'ui_locales=ja&state='));

    const device = await startDevice(hosted.scene.rp, { scope: 'openid' });
    await go(`${app.issuer}/device?user_code=BBBB-BBBB&ui_locales=${LANGUAGE}`);
    await send({ user_code: device.user_code }, 'button[type=submit]');
    await press('button[value=true]');
    const spoken = await startDevice(hosted.scene.rp, { scope: 'openid', ui_locales: LANGUAGE });
    await go(String(spoken.verification_uri_complete));
    await press('button[value=true]');

    const request = await begin({ response_mode: 'form_post' });
    await press('button[type=submit]');
    const answer = new URL(`${rp.redirectUri}?${site.posted.at(-1)}`);
    expect((await rp.redeem(answer, request)).claims()).toMatchObject({ sub: hosted.scene.person.userId });

    await go(rp.endSessionUrl({ ui_locales: LANGUAGE }).href);
    await press('#logout-confirm');
    expect((await begin({ prompt: 'none' })).url.href).toBeDefined();
    expect(new URL(page.url()).searchParams.get('error')).toBe('login_required');
    await go(rp.endSessionUrl({ ui_locales: LANGUAGE }).href);
    await press('button[type=submit]');
  });

  it('change everything at the account, down to its end', async () => {
    const person = await newPerson(app, 'account-owner');
    await freshBrowser('ja-JP');
    await go(`${app.url}/account`);
    await send({ identifier: person.identifier, password: person.password }, '#login-submit');
    await go(`${app.url}/account/profile`);
    await send({ 'profile-first_name': 'Ada', 'profile-language': 'not a tag' }, 'main button');
    await send({ 'profile-language': 'ja' }, 'main button');
    expect(await page.inputValue('#profile-first_name')).toBe('Ada');
    await go(`${app.url}/account/emails`);
    await send({ 'add-value': 'second@example.com' }, 'form:has(#add-value) button');
    await send({ 'code-code': await hosted.lastCodeTo('second@example.com') }, 'form:has(#code-code) button');
    await press('form:has(input[value=primary]) button');
    await press('form:has(input[value=remove]) button');
    await go(`${app.url}/account/phones`);
    await send({ 'add-value': '+14155550188' }, 'form:has(#add-value) button');
    await send({ 'code-code': await hosted.lastCodeTo('+14155550188') }, 'form:has(#code-code) button');
    await go(`${app.url}/account/password`);
    const weak = { 'password-current': person.password, 'password-next': 'short', 'password-again': 'short' };
    await send(weak, 'main button');
    const good = { 'password-next': PASSWORD, 'password-again': PASSWORD };
    await send({ 'password-current': person.password, ...good }, 'main button');
    for (const path of ['authenticator', 'passkeys', 'passkeys/add', 'sessions', 'consents', ''])
      await go(`${app.url}/account/${path}`.replace(/\/$/, ''));
    await go(`${app.url}/account/data`);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('main button')]);
    expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toMatchObject({
      emails: [{ value: 'second@example.com', primary: true }],
    });
    await go(`${app.url}/account/delete`);
    await send({ 'delete-confirmation': 'somebody else' }, 'main button');
    await send({ 'delete-confirmation': 'second@example.com' }, 'main button');
    expect((await hosted.admin.get(`/v1/users/${person.userId}`)).status).toBe(404);
  });

  it('say what is wrong, where something is', async () => {
    await freshBrowser('en-US');
    await go(`${app.issuer}/auth?client_id=nobody&ui_locales=${LANGUAGE}`);
    await freshBrowser('ja-JP');
    for (const path of [
      '/nowhere',
      '/oidc/nowhere',
      '/oidc/device',
      '/login/nothing',
      '/second-factor/nothing',
      '/login/nothing/link?secret=x',
      '/hub/nothing',
      '/consent/nothing',
      '/auth/consent/callback?src_interaction=x',
      '/hosted/passkey/passkey-registration?register_webauthn_cred_token=x',
      '/auth/link?token=x',
      '/account/signed-in',
      `/saml/${hosted.scene.clientId}/sso`,
      '/saml/logout',
    ])
      await go(`${app.url}${path}`);
  });

  it('are all in the language that was asked for, and need nothing but links, forms and buttons', async () => {
    const tables = new Map([...(await textTables())].filter(([name]) => !NOT_ON_PAGES.includes(name)));
    expect(
      seen.filter(({ html }) => !html.includes(`<html lang="${LANGUAGE}"`)).map(({ path }) => path),
    ).toEqual([]);
    expect(seen.flatMap((one) => englishOn(one, tables, LANGUAGE))).toEqual([]);
    expect(seen.flatMap(beyondPlainForms)).toEqual([]);
    expect(unseenTables(seen, tables, LANGUAGE)).toEqual([]);
  });
});
