/** The whole sign-in and sign-out in a real Chromium, which holds every redirect after a form against the policy. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { describeWithChromium, launchChromium } from '../support/chromium.ts';
import { RelyingParty } from '../support/relying-party.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 360, height: 640 };

async function relyingPartyServer(): Promise<{ server: Server; redirectUri: string }> {
  const server = createServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!doctype html><title>RP</title><p>Welcome');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, redirectUri: `http://127.0.0.1:${address.port}/callback` };
}

describeWithChromium('sign-in in Chromium', () => {
  let app: App;
  let scene: Scene;
  let rp: RelyingParty;
  let server: Server;
  let chromium: Browser;
  let shots: string;

  beforeAll(async () => {
    shots = mkdtempSync(join(tmpdir(), 'tessera-shots-'));
    const party = await relyingPartyServer();
    server = party.server;
    app = await startApp();
    scene = await setScene(app, { redirect_uris: [party.redirectUri] });
    const { clientId, clientSecret } = scene;
    rp = await RelyingParty.discover(app, { clientId, clientSecret, redirectUri: party.redirectUri });
    chromium = await launchChromium();
  });
  afterAll(async () => {
    await chromium?.close();
    await app?.stop();
    await app?.discard();
    server?.closeAllConnections();
    server?.close();
    if (shots) rmSync(shots, { recursive: true, force: true });
  });

  /** Takes a picture in both widths, and holds that nothing needs scrolling sideways. */
  async function look(page: Page, name: string): Promise<void> {
    for (const size of [WIDE, NARROW]) {
      await page.setViewportSize(size);
      const path = join(shots, `${name}-${size.width}.png`);
      await page.screenshot({ path });
      expect(statSync(path).size).toBeGreaterThan(1000);
      const [content, visible] = (await page.evaluate(
        '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
      )) as [number, number];
      expect(visible).toBe(size.width);
      expect(content).toBeLessThanOrEqual(visible);
    }
    await page.setViewportSize(WIDE);
  }

  async function fill(page: Page, password: string): Promise<void> {
    await page.fill('#identifier', scene.person.identifier);
    await page.fill('#password', password);
    await page.click('#login-submit');
  }

  it.each([
    { script: 'with script', javaScriptEnabled: true },
    { script: 'without script', javaScriptEnabled: false },
  ])('signs in after a wrong password, and out again, $script', async ({ script, javaScriptEnabled }) => {
    const context = await chromium.newContext({ javaScriptEnabled, viewport: WIDE });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy|Refused/i.test(message.text())) complaints.push(message.text());
    });
    const tag = script.replace(' ', '-');

    const request = await rp.authorize({ scope: 'openid email' });
    await page.goto(request.url.href);
    expect(await page.textContent('h1')).toBe('Sign in');
    expect(await page.getAttribute('#identifier', 'type')).toBe('text');
    await look(page, `login-${tag}`);

    await fill(page, 'Wrong-password-1');
    expect(await page.textContent('[role=alert]')).toContain('not right');
    expect(await page.inputValue('#identifier')).toBe(scene.person.identifier);
    expect(await page.inputValue('#password')).toBe('');
    await look(page, `wrong-${tag}`);

    await fill(page, scene.person.password);
    await page.waitForURL((url) => url.href.startsWith(rp.redirectUri));
    expect(await page.textContent('p')).toBe('Welcome');
    const tokens = await rp.redeem(new URL(page.url()), request);
    expect(tokens.claims()).toMatchObject({ sub: scene.person.userId, aud: scene.clientId });

    await page.goto(rp.endSessionUrl({ id_token_hint: String(tokens.id_token) }).href);
    await look(page, `sign-out-${tag}`);
    await page.click('#logout-confirm');
    await page.waitForSelector('text=signed out');
    await look(page, `signed-out-${tag}`);
    const silent = await rp.authorize({ prompt: 'none' });
    await page.goto(silent.url.href);
    expect(new URL(page.url()).searchParams.get('error')).toBe('login_required');
    expect(complaints).toEqual([]);
    await context.close();
  });
});
