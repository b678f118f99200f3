/** SAML single logout with service providers of other authors (@node-saml/node-saml), contract/saml.md 1.5. */
import type { Profile, SamlConfig } from '@node-saml/node-saml';
import { Browser, type Page, signIn } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { LogoutReceiver } from '../support/logout-receiver.ts';
import { type Api, api, clientToken } from '../support/management.ts';
import {
  answerOf,
  asked,
  base64,
  type Keys,
  post,
  read,
  rsaKeys,
  signed,
  statusOf,
  xmlAt,
} from '../support/saml-logout.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { makeSamlClient, postedForm, ServiceProvider, signOn, xmlOf } from '../support/service-provider.ts';
import { type App, startApp } from '../support/start-app.ts';

const SLO = 'https://sp.example.com/slo';

describe.each(policyStorages)('SAML single logout ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let client: Api;
  let keys: Keys;
  let receiver: LogoutReceiver;
  beforeAll(async () => {
    storage = await options();
    app = await startApp({ ...storage });
    receiver = await LogoutReceiver.listen();
    scene = await setScene(app, { backchannel_logout_uri: receiver.uri });
    client = api(app, await clientToken(app, scene));
    keys = await rsaKeys();
  });
  afterAll(async () => {
    await receiver?.close();
    await app?.discard();
    await storage?.release();
  });

  /** One that signs. */
  const provider = async (
    fields: Record<string, unknown> = {},
    settings: Partial<SamlConfig> = {},
  ): Promise<ServiceProvider> =>
    new ServiceProvider(
      await makeSamlClient(client, { sp_certificates: [keys.cert], sp_slo_url: SLO, ...fields }),
      { privateKey: keys.key, signatureAlgorithm: 'sha256', ...settings },
    );
  /** One that does not. */
  const plainProvider = async (fields: Record<string, unknown> = {}): Promise<ServiceProvider> =>
    new ServiceProvider(await makeSamlClient(client, { sp_slo_url: SLO, ...fields }));

  const signedOn = async (sp: ServiceProvider, browser: Browser, person = scene.person): Promise<Profile> =>
    sp.accept(await signOn(browser, await sp.redirect(), person));
  const isAlive = async (browser: Browser): Promise<boolean> =>
    (await browser.open((await scene.rp.authorize({ prompt: 'none' })).url)).url.searchParams.has('code');
  /** What the provider makes of our answer by the Redirect binding, and what it says. */
  const taken = async (sp: ServiceProvider, { url }: Page): Promise<string[]> => {
    const statuses = statusOf(xmlAt(url));
    await sp.saml.validateRedirectAsync(Object.fromEntries(url.searchParams), url.search.slice(1));
    return statuses;
  };

  describe('started by a provider', () => {
    it('ends the session for a signed request by the Redirect binding, and answers at sp_slo_url with the relay state', async () => {
      const sp = await provider();
      const browser = new Browser(app);
      const profile = await signedOn(sp, browser);
      expect(await isAlive(browser)).toBe(true);
      const page = await browser.open(await sp.logout(profile, 'bye?<1>&"'));
      expect(page.url.origin + page.url.pathname).toBe(SLO);
      expect(page.url.searchParams.get('RelayState')).toBe('bye?<1>&"');
      expect(await taken(sp, page)).toEqual(['Success']);
      expect(await isAlive(browser)).toBe(false);
    });

    it('takes a signed request by the POST binding without any cookie, and answers by it', async () => {
      const sp = await provider({ sp_slo_binding: 'post' });
      const browser = new Browser(app);
      const profile = await signedOn(sp, browser);
      const xml = signed(xmlAt(await sp.logout(profile)), keys);
      const page = await post(new Browser(app), sp, { SAMLRequest: base64(xml), RelayState: 'r' });
      const form = postedForm(page);
      expect(form).toMatchObject({ action: SLO, RelayState: 'r' });
      expect(await sp.saml.validatePostResponseAsync({ SAMLResponse: form.SAMLResponse })).toEqual({
        profile: null,
        loggedOut: true,
      });
      expect(statusOf(xmlOf(form))).toEqual(['Success']);
      expect(await isAlive(browser)).toBe(false);
    });

    it('takes a request that is not signed with the cookie of the session, by both bindings', async () => {
      const sp = await plainProvider();
      for (const isPost of [false, true]) {
        const browser = new Browser(app);
        const url = await sp.logout(await signedOn(sp, browser), 'r');
        const page = await (isPost
          ? post(browser, sp, { SAMLRequest: base64(xmlAt(url)), RelayState: 'r' })
          : browser.open(url));
        expect(await taken(sp, page)).toEqual(['Success']);
        expect(await isAlive(browser)).toBe(false);
      }
    });

    it('leads the browser through every other provider of the session, by its binding, and then back', async () => {
      const [sp, second, third] = [
        await provider(),
        await provider({ sp_slo_url: `${SLO}/2?tenant=a` }),
        await provider({ sp_slo_url: `${SLO}/3`, sp_slo_binding: 'post' }),
      ];
      const browser = new Browser(app);
      const profile = await signedOn(sp, browser);
      const others = new Map([
        [`${SLO}/2`, { sp: second, profile: await signedOn(second, browser) }],
        [`${SLO}/3`, { sp: third, profile: await signedOn(third, browser) }],
      ]);
      let page = await browser.open(await sp.logout(profile, 'home'));
      const seen: string[] = [];
      while (page.status !== 0) {
        const step = asked(page);
        const at = step.at.origin + step.at.pathname;
        seen.push(at);
        const other = others.get(at);
        if (!other) throw new Error(`nobody is at ${at}`);
        const { nameID, sessionIndex } = other.profile;
        expect((await read(other.sp, step)).profile).toMatchObject({ nameID, sessionIndex });
        page = await browser.open(await answerOf(other.sp, step));
      }
      expect(seen.sort()).toEqual([...others.keys()]);
      expect(page.url.searchParams.get('RelayState')).toBe('home');
      expect(await taken(sp, page)).toEqual(['Success']);
    });
  });
});
