/** Every hosted page in a real Chromium, wide and narrow, light and dark, held against axe; real mails and text messages. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { describeWithChromium, launchChromium } from '../support/chromium.ts';
import { codeIn, linkIn, MailSink } from '../support/mail-sink.ts';
import { adminToken, api } from '../support/management.ts';
import { RelyingParty } from '../support/relying-party.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { SmsSink } from '../support/sms-sink.ts';
import { type App, startApp } from '../support/start-app.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const VIEWS = [
  { width: 1280, height: 900, colorScheme: 'light' },
  { width: 1280, height: 900, colorScheme: 'dark' },
  { width: 320, height: 640, colorScheme: 'light' },
  { width: 320, height: 640, colorScheme: 'dark' },
] as const;
const LOGO =
  'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCAxMjAgNDgiPjxyZWN0IHdpZHRoPSIxMjAiIGhlaWdodD0iNDgiIHJ4PSI4IiBmaWxsPSIjMGE3ZDVhIi8+PC9zdmc+';
const PASSWORD = 'A-very-Good-Pass-1';
const PHONE = '+14155550177';

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

describeWithChromium('the hosted pages in Chromium', () => {
  let app: App;
  let scene: Scene;
  let rp: RelyingParty;
  let server: Server;
  let chromium: Browser;
  let context: BrowserContext;
  let page: Page;
  let shots: string;
  let mails: MailSink;
  let texts: SmsSink;
  const complaints: string[] = [];

  beforeAll(async () => {
    shots = process.env.TEST_SHOTS ?? mkdtempSync(join(tmpdir(), 'tessera-hosted-shots-'));
    mkdirSync(shots, { recursive: true });
    [mails, texts] = [await MailSink.start(), await SmsSink.start()];
    server = createServer((_request, response) => {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>RP</title><p>Welcome');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const redirectUri = `http://127.0.0.1:${address.port}/callback`;
    app = await startApp({ env: { ...mails.env, ...texts.env } });
    scene = await setScene(app, { redirect_uris: [redirectUri] });
    const { clientId, clientSecret } = scene;
    rp = await RelyingParty.discover(app, { clientId, clientSecret, redirectUri });
    const admin = api(app, await adminToken(app));
    await admin.put(`/v1/users/${scene.person.userId}`, { phone_number: PHONE });
    // Somebody who has proved something before: a first proof would bring a mail of its own.
    await admin.post(`/v1/users/${scene.person.userId}/phone-numbers/${PHONE}/verify`, {});
    await admin.put(`/v1/applications/${scene.appId}`, {
      allow_public_signup: true,
      logo: LOGO,
      hosted_login: {
        first_page: 'identifier',
        primary_color: '#35d0a0',
        sign_up_fields: ['first_name', 'last_name', 'phone_number', 'birthday'],
      },
    });
    chromium = await launchChromium();
    context = await chromium.newContext();
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('console', (message) => {
      if (/Content Security Policy|Refused/i.test(message.text())) complaints.push(message.text());
    });
  }, 120_000);
  afterAll(async () => {
    await chromium?.close();
    await app?.stop();
    await app?.discard();
    server?.closeAllConnections();
    server?.close();
    await mails?.close();
    await texts?.close();
    if (shots && process.env.TEST_SHOTS === undefined) rmSync(shots, { recursive: true, force: true });
  });

  /** Takes a picture in every view, and holds that axe finds nothing and nothing needs scrolling sideways. */
  async function look(name: string): Promise<void> {
    for (const { width, height, colorScheme } of VIEWS) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(shots, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      await page.evaluate(AXE);
      const found = (await page.evaluate(
        `axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) => violations)`,
      )) as Violation[];
      const faults = found.map(({ id, nodes }) => [
        name,
        width,
        colorScheme,
        id,
        nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`),
      ]);
      expect(faults).toEqual([]);
      const [content, visible] = (await page.evaluate(
        '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
      )) as [number, number];
      expect(content).toBeLessThanOrEqual(visible);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  }

  const begin = async (parameters: Record<string, string> = {}) => {
    const request = await rp.authorize(parameters);
    await page.goto(request.url.href);
    return request;
  };
  const arrive = async (request: Awaited<ReturnType<typeof begin>>) => {
    await page.waitForURL((url) => url.href.startsWith(rp.redirectUri));
    return (await rp.redeem(new URL(page.url()), request)).claims();
  };
  const press = (action: string) => page.click(`button[value="${action}"]`);
  const focused = () => page.evaluate('document.activeElement && document.activeElement.id');
  const identify = async () => {
    await page.fill('#identifier', scene.person.identifier);
    await page.click('#login-submit');
  };

  it('sign in by identifier and password, by codes and by a link', async () => {
    let request = await begin({ custom_message: 'Welcome back, <friend>' });
    await look('identifier');
    await page.evaluate('document.forms[0].noValidate = true');
    await page.click('#login-submit');
    await look('identifier-missing');
    expect(await focused()).toBe('identifier');
    await identify();
    await look('password');
    await page.fill('#password', 'Wrong-password-1');
    await page.click('#login-submit');
    await look('password-wrong');
    await press('methods');
    await look('methods');
    await press('email_otp');
    await look('email-code');
    expect(await focused()).toBe('code');
    await page.fill('#code', '000000');
    await page.click('#code-submit');
    await look('email-code-wrong');
    await page.fill('#code', codeIn(await mails.waitForMail(scene.person.identifier)));
    await page.click('#code-submit');
    expect(await arrive(request)).toMatchObject({ sub: scene.person.userId, amr: ['eotp'] });

    request = await begin({ prompt: 'login' });
    await look('account-choice');
    await press('continue');
    await press('methods');
    await press('sms_otp');
    await look('sms-code');
    await page.fill('#code', codeIn(await texts.waitForText(PHONE)));
    await page.click('#code-submit');
    expect(await arrive(request)).toMatchObject({ sub: scene.person.userId, amr: ['sms'] });

    request = await begin({ prompt: 'login' });
    await press('restart');
    await identify();
    await press('methods');
    await press('magic_link');
    await look('link');
    const link = linkIn(await mails.waitForMail(scene.person.identifier));
    const stranger = await chromium.newContext();
    const own = page;
    page = await stranger.newPage();
    await page.goto(link);
    await look('link-elsewhere');
    await stranger.close();
    page = own;
    const tab = await context.newPage();
    await tab.goto(link);
    await tab.waitForURL((url) => url.href.startsWith(rp.redirectUri));
    expect((await rp.redeem(new URL(tab.url()), request)).claims()).toMatchObject({ amr: ['eml'] });
    await tab.close();
    await page.reload();
    await look('closed');
  });

  it('reset a password, change a temporary one, and sign up', async () => {
    await context.clearCookies();
    let request = await begin({ ui_locales: 'fr' });
    await identify();
    await press('forgot');
    await look('forgotten');
    await page.click('#reset-email');
    await look('reset-code');
    await page.fill('#code', codeIn(await mails.waitForMail(scene.person.identifier)));
    await page.click('#code-submit');
    await look('new-password');
    await page.fill('#password', 'short');
    await page.click('#password-submit');
    await look('new-password-weak');
    expect(await focused()).toBe('password');
    await page.fill('#password', PASSWORD);
    await page.click('#password-submit');
    expect(await arrive(request)).toMatchObject({ amr: ['eotp'] });

    const admin = api(app, await adminToken(app));
    const path = `/v1/users/${scene.person.userId}/password`;
    await admin.put(path, { password: 'Temporary-Pass-4-you', force_replace: true });
    await context.clearCookies();
    request = await begin();
    await identify();
    await page.fill('#password', 'Temporary-Pass-4-you');
    await page.click('#login-submit');
    await look('change-password');
    await page.fill('#current', 'Temporary-Pass-4-you');
    await page.fill('#password', 'Another-Good-Pass-2');
    await page.click('#password-submit');
    expect(await arrive(request)).toMatchObject({ amr: ['pwd'] });

    await context.clearCookies();
    request = await begin({ ui_locales: 'ja' });
    await press('sign-up');
    await look('sign-up');
    await page.evaluate('document.forms[0].noValidate = true');
    await page.fill('#email', 'no-address');
    await page.fill('#password', 'short');
    await page.click('#sign-up-submit');
    await look('sign-up-faults');
    await page.fill('#email', 'newcomer@example.com');
    await page.fill('#password', PASSWORD);
    await page.fill('#first_name', 'Ada');
    await page.click('#sign-up-submit');
    await look('sign-up-code');
    await page.fill('#code', codeIn(await mails.waitForMail('newcomer@example.com')));
    await page.click('#code-submit');
    expect(await arrive(request)).toMatchObject({ amr: ['eotp'] });
    await begin({ prompt: 'login' });
    await press('restart');
    await admin.put(`/v1/applications/${scene.appId}`, {
      hosted_login: { primary_color: '#7a0019' },
      logo: '',
    });
    await page.reload();
    await look('one-page');
    expect(complaints).toEqual([]);
  });
});
