/** SAML single logout with service providers of other authors (@node-saml/node-saml), contract/saml.md 1.5. */
import { createPublicKey, verify } from 'node:crypto';
import type { Profile, SamlConfig } from '@node-saml/node-saml';
import { decodeJwt } from 'jose';
import { Browser, type Page } from '../support/browser.ts';
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
const NEVER = 'never' as NonNullable<SamlConfig['validateInResponseTo']>;
const idOf = (xml: string): string => /<samlp:Logout\w+ [^>]*?ID="([^"]+)"/.exec(xml)?.[1] ?? 'none';

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
  const without = (profile: Profile, member: keyof Profile): Profile =>
    Object.fromEntries(Object.entries(profile).filter(([name]) => name !== member)) as Profile;
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

    it('signs a query by ECDSA with r and s one after the other, as the algorithm says (RFC 9231 section 2.3.6)', async () => {
      const sp = await provider({ signature_algorithm: 'ecdsa-sha256' });
      const browser = new Browser(app);
      // The library reads no ECDSA: its profile is what the response says.
      const xml = xmlOf(await signOn(browser, await sp.redirect(), scene.person));
      const [, sessionIndex] = / SessionIndex="([^"]+)"/.exec(xml) ?? [];
      const [, nameIDFormat] = /<saml:NameID Format="([^"]+)"/.exec(xml) ?? [];
      const profile = { nameID: scene.person.identifier, nameIDFormat, sessionIndex } as Profile;
      const { url } = await browser.open(await sp.logout(profile, 'r'));
      expect(statusOf(xmlAt(url))).toEqual(['Success']);
      const [octets = '', value = ''] = url.search.slice(1).split('&Signature=');
      const signature = Buffer.from(decodeURIComponent(value), 'base64');
      const key = createPublicKey(sp.client.x509_certificate);
      expect(url.searchParams.get('SigAlg')).toBe('http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256');
      const how = (dsaEncoding: 'der' | 'ieee-p1363') =>
        verify('sha256', Buffer.from(octets), { key, dsaEncoding }, signature);
      expect([signature.length, how('ieee-p1363'), how('der')]).toEqual([64, true, false]);
    });

    it('takes a signed request by the POST binding without any cookie, and answers by it', async () => {
      // The library looks for InResponseTo in sign-on responses only; it is compared below.
      const sp = await provider({ sp_slo_binding: 'post' }, { validateInResponseTo: NEVER });
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
      expect(xmlOf(form)).toContain(` InResponseTo="${idOf(xml)}"`);
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

    it('without a SessionIndex ends every session of that name with this client, where it is signed (SAML core 3.7.1)', async () => {
      const sp = await provider();
      const [here, there] = [new Browser(app), new Browser(app)];
      const profile = await signedOn(sp, here);
      await signedOn(sp, there);
      const page = await here.open(await sp.logout(without(profile, 'sessionIndex')));
      expect(await taken(sp, page)).toEqual(['Success']);
      expect([await isAlive(here), await isAlive(there)]).toEqual([false, false]);
    });

    it('without a SessionIndex and a signature ends the session of this browser alone', async () => {
      const sp = await plainProvider();
      const [here, there] = [new Browser(app), new Browser(app)];
      const profile = await signedOn(sp, here);
      await signedOn(sp, there);
      const page = await here.open(await sp.logout(without(profile, 'sessionIndex')));
      expect(await taken(sp, page)).toEqual(['Success']);
      expect([await isAlive(here), await isAlive(there)]).toEqual([false, true]);
    });

    it('finds persistent and transient names, the former without its qualifiers too (SAML core 8.3.7)', async () => {
      for (const format of ['persistent', 'transient']) {
        const identifierFormat = `urn:oasis:names:tc:SAML:2.0:nameid-format:${format}`;
        const sp = await provider({}, { identifierFormat });
        const browser = new Browser(app);
        const first = await signedOn(sp, browser);
        const again = await signedOn(sp, browser);
        expect(again.nameID).toBe(first.nameID);
        const { nameID, nameIDFormat, sessionIndex } = first;
        const page = await browser.open(await sp.logout({ nameID, nameIDFormat, sessionIndex } as Profile));
        expect(await taken(sp, page)).toEqual(['Success']);
        expect(await isAlive(browser)).toBe(false);
      }
    });

    it('says Success where the session had ended before: there is nothing left to do', async () => {
      const sp = await provider();
      const browser = new Browser(app);
      const profile = await signedOn(sp, browser);
      await browser.open(await sp.logout(profile));
      expect(await taken(sp, await browser.open(await sp.logout(profile)))).toEqual(['Success']);
    });

    it('ends on a page of ours where the provider has no sp_slo_url', async () => {
      const sp = await provider({ sp_slo_url: '' });
      const browser = new Browser(app);
      const page = await browser.open(await sp.logout(await signedOn(sp, browser)));
      expect([page.status, page.html]).toEqual([200, expect.stringContaining('You are signed out')]);
      expect(await isAlive(browser)).toBe(false);
    });
  });

  describe('partial logout (SAML core 3.7.3.2)', () => {
    /** Signs on with both, and has the first begin; the page asks the second. */
    const begun = async (fields: Record<string, unknown> = {}) => {
      const [sp, other] = [await provider(), await provider({ sp_slo_url: `${SLO}/other`, ...fields })];
      const browser = new Browser(app);
      const profile = await signedOn(sp, browser);
      await signedOn(other, browser);
      return { sp, other, browser, page: await browser.open(await sp.logout(profile, 'r')) };
    };
    /** node-saml takes nothing beside Success, but does not look at the second level. */
    const PARTIAL = ['Success', 'PartialLogout'];

    it('is reported where a participant has no sp_slo_url', async () => {
      const { sp, page, browser } = await begun({ sp_slo_url: '' });
      expect(await taken(sp, page)).toEqual(PARTIAL);
      expect(await isAlive(browser)).toBe(false);
    });

    it('is reported where a participant answers with an error', async () => {
      const { sp, other, page, browser } = await begun();
      const end = await browser.open(await answerOf(other, asked(page), false));
      expect(await taken(sp, end)).toEqual(PARTIAL);
    });

    it('is reported where a participant that signs answers without a signature', async () => {
      const { sp, other, page, browser } = await begun();
      const plain = new ServiceProvider(other.client);
      const end = await browser.open(await answerOf(plain, asked(page)));
      expect(await taken(sp, end)).toEqual(PARTIAL);
    });

    it('is reported where a participant never answers: the page goes on by itself once, then the person decides', async () => {
      for (const binding of ['redirect', 'post']) {
        const { sp, page, browser } = await begun({ sp_slo_binding: binding });
        expect(page.html).toContain('<script nonce=');
        const back = await browser.open(page.url);
        expect(back.html).not.toContain('<script');
        expect(back.html).toContain('No answer has come yet from <strong>Payroll</strong>');
        expect(asked(back).binding).toBe(binding);
        const end = await browser.open(asked(back).without);
        expect(end.url.searchParams.get('RelayState')).toBe('r');
        expect(await taken(sp, end)).toEqual(PARTIAL);
      }
    });
  });

  describe('and the OIDC side', () => {
    const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
    const signOut = async (browser: Browser, parameters: Record<string, string> = {}, at = scene) => {
      const [form] = (await browser.open(at.rp.endSessionUrl(parameters))).forms;
      if (!form) throw new Error('no sign-out form');
      return browser.submit(form, { logout: 'yes' });
    };

    it('tells OIDC clients by back channel of a sign-out by SAML; their refresh tokens live on (tokens-and-sessions.md 5)', async () => {
      const sp = await provider();
      const browser = new Browser(app);
      const tokens = await scene.rp.signIn(app, scene.person, { browser, parameters: OFFLINE });
      const profile = await signedOn(sp, browser);
      const coming = receiver.next('a logout token');
      await browser.open(await sp.logout(profile));
      expect(decodeJwt((await coming).token)).toMatchObject({
        sub: scene.person.userId,
        aud: scene.clientId,
      });
      expect(await isAlive(browser)).toBe(false);
      expect(typeof (await scene.rp.refresh(String(tokens.refresh_token))).access_token).toBe('string');
    });

    it('visits the providers of this browser’s session at an OIDC sign-out, and then goes to the post-logout URI', async () => {
      const [sp, other] = [await provider(), await provider({ sp_slo_url: `${SLO}/other` })];
      const browser = new Browser(app);
      const tokens = await scene.rp.signIn(app, scene.person, { browser });
      const profile = await signedOn(sp, browser);
      await signedOn(other, new Browser(app));
      const page = await signOut(browser, {
        id_token_hint: String(tokens.id_token),
        post_logout_redirect_uri: REDIRECT_URI,
        state: 'a"b',
      });
      expect(await isAlive(browser)).toBe(false);
      const step = asked(page);
      const { nameID, sessionIndex } = profile;
      expect((await read(sp, step)).profile).toMatchObject({ nameID, sessionIndex });
      const end = await browser.open(await answerOf(sp, step));
      expect(end.url.href).toBe(`${REDIRECT_URI}?state=${encodeURIComponent('a"b')}`);
    });

    it('says on our page whether all of them confirmed, where there is nowhere to go', async () => {
      const sp = await provider();
      for (const [isDone, words] of [
        [true, 'You are signed out</h1>'],
        [false, 'You are signed out here</h1>'],
      ] as const) {
        const browser = new Browser(app);
        await signedOn(sp, browser);
        const page = await browser.open(await answerOf(sp, asked(await signOut(browser)), isDone));
        expect([page.status, page.html]).toEqual([200, expect.stringContaining(words)]);
      }
    });

    it('shows the frames of the front channel first', async () => {
      const front = await setScene(app, { frontchannel_logout_uri: 'https://rp.example.com/bye' });
      const sp = await provider();
      const browser = new Browser(app);
      await front.rp.signIn(app, scene.person, { browser });
      await signedOn(sp, browser);
      const page = await signOut(browser, {}, front);
      expect(page.html).toContain('<iframe src="https://rp.example.com/bye"');
      const [, href = ''] = /<a href="([^"]*)" id="sign-out-continue">/.exec(page.html) ?? [];
      expect(asked(await browser.open(href)).at.href).toContain(SLO);
    });

    it('loads the frames of OIDC clients at a sign-out by SAML too, and then goes through the providers', async () => {
      const front = await setScene(app, { frontchannel_logout_uri: 'https://rp.example.com/bye' });
      const [sp, other] = [await provider(), await provider({ sp_slo_url: `${SLO}/other` })];
      const browser = new Browser(app);
      await front.rp.signIn(app, scene.person, { browser });
      const profile = await signedOn(sp, browser);
      await signedOn(other, browser);
      const page = await browser.open(await sp.logout(profile));
      expect(page.html).toContain('<iframe src="https://rp.example.com/bye"');
      const [, href = ''] = /<a href="([^"]*)" id="sign-out-continue">/.exec(page.html) ?? [];
      const step = asked(await browser.open(href));
      expect(await taken(sp, await browser.open(await answerOf(other, step)))).toEqual(['Success']);
    });

    it('is not held up by providers that have no sp_slo_url', async () => {
      const sp = await provider({ sp_slo_url: '' });
      const browser = new Browser(app);
      await signedOn(sp, browser);
      expect((await signOut(browser)).url.pathname).toBe('/oidc/session/end/success');
    });
  });
});
