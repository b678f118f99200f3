/** Single logout in a real Chromium, which holds scripts and forms against the policy of the page, and keeps a history. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Profile } from '@node-saml/node-saml';
import type { Browser, Page } from 'playwright-core';
import { describeWithChromium, launchChromium } from '../support/chromium.ts';
import { type Api, api, clientToken } from '../support/management.ts';
import { statusOf, xmlAt } from '../support/saml-logout.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { makeSamlClient, ServiceProvider } from '../support/service-provider.ts';
import { type App, startApp } from '../support/start-app.ts';

async function formOf(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
}

describeWithChromium('SAML single logout in Chromium', () => {
  const providers = new Map<string, ServiceProvider>();
  const profiles = new Map<string, Profile>();
  const relayStates: (string | undefined)[] = [];
  let isSilent = false;
  let app: App;
  let scene: Scene;
  let client: Api;
  let server: Server;
  let origin: string;
  let chromium: Browser;

  /** Takes responses at `/{name}/acs` and requests at `/{name}/slo`, to which it answers unless it is silent. */
  async function serve(request: IncomingMessage): Promise<string | URL> {
    const url = new URL(request.url ?? '/', origin);
    const [, name = '', place] = url.pathname.split('/');
    const sp = providers.get(name);
    if (!sp) return 'nothing here';
    const fields = request.method === 'POST' ? await formOf(request) : Object.fromEntries(url.searchParams);
    if (place === 'acs') {
      relayStates.push(fields.RelayState);
      profiles.set(name, await sp.accept({ SAMLResponse: fields.SAMLResponse ?? '' }));
      return 'Welcome';
    }
    if (fields.SAMLRequest === undefined || isSilent) return 'Bye';
    const { profile } = await (request.method === 'POST'
      ? sp.saml.validatePostRequestAsync({ SAMLRequest: fields.SAMLRequest })
      : sp.saml.validateRedirectAsync(fields, url.search.slice(1)));
    return new URL(
      await sp.saml.getLogoutResponseUrlAsync(profile as Profile, fields.RelayState ?? '', {}, true),
    );
  }

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const answer = await serve(request).catch((error: unknown) => String(error));
      if (answer instanceof URL) response.writeHead(302, { location: answer.href }).end();
      else response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><p>${answer}</p>`);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    app = await startApp();
    scene = await setScene(app);
    client = api(app, await clientToken(app, scene));
    for (const [name, binding] of [
      ['one', 'redirect'],
      ['two', 'post'],
      ['three', 'redirect'],
    ] as const) {
      const callbackUrl = `${origin}/${name}/acs`;
      const fields = {
        sp_acs_url: callbackUrl,
        sp_slo_url: `${origin}/${name}/slo`,
        sp_slo_binding: binding,
      };
      providers.set(name, new ServiceProvider(await makeSamlClient(client, fields), { callbackUrl }));
    }
    chromium = await launchChromium();
  });
  afterAll(async () => {
    await chromium?.close();
    await app?.discard();
    server?.closeAllConnections();
    server?.close();
  });

  const at = (name: string): ServiceProvider => providers.get(name) as ServiceProvider;

  /** Signs on with all three, and begins the logout at the first. */
  async function begin(page: Page): Promise<string[]> {
    const complaints: string[] = [];
    page.setDefaultTimeout(15_000);
    page.on('console', (message) => {
      if (/Content Security Policy|Refused/i.test(message.text())) complaints.push(message.text());
    });
    await page.goto(await at('one').redirect());
    await page.fill('#identifier', scene.person.identifier);
    await page.fill('#password', scene.person.password);
    await page.click('#login-submit');
    await page.waitForURL(`${origin}/one/acs`);
    for (const name of ['two', 'three']) {
      await page.goto(await at(name).redirect());
      await page.waitForURL(`${origin}/${name}/acs`);
    }
    await page.goto(await at('one').logout(profiles.get('one') as Profile, 'home'));
    return complaints;
  }
  const isAtEnd = (url: URL): boolean => url.pathname === '/one/slo' && url.searchParams.has('SAMLResponse');

  it('goes through all providers by itself, by their bindings', async () => {
    isSilent = false;
    const page = await (await chromium.newContext()).newPage();
    const complaints = await begin(page);
    await page.waitForURL(isAtEnd);
    expect(statusOf(xmlAt(page.url()))).toEqual(['Success']);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('is left at a provider that does not answer, and goes on without it from the page before', async () => {
    isSilent = true;
    const page = await (await chromium.newContext()).newPage();
    const complaints = await begin(page);
    for (const _ of ['two', 'three']) {
      await page.waitForURL((url) => /^\/(two|three)\/slo$/.test(url.pathname));
      await page.goBack();
      await page.getByText('No answer has come yet from').waitFor();
      await page.getByText('Continue without it').click();
    }
    await page.waitForURL(isAtEnd);
    expect(statusOf(xmlAt(page.url()))).toEqual(['Success', 'PartialLogout']);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('brings a relay state with CR LF back byte for byte; it makes CR LF of either alone, which is refused', async () => {
    const page = await (await chromium.newContext()).newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(await at('one').redirect('a\r\nb é"<&\t'));
    await page.fill('#identifier', scene.person.identifier);
    await page.fill('#password', scene.person.password);
    await page.click('#login-submit');
    await page.waitForURL(`${origin}/one/acs`);
    expect(relayStates.at(-1)).toBe('a\r\nb é"<&\t');
    // What the browser does to a hidden field, whether its line end is written as it is or by a reference.
    const form = `<form method=post action="${origin}/one/acs"><input type=hidden name=RelayState value="a&#10;b&#13;c\nd"></form>`;
    const sent = page.waitForRequest((request) => request.method() === 'POST');
    await page.setContent(`${form}<script>document.forms[0].submit()</script>`);
    expect(new URLSearchParams((await sent).postData() ?? '').get('RelayState')).toBe('a\r\nb\r\nc\r\nd');
    for (const lone of ['a\nb', 'a\rb']) {
      const answer = await page.goto(await at('one').redirect(lone));
      expect(answer?.status()).toBe(400);
    }
    await page.context().close();
  });
});
