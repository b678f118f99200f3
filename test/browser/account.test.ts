/** The account pages in Chromium: nothing for axe to find, in light and dark, wide and at 320 px, and all by keyboard. */

import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { codeSentTo } from '../support/account.ts';
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

  /** Signed in at the account; scripts of ours there are none, those of axe come past the policy. */
  async function openAccount(): Promise<{ page: Page; complaints: string[] }> {
    const context = await chromium.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy|Refused/i.test(message.text())) complaints.push(message.text());
    });
    await page.goto(`${app.url}/account`);
    await page.fill('#identifier', scene.person.identifier);
    await page.fill('#password', scene.person.password);
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
