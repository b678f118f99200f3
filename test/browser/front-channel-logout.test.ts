/** Front-channel logout in a real Chromium, which holds frames and script against the policy of the page. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Browser } from 'playwright-core';
import { describeWithChromium, launchChromium } from '../support/chromium.ts';
import { RelyingParty } from '../support/relying-party.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

describeWithChromium('front-channel logout in Chromium', () => {
  const asked: URL[] = [];
  let app: App;
  let scene: Scene;
  let rp: RelyingParty;
  let server: Server;
  let origin: string;
  let chromium: Browser;

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(new URL(request.url ?? '/', origin));
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>RP</title><p>Welcome</p>');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    app = await startApp();
    scene = await setScene(app, {
      redirect_uris: [`${origin}/callback`],
      frontchannel_logout_uri: `${origin}/bye`,
      frontchannel_logout_session_required: true,
    });
    const { clientId, clientSecret } = scene;
    rp = await RelyingParty.discover(app, { clientId, clientSecret, redirectUri: `${origin}/callback` });
    chromium = await launchChromium();
  });
  afterAll(async () => {
    await chromium?.close();
    await app?.discard();
    server?.closeAllConnections();
    server?.close();
  });

  it.each([
    { script: 'by itself', javaScriptEnabled: true },
    { script: 'by the link where there is no script', javaScriptEnabled: false },
  ])('loads the page of the client and goes on $script', async ({ javaScriptEnabled }) => {
    const page = await (await chromium.newContext({ javaScriptEnabled })).newPage();
    page.setDefaultTimeout(15_000);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy|Refused/i.test(message.text())) complaints.push(message.text());
    });
    const request = await rp.authorize();
    await page.goto(request.url.href);
    await page.fill('#identifier', scene.person.identifier);
    await page.fill('#password', scene.person.password);
    await page.click('#login-submit');
    await page.waitForURL((url) => url.pathname === '/callback');
    const tokens = await rp.redeem(new URL(page.url()), request);

    const state = `done-${javaScriptEnabled}`;
    const parameters = { id_token_hint: String(tokens.id_token), post_logout_redirect_uri: rp.redirectUri };
    await page.goto(rp.endSessionUrl({ ...parameters, state }).href);
    await page.click('#logout-confirm');
    if (!javaScriptEnabled) await page.click('#sign-out-continue');
    await page.waitForURL((url) => url.searchParams.get('state') === state);
    const bye = asked.filter(({ pathname }) => pathname === '/bye').at(-1);
    expect(bye?.searchParams.get('sid')).toBe(tokens.claims()?.sid);
    expect(bye?.searchParams.get('iss')).toBe(app.issuer);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
