/** What a LogoutRequest and a LogoutResponse must not achieve (contract/saml.md 1.5, SAML core 3.7, bindings 3.4 and 3.5). */
import { sign } from 'node:crypto';
import type { Profile } from '@node-saml/node-saml';
import { Browser, type Page } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import {
  type Asked,
  answerOf,
  asked,
  base64,
  deflated,
  type Keys,
  post,
  rsaKeys,
  signed,
  statusOf,
  xmlAt,
} from '../support/saml-logout.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type Credentials, makeSamlClient, ServiceProvider, signOn } from '../support/service-provider.ts';
import { type App, startApp } from '../support/start-app.ts';

const SLO = 'https://sp.example.com/slo';
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const RSA_SHA1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';

describe.each(policyStorages)('attacks on SAML single logout ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let client: Api;
  let keys: Keys;
  let rival: Keys;
  let other: Credentials;
  beforeAll(async () => {
    storage = await options();
    app = await startApp({ ...storage });
    scene = await setScene(app);
    client = api(app, await clientToken(app, scene));
    [keys, rival] = [await rsaKeys(), await rsaKeys()];
    other = { identifier: `other-${Date.now()}@example.com`, password: 'Correct1!Horse-battery' };
    const made = await api(app, await adminToken(app)).post('/v1/users', {
      email: other.identifier,
      credentials: { password: other.password, force_replace: false },
    });
    expect(made.status).toBe(201);
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const provider = async (fields: Record<string, unknown> = {}, by = keys): Promise<ServiceProvider> =>
    new ServiceProvider(
      await makeSamlClient(client, { sp_certificates: [keys.cert], sp_slo_url: SLO, ...fields }),
      { privateKey: by.key, signatureAlgorithm: 'sha256' },
    );
  const signedOn = async (
    sp: ServiceProvider,
    browser: Browser,
    person: Credentials = scene.person,
  ): Promise<Profile> => sp.accept(await signOn(browser, await sp.redirect(), person));
  const isAlive = async (browser: Browser): Promise<boolean> =>
    (await browser.open((await scene.rp.authorize({ prompt: 'none' })).url)).url.searchParams.has('code');
  /** A victim who is signed in, and a browser of nobody. */
  const victim = async (fields: Record<string, unknown> = {}) => {
    const sp = await provider(fields);
    const browser = new Browser(app);
    return { sp, browser, profile: await signedOn(sp, browser), stranger: new Browser(app) };
  };
  /** Not signed, from what the library would have signed. */
  const unsigned = async (sp: ServiceProvider, profile: Profile): Promise<string> => {
    const url = new URL(await sp.logout(profile));
    url.searchParams.delete('SigAlg');
    url.searchParams.delete('Signature');
    return url.href;
  };
  /** The query of an XML message, signed over these very octets. */
  const queryOf = (xml: string, { key } = keys, algorithm = RSA_SHA256, kind = 'SAMLRequest'): string => {
    const octets = `${kind}=${encodeURIComponent(deflated(xml))}&SigAlg=${encodeURIComponent(algorithm)}`;
    const hash = algorithm === RSA_SHA1 ? 'sha1' : 'sha256';
    const value = sign(hash, Buffer.from(octets), key).toString('base64');
    return `${octets}&Signature=${encodeURIComponent(value)}`;
  };
  const isRefused = (page: Page, words: string): void => {
    expect([page.status, page.forms.length]).toEqual([400, 0]);
    expect(page.html).toContain(words);
  };

  describe('a LogoutRequest', () => {
    it('that is not signed ends nothing without the cookie of the session, by either binding', async () => {
      const { sp, browser, profile, stranger } = await victim();
      const page = await stranger.open(await unsigned(sp, profile));
      expect(statusOf(xmlAt(page.url))).toEqual(['Requester', 'RequestDenied']);
      const posted = await post(stranger, sp, { SAMLRequest: base64(xmlAt(await unsigned(sp, profile))) });
      expect(statusOf(xmlAt(posted.url))).toEqual(['Requester', 'RequestDenied']);
      const { browser: second, ...without } = await victim({ sp_slo_url: '' });
      isRefused(await stranger.open(await unsigned(without.sp, without.profile)), 'neither signed');
      expect([await isAlive(browser), await isAlive(second)]).toEqual([true, true]);
    });

    it('that is not signed ends nothing with the cookie of another user’s session', async () => {
      const { sp, browser, profile, stranger } = await victim();
      await signedOn(sp, stranger, other);
      const page = await stranger.open(await unsigned(sp, profile));
      expect(statusOf(xmlAt(page.url))).toEqual(['Requester', 'RequestDenied']);
      expect([await isAlive(browser), await isAlive(stranger)]).toEqual([true, true]);
    });

    it('that is signed with a key that is not registered ends nothing, not even with the cookie', async () => {
      const { sp, browser, profile } = await victim();
      const xml = xmlAt(await unsigned(sp, profile));
      isRefused(await browser.open(`${sp.logoutUrl}?${queryOf(xml, rival)}`), 'registered certificate');
      isRefused(
        await post(browser, sp, { SAMLRequest: base64(signed(xml, rival)) }),
        'registered certificate',
      );
      expect(await isAlive(browser)).toBe(true);
    });

    it('that is not signed is refused where the client asks for signed requests', async () => {
      const { sp, browser, profile } = await victim({ want_authn_requests_signed: true });
      isRefused(await browser.open(await unsigned(sp, profile)), 'not signed');
      expect(await isAlive(browser)).toBe(true);
    });

    it('about another name, format or qualifier, or the session index of another client, ends nothing', async () => {
      const { sp, browser, profile } = await victim();
      const elsewhere = await signedOn(await provider(), browser);
      for (const wrong of [
        { nameID: other.identifier },
        { nameID: scene.person.identifier.toUpperCase() },
        { nameIDFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified' },
        { nameQualifier: 'https://other.example.com' },
        { spNameQualifier: 'https://other.example.com' },
        { sessionIndex: elsewhere.sessionIndex },
        { sessionIndex: 'unknown' },
      ]) {
        const page = await browser.open(await sp.logout({ ...profile, ...wrong } as Profile));
        expect([wrong, statusOf(xmlAt(page.url))]).toEqual([wrong, ['Requester', 'UnknownPrincipal']]);
        const plain = await browser.open(await unsigned(sp, { ...profile, ...wrong } as Profile));
        expect([wrong, statusOf(xmlAt(plain.url))]).toEqual([wrong, ['Requester', 'RequestDenied']]);
      }
      const nameless = { ...profile, nameID: other.identifier, sessionIndex: '' } as Profile;
      const page = await browser.open(await sp.logout(nameless));
      expect(statusOf(xmlAt(page.url))).toEqual(['Requester', 'UnknownPrincipal']);
      expect(await isAlive(browser)).toBe(true);
    });

    it('of another provider ends nothing: its issuer, its session index, its signature', async () => {
      const { sp, browser, profile } = await victim();
      const evil = await provider({ sp_certificates: [rival.cert] }, rival);
      const page = await browser.open(await evil.logout(profile));
      expect(statusOf(xmlAt(page.url))).toEqual(['Requester', 'UnknownPrincipal']);
      const xml = xmlAt(await evil.logout(profile)).replaceAll(evil.logoutUrl, sp.logoutUrl);
      isRefused(await browser.open(`${sp.logoutUrl}?${queryOf(xml)}`), 'The Issuer is');
      expect(await isAlive(browser)).toBe(true);
    });

    it('for another destination, or signed and without one, ends nothing', async () => {
      const { sp, browser, profile } = await victim();
      const xml = xmlAt(await sp.logout(profile));
      const foreign = xml.replace(sp.logoutUrl, 'https://other.example.com/slo');
      isRefused(await browser.open(`${sp.logoutUrl}?${queryOf(foreign)}`), 'The Destination is');
      const open = xml.replace(` Destination="${sp.logoutUrl}"`, '');
      expect(open).not.toContain('Destination');
      isRefused(await browser.open(`${sp.logoutUrl}?${queryOf(open)}`), 'has no Destination');
      isRefused(await post(browser, sp, { SAMLRequest: base64(signed(open, keys)) }), 'has no Destination');
      expect(await isAlive(browser)).toBe(true);
    });

    it('that was used before, is too old, or whose NotOnOrAfter is over ends nothing', async () => {
      const { sp, browser, profile } = await victim();
      const url = await sp.logout({ ...profile, sessionIndex: 'unknown' } as Profile);
      await browser.open(url);
      isRefused(await browser.open(url), 'used before');
      const xml = xmlAt(await sp.logout(profile));
      const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
      const old = xml.replace(/IssueInstant="[^"]+"/, `IssueInstant="${ago(400)}"`);
      isRefused(await browser.open(`${sp.logoutUrl}?${queryOf(old)}`), 'too old');
      const over = xml.replace(' IssueInstant', ` NotOnOrAfter="${ago(61)}" IssueInstant`);
      isRefused(await browser.open(`${sp.logoutUrl}?${queryOf(over)}`), 'NotOnOrAfter');
      expect(await isAlive(browser)).toBe(true);
      const inTime = xml.replace(' IssueInstant', ` NotOnOrAfter="${ago(30)}" IssueInstant`);
      await browser.open(`${sp.logoutUrl}?${queryOf(inTime)}`);
      expect(await isAlive(browser)).toBe(false);
    });

    it('around a signed AuthnRequest of the same provider ends nothing (signature wrapping)', async () => {
      const { sp, browser, profile, stranger } = await victim();
      const authn = signed(xmlAt(await sp.redirect()).replace(/^<\?xml[^>]*>/, ''), keys, 'AuthnRequest');
      const [signature = ''] = /<(?:ds:)?Signature[\s\S]*<\/(?:ds:)?Signature>/.exec(authn) ?? [];
      const bare = authn.replace(signature, '');
      const [, id = ''] = / ID="([^"]+)"/.exec(authn) ?? [];
      const around = async (before: string, after: string): Promise<string> =>
        xmlAt(await unsigned(sp, profile)).replace(
          '</saml:Issuer>',
          `</saml:Issuer>${before}<samlp:Extensions>${after}</samlp:Extensions>`,
        );
      const withId = (xml: string, value: string) => xml.replace(/ ID="[^"]+"/, ` ID="${value}"`);
      const hidden = await post(stranger, sp, { SAMLRequest: base64(await around('', authn)) });
      expect(statusOf(xmlAt(hidden.url))).toEqual(['Requester', 'RequestDenied']);
      for (const [xml, words] of [
        [await around(signature, bare), 'Reference: expected'],
        [await around(signature, authn), 'Reference: expected'],
        [withId(await around(signature, ''), id), 'DigestValue: expected'],
        [withId(await around(signature, bare), id), 'two XML elements have the same ID'],
      ] as const)
        isRefused(await post(stranger, sp, { SAMLRequest: base64(xml) }), words);
      expect(await isAlive(browser)).toBe(true);
    });

    it('whose signed query has a parameter twice, encoded in its name, or changed ends nothing', async () => {
      const { sp, browser, profile } = await victim();
      const url = await sp.logout(profile, 'relay');
      const bait = await sp.logout({ ...profile, sessionIndex: 'unknown' } as Profile, 'relay');
      const query = (from: string, name: string) =>
        new URL(from).search
          .slice(1)
          .split('&')
          .find((part) => part.startsWith(`${name}=`)) ?? '';
      const message = query(url, 'SAMLRequest');
      for (const [tampered, words] of [
        [`${bait}&${message}`, 'must name SAMLRequest once'],
        [`${bait}&${message.replace('SAML', '%53AML')}`, 'must name SAMLRequest exactly so'],
        [`${bait}&${message.replace('SAML', 'saml')}`, 'must name SAMLRequest exactly so'],
        [`${url}&RelayState=other`, 'must name RelayState once'],
        [url.replace('RelayState=relay', 'RelayState=other'), 'registered certificate'],
        [url.replace('&RelayState=relay', ''), 'registered certificate'],
        [bait.replace(query(bait, 'SAMLRequest'), message), 'registered certificate'],
        [url.replace(/&Signature=[^&]*/, ''), 'Signature and SigAlg belong together'],
        [url.replace(/&SigAlg=[^&]*/, ''), 'Signature and SigAlg belong together'],
      ] as const)
        isRefused(await new Browser(app).open(tampered), words);
      expect(await isAlive(browser)).toBe(true);
    });

    it('signed with SHA-1 ends nothing', async () => {
      const { sp, browser, profile } = await victim();
      const xml = xmlAt(await sp.logout(profile));
      isRefused(
        await browser.open(`${sp.logoutUrl}?${queryOf(xml, keys, RSA_SHA1)}`),
        'signature algorithm: expected one of',
      );
      expect(await isAlive(browser)).toBe(true);
    });

    it('that waits for the cookies is taken once, at its own client', async () => {
      const { sp, browser, profile } = await victim();
      const response = await fetch(
        new URL(new URL(await unsigned(sp, profile)).search, `${app.url}${new URL(sp.logoutUrl).pathname}`),
        { redirect: 'manual' },
      );
      const next = new URL(response.headers.get('location') ?? '');
      expect(next.pathname).toBe(`/saml/${sp.client.client_id}/slo/continue`);
      const rivalClient = await provider();
      const moved = next.href.replace(sp.client.client_id, rivalClient.client.client_id);
      isRefused(await browser.open(moved), 'over or was never begun');
      expect(await isAlive(browser)).toBe(true);
      expect(statusOf(xmlAt((await browser.open(next)).url))).toEqual(['Success']);
      isRefused(await browser.open(next), 'over or was never begun');
    });
  });

  describe('a LogoutResponse', () => {
    /** One begins, another is asked, a third was told of the session too and waits. */
    const begun = async () => {
      const { sp, browser, profile } = await victim();
      const [second, third] = [
        await provider({ sp_slo_url: `${SLO}/2` }),
        await provider({ sp_slo_url: `${SLO}/2` }),
      ];
      await signedOn(second, browser);
      await signedOn(third, browser);
      const page = await browser.open(await sp.logout(profile, 'r'));
      const isSecond = xmlAt(asked(page).at).includes(second.client.entity_id);
      const [now, later] = isSecond ? [second, third] : [third, second];
      return { sp, browser, now, later, page, step: asked(page) };
    };
    const stepNow = async (browser: Browser, page: Page): Promise<Asked> =>
      asked(await browser.open(page.url));

    it('to another request, or of another provider, does not go on', async () => {
      const { browser, now, later, page, step } = await begun();
      const url = new URL(await answerOf(now, step));
      const foreign = xmlAt(url).replace(/InResponseTo="[^"]+"/, 'InResponseTo="_other"');
      const relay = `&RelayState=${step.fields.RelayState}`;
      const at = (sp: ServiceProvider, xml: string): string => {
        const octets = `SAMLResponse=${encodeURIComponent(deflated(xml))}${relay}&SigAlg=${encodeURIComponent(RSA_SHA256)}`;
        const value = sign('sha256', Buffer.from(octets), keys.key).toString('base64');
        return `${sp.logoutUrl}?${octets}&Signature=${encodeURIComponent(value)}`;
      };
      isRefused(await browser.open(at(now, foreign)), 'InResponseTo');
      const ofOther = xmlAt(url)
        .replaceAll(now.client.sp_entity_id, later.client.sp_entity_id)
        .replaceAll(now.logoutUrl, later.logoutUrl);
      isRefused(await browser.open(at(later, ofOther)), 'Another service provider was asked');
      const issuer = xmlAt(url).replace(now.client.sp_entity_id, later.client.sp_entity_id);
      isRefused(await browser.open(at(now, issuer)), 'The Issuer is');
      const elsewhere = xmlAt(url).replace(now.logoutUrl, later.logoutUrl);
      isRefused(await browser.open(at(now, elsewhere)), 'The Destination is');
      expect((await stepNow(browser, page)).at.origin).toBe(new URL(SLO).origin);
    });

    it('that is replayed does not go on twice', async () => {
      const { browser, now, later, step } = await begun();
      const url = await answerOf(now, step);
      const next = await browser.open(url);
      expect(xmlAt(asked(next).at)).toContain(later.client.entity_id);
      isRefused(await browser.open(url), 'over or was never begun');
      isRefused(await browser.open(step.without), 'over or was never begun');
      expect(asked(await browser.open(next.url)).fields.RelayState).not.toBe(step.fields.RelayState);
    });

    it('is taken once of two that come at the same time', async () => {
      const { browser, now, step } = await begun();
      const url = await answerOf(now, step);
      const pages = await Promise.all([browser.open(url), new Browser(app).open(url)]);
      expect(pages.map(({ status }) => status).sort()).toEqual([200, 400]);
    });

    it('with another relay state, or none, leads nowhere (open redirect)', async () => {
      const { browser, now, step } = await begun();
      for (const RelayState of ['https://evil.example.com/', '//evil.example.com', 'guess', '']) {
        const url = await answerOf(now, { ...step, fields: { ...step.fields } });
        const xml = xmlAt(url);
        const page = await post(browser, now, {
          SAMLResponse: base64(signed(xml, keys, 'LogoutResponse')),
          ...(RelayState !== '' && { RelayState }),
        });
        isRefused(page, 'RelayState was changed');
        expect(page.html).not.toContain('evil');
      }
    });

    it('with a bad signature is refused, and the step stays', async () => {
      const { browser, now, page, step } = await begun();
      const url = new URL(await answerOf(now, step));
      url.searchParams.set('RelayState', 'x');
      isRefused(await browser.open(url), 'registered certificate');
      expect((await stepNow(browser, page)).fields.RelayState).toBe(step.fields.RelayState);
    });
  });

  it('an unknown step leads nowhere, and no place is taken from the address', async () => {
    for (const path of [
      '/saml/logout',
      '/saml/logout?step=guess',
      '/saml/logout?step=a&step=b',
      '/saml/logout/without?step=guess&next=https://evil.example.com',
    ])
      isRefused(await new Browser(app).open(path), 'over or was never begun');
  });

  it('the relay state of an OIDC sign-out is no way to another place than the registered one', async () => {
    const { sp, browser } = await victim();
    const tokens = await scene.rp.signIn(app, scene.person, { browser });
    const [form] = (
      await browser.open(
        scene.rp.endSessionUrl({
          id_token_hint: String(tokens.id_token),
          post_logout_redirect_uri: REDIRECT_URI,
        }),
      )
    ).forms;
    if (!form) throw new Error('no sign-out form');
    const step = asked(await browser.submit(form, { logout: 'yes' }));
    const url = `${await answerOf(sp, step)}&next=https://evil.example.com/`;
    expect((await browser.open(url)).url.href).toBe(REDIRECT_URI);
  });
});
