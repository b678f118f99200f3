/** Consent in a real Chromium, which holds every redirect after a form against the policy: both kinds of page. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import type { Browser, Page } from 'playwright-core';
import { describeWithChromium, launchChromium } from '../support/chromium.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import { addThirdParty } from '../support/third-party.ts';

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 360, height: 640 };
const SCOPE = 'openid email orders:read offline_access';

/** `/callback` of the partner, and `/consent` of the shop, which offers both answers as links. */
async function outsideServer(tessera: () => string): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    const url = new URL(String(request.url), 'http://127.0.0.1');
    const id = encodeURIComponent(url.searchParams.get('src_interaction') ?? '');
    const link = (approved: boolean) =>
      `<a id="approved-${approved}" href="${tessera()}/auth/consent/callback?src_interaction=${id}&amp;approved=${approved}">${approved}</a>`;
    const body = url.pathname === '/consent' ? `<p>Shop</p>${link(true)}${link(false)}` : '<p>Welcome</p>';
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>x</title>${body}`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, origin: `http://127.0.0.1:${address.port}` };
}

describeWithChromium('consent in Chromium', () => {
  let app: App;
  let scene: Scene;
  let server: Server;
  let origin: string;
  let chromium: Browser;
  let shots: string;

  beforeAll(async () => {
    shots = mkdtempSync(join(tmpdir(), 'tessera-consent-shots-'));
    ({ server, origin } = await outsideServer(() => app.url));
    app = await startApp();
    scene = await setScene(app);
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

  const partner = (fields: Record<string, unknown> = {}) =>
    addThirdParty(app, scene, {
      redirect_uris: [`${origin}/callback`],
      allowed_scopes: SCOPE.split(' '),
      ...fields,
    });
  const authorize = async (party: Awaited<ReturnType<typeof partner>>) =>
    party.rp.authorize({
      scope: SCOPE,
      prompt: 'consent',
      resource: scene.resource.uri,
      redirect_uri: `${origin}/callback`,
    });

  async function open(javaScriptEnabled: boolean): Promise<{ page: Page; complaints: string[] }> {
    const context = await chromium.newContext({ javaScriptEnabled, viewport: WIDE });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy|Refused/i.test(message.text())) complaints.push(message.text());
    });
    return { page, complaints };
  }
  async function signIn(page: Page): Promise<void> {
    await page.fill('#identifier', scene.person.identifier);
    await page.fill('#password', scene.person.password);
    await page.click('#login-submit');
  }
  /** Takes a picture in both widths, and holds that nothing needs scrolling sideways. */
  async function look(page: Page, name: string): Promise<void> {
    for (const size of [WIDE, NARROW]) {
      await page.setViewportSize(size);
      const path = join(shots, `${name}-${size.width}.png`);
      await page.screenshot({ path, fullPage: true });
      expect(statSync(path).size).toBeGreaterThan(1000);
      const [content, visible] = (await page.evaluate(
        '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
      )) as [number, number];
      expect(content).toBeLessThanOrEqual(visible);
    }
    await page.setViewportSize(WIDE);
  }

  it.each([
    { script: 'with script', javaScriptEnabled: true },
    { script: 'without script', javaScriptEnabled: false },
  ])("denies and allows on Tessera's own page, $script (R27, R92)", async ({ javaScriptEnabled }) => {
    const party = await partner();
    const { page, complaints } = await open(javaScriptEnabled);
    await page.goto((await authorize(party)).url.href);
    await signIn(page);
    await page.waitForSelector('#consent-allow');
    expect(await page.textContent('h1')).toBe('Allow access?');
    await look(page, `consent-${javaScriptEnabled}`);
    await page.click('#consent-deny');
    await page.waitForURL((url) => url.href.startsWith(`${origin}/callback`));
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');

    const request = await authorize(party);
    await page.goto(request.url.href);
    await page.click('#consent-allow');
    await page.waitForURL((url) => url.href.startsWith(`${origin}/callback`));
    const tokens = await party.rp.redeem(new URL(page.url()), request);
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      sub: scene.person.userId,
      client_id: party.clientId,
      aud: scene.resource.uri,
    });
    await page.goBack();
    await page.goto(`${app.url}/auth/consent/callback?src_interaction=${'x'.repeat(21)}&approved=true`);
    expect(await page.textContent('h1')).toBe('This question is no longer open');
    await look(page, `closed-${javaScriptEnabled}`);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("goes straight from the sign-in form to the first party's page and back (R79, R91, R92)", async () => {
    const party = await partner({ consent_uri: `${origin}/consent` });
    const { page, complaints } = await open(true);
    const request = await authorize(party);
    await page.goto(request.url.href);
    await signIn(page);
    await page.waitForURL((url) => url.href.startsWith(`${origin}/consent`));
    expect(JSON.parse(String(new URL(page.url()).searchParams.get('requested_scope'))).sort()).toEqual(
      SCOPE.split(' ').sort(),
    );
    await page.click('#approved-true');
    await page.waitForURL((url) => url.href.startsWith(`${origin}/callback`));
    const tokens = await party.rp.redeem(new URL(page.url()), request);
    expect(tokens.refresh_token).toBeDefined();
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
