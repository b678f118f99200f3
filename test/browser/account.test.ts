/** The account pages in Chromium: nothing for axe to find, in light and dark, wide and at 320 px, all by keyboard, and passkeys. */

import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { codeSentTo, newPerson } from '../support/account.ts';
import { describeWithChromium, launchChromium } from '../support/chromium.ts';
import { adminToken, api } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import { addThirdParty, tokensByConsent } from '../support/third-party.ts';

const PAGES = [
  '',
  'profile',
  'emails',
  'phones',
  'password',
  'authenticator',
  'passkeys',
  'passkeys/add',
  'sessions',
  'consents',
  'data',
  'delete',
];
const LOOKS = [
  { name: 'wide-light', width: 1280, colorScheme: 'light' },
  { name: 'wide-dark', width: 1280, colorScheme: 'dark' },
  { name: 'narrow-light', width: 320, colorScheme: 'light' },
  { name: 'narrow-dark', width: 320, colorScheme: 'dark' },
] as const;

const AUTHENTICATOR = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

describeWithChromium('the account pages in Chromium', () => {
  let app: App;
  let scene: Scene;
  let chromium: Browser;
  let shots: string;
  let axe: string;
  beforeAll(async () => {
    shots = process.env.TEST_SHOTS ?? mkdtempSync(join(tmpdir(), 'tessera-shots-'));
    mkdirSync(shots, { recursive: true });
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    app = await startApp();
    scene = await setScene(app);
    const admin = api(app, await adminToken(app));
    await admin.put(`/loginPreferences/${scene.appId}/authMethods`, { totp: { issuer: 'Shop' } });
    const partner = await addThirdParty(app, scene, { allowed_scopes: ['email'] });
    await tokensByConsent(app, scene, partner, { scope: 'openid email' });
    await scene.rp.signIn(app, scene.person);
    chromium = await launchChromium();
  });
  afterAll(async () => {
    await chromium?.close();
    await app?.discard();
    if (shots && process.env.TEST_SHOTS === undefined) rmSync(shots, { recursive: true, force: true });
  });

  /** Signed in at the account; the scripts of axe come past the policy. */
  async function openAccount(person = scene.person): Promise<{ page: Page; complaints: string[] }> {
    const context = await chromium.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy|Refused/i.test(message.text())) complaints.push(message.text());
    });
    await page.goto(`${app.url}/account`);
    await page.fill('#identifier', person.identifier);
    await page.fill('#password', person.password);
    await page.click('#login-submit');
    await page.waitForURL(`${app.url}/account`);
    return { page, complaints };
  }

  /** What axe finds, and whether the page has to be scrolled sideways, in every look. */
  async function faultsIn(page: Page, name: string): Promise<string[]> {
    const faults: string[] = [];
    for (const look of LOOKS) {
      await page.emulateMedia({ colorScheme: look.colorScheme });
      await page.setViewportSize({ width: look.width, height: 900 });
      const path = join(shots, `${name}-${look.name}.png`);
      await page.screenshot({ path, fullPage: true });
      expect(statSync(path).size).toBeGreaterThan(1000);
      await page.evaluate(axe);
      const found = (await page.evaluate(
        'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((r) => r.violations.map((v) => v.id + " " + v.nodes.map((n) => n.html).join(" | ")))',
      )) as string[];
      faults.push(...found.map((one) => `${name} ${look.name}: ${one}`));
      const wide = await page.evaluate(
        'document.documentElement.scrollWidth > document.documentElement.clientWidth',
      );
      if (wide) faults.push(`${name} ${look.name}: scrolls sideways`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    return faults;
  }

  it('are without faults for axe in light and dark, wide and at 320 px', async () => {
    const { page, complaints } = await openAccount();
    const faults: string[] = [];
    for (const name of PAGES) {
      await page.goto(`${app.url}/account${name && `/${name}`}`);
      faults.push(...(await faultsIn(page, name.replace('/', '-') || 'overview')));
    }
    await page.goto(`${app.url}/account/profile`);
    await page.fill('#profile-language', 'not a tag');
    await page.click('main button');
    faults.push(...(await faultsIn(page, 'profile-fault')));
    await page.goto(`${app.url}/account/emails`);
    await page.fill('#add-value', 'second@example.com');
    await page.press('#add-value', 'Enter');
    faults.push(...(await faultsIn(page, 'emails-code')));
    await page.fill('#code-code', await codeSentTo(app, 'second@example.com'));
    await page.press('#code-code', 'Enter');
    faults.push(...(await faultsIn(page, 'emails-two')));
    await page.goto(`${app.url}/account/authenticator`);
    await page.click('main button');
    faults.push(...(await faultsIn(page, 'authenticator-qr')));
    expect(faults).toEqual([]);
    expect(complaints).toEqual([]);
  }, 180_000);

  async function authenticatorOf(page: Page): Promise<{ cdp: CDPSession; authenticatorId: string }> {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: AUTHENTICATOR,
    });
    return { cdp, authenticatorId };
  }

  it('add a passkey under the address of the person, which signs in there; its owner names and removes it', async () => {
    const person = await newPerson(app, 'with-passkey');
    const { page, complaints } = await openAccount(person);
    const { cdp, authenticatorId } = await authenticatorOf(page);
    await page.goto(`${app.url}/account/passkeys`);
    await page.click('main a[href$="/add"]');
    expect(await page.textContent('main')).toContain(`as ${person.identifier}`);
    await page.click('#passkey-start');
    await page.waitForURL(`${app.url}/account/passkeys?done=added`);
    expect(await page.textContent('main')).toContain(person.identifier);
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    expect(credentials).toEqual([
      expect.objectContaining({ rpId: 'localhost', userName: person.identifier }),
    ]);
    // The identifier field of the hosted page offers it, and the authenticator answers at once.
    await page.context().clearCookies();
    await page.goto(`${app.url}/account/passkeys`);
    await page.waitForURL(`${app.url}/account/passkeys`);
    await page.waitForSelector('main :text("used")');
    await page.fill('#passkey-0-label', `  ${'x'.repeat(61)} é\u{1F511} `.slice(0, 64));
    await page.press('#passkey-0-label', 'Enter');
    await page.waitForURL(`${app.url}/account/passkeys?done=saved`);
    await page.fill('#passkey-0-label', 'My <b>phone</b>');
    await page.press('#passkey-0-label', 'Enter');
    await page.waitForSelector('main strong:has-text("My <b>phone</b>")');
    expect(await faultsIn(page, 'passkeys-one')).toEqual([]);

    // A device that has one of theirs gets no second one; the page says so and stays.
    await page.goto(`${app.url}/account/passkeys/add`);
    await page.click('#passkey-start');
    await page.waitForSelector('#passkey-failed:visible');
    await page.goto(`${app.url}/account/passkeys`);
    await page.fill('#passkey-0-label', '');
    await page.press('#passkey-0-label', 'Enter');
    await page.waitForSelector(`main strong:has-text("${person.identifier}")`);
    await page.click('main button:has-text("Remove")');
    await page.waitForURL(`${app.url}/account/passkeys?done=removed`);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("refuse a passkey that was made for another person's ceremony, and say so", async () => {
    const [ada, eve] = [await newPerson(app, 'pk-ada'), await newPerson(app, 'pk-eve')];
    const { page: adas } = await openAccount(ada);
    const { page: eves } = await openAccount(eve);
    await authenticatorOf(eves);
    await adas.goto(`${app.url}/account/passkeys/add`);
    await eves.goto(`${app.url}/account/passkeys/add`);
    // Ada's browser is made to send what Eve's device made for Eve.
    const made = await eves.evaluate(`fetch('/account/passkeys/add/start', { method: 'POST' })
      .then((started) => started.json())
      .then(({ webauthn_session_id, options }) =>
        navigator.credentials
          .create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
          .then((credential) => JSON.stringify({ webauthn_session_id, credential: credential.toJSON() })))`);
    await adas.evaluate(
      `document.getElementById('passkey-answer').value = ${JSON.stringify(made)}; document.getElementById('passkey-answer').form.submit()`,
    );
    await adas.waitForSelector('[role=alert]:has-text("could not be added")');
    await adas.goto(`${app.url}/account/passkeys`);
    expect(await adas.locator('.things li').count()).toBe(0);
    await Promise.all([adas.context().close(), eves.context().close()]);
  });

  it('say what to do where no script runs, in place of the button for a passkey', async () => {
    const context = await chromium.newContext({ javaScriptEnabled: false, locale: 'en-GB' });
    const page = await context.newPage();
    await page.goto(`${app.url}/account/passkeys/add`);
    await page.fill('#identifier', scene.person.identifier);
    await page.fill('#password', scene.person.password);
    await page.click('#login-submit');
    await page.waitForURL(`${app.url}/account/passkeys/add`);
    expect(await page.isVisible('#passkey-start')).toBe(false);
    expect(await page.textContent('#passkey-missing')).toContain('runs no scripts');
    await context.close();
  });

  it('are walked by keyboard: the way to the content is first, the focus is seen', async () => {
    const { page } = await openAccount();
    await page.goto(`${app.url}/account/emails`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.closest("main") !== null')).toBe(true);
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  });
});
