/** The attacks on a SAML identity provider, each by its name, against the running server (issue 6 "Distrust", contract/saml.md 1.2). */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import { Browser, type Page, signIn, signInForm } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import {
  idOf,
  type RequestParts,
  RSA_SHA256,
  requestXml,
  signedQuery,
  signedXml,
} from '../support/saml-requests.ts';
import { type Scene, setScene } from '../support/scene.ts';
import {
  ACS,
  makeSamlClient,
  type PostedForm,
  postedForm,
  type SamlClientFields,
  ServiceProvider,
  signOn,
  xmlOf,
} from '../support/service-provider.ts';
import { type App, startApp } from '../support/start-app.ts';
import { DS, wrappings } from '../support/xml-messages.ts';
import { rsaIdentity, type XmlIdentity } from '../support/xml-tools.ts';

/** Registered as well, so that a forged request for it fails for nothing but its signature. */
const OTHER_ACS = 'https://sp.example.com/other';
const EVIL = 'https://evil.example.com/acs';

describe.each(policyStorages)('attacks on SAML sign-on ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let client: Api;
  let admin: Api;
  let provider: XmlIdentity;
  let stranger: XmlIdentity;
  /** Asks for signed requests. */
  let careful: SamlClientFields;
  /** Does not. */
  let careless: SamlClientFields;
  beforeAll(async () => {
    [provider, stranger, storage] = await Promise.all([rsaIdentity(), rsaIdentity(), options()]);
    app = await startApp({ ...storage });
    scene = await setScene(app);
    client = api(app, await clientToken(app, scene));
    admin = api(app, await adminToken(app));
    careful = await makeCareful(provider);
    careless = await makeSamlClient(client);
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const makeCareful = ({ certificate }: XmlIdentity): Promise<SamlClientFields> =>
    makeSamlClient(client, {
      sp_certificates: [certificate],
      want_authn_requests_signed: true,
      sp_acs_endpoints: [{ index: 1, url: OTHER_ACS }],
    });
  const at = ({ sso_url }: SamlClientFields): string => new URL(new URL(sso_url).pathname, app.url).href;

  interface Told {
    readonly status: number;
    readonly text: string;
    readonly location: string | null;
  }
  const told = async (answer: Response): Promise<Told> => ({
    status: answer.status,
    text: await answer.text(),
    location: answer.headers.get('location'),
  });
  const fetched = async (url: string, init: RequestInit = {}): Promise<Told> =>
    told(await fetch(url, { redirect: 'manual', ...init }));
  const posted = (to: SamlClientFields, xml: string | Buffer, relayState?: string): Promise<Told> =>
    fetched(at(to), {
      method: 'POST',
      body: new URLSearchParams({
        SAMLRequest: Buffer.from(xml).toString('base64'),
        ...(relayState !== undefined && { RelayState: relayState }),
      }),
    });
  const queried = (to: SamlClientFields, query: string): Promise<Told> => fetched(`${at(to)}?${query}`);
  /** A page that says why, that sends the browser nowhere and posts nothing. */
  const expectRefused = ({ status, text, location }: Told, words: string | RegExp = ''): void => {
    expect({ status, location, forms: text.includes('<form') }).toEqual({
      status: 400,
      location: null,
      forms: false,
    });
    expect(text).toMatch(words);
  };
  const expectTaken = ({ status, location, text }: Told): void => {
    expect({ status, text: status === 303 ? '' : text }).toEqual({ status: 303, text: '' });
    expect(location).toMatch(/\/continue\?request=/);
  };
  const signed = (parts: RequestParts = {}, by = provider, to = careful): Promise<string> =>
    signedXml(requestXml(to, parts), by);

  describe('signature wrapping of a request that the provider did sign (POST)', () => {
    const forgery = (id: string): string =>
      requestXml(careful, { id, attributes: `AssertionConsumerServiceURL="${OTHER_ACS}"` });

    it('is shown against what would be taken: the signed request, and the forged one where nobody asks for a signature', async () => {
      expectTaken(await posted(careful, await signed({ id: '_good' })));
      const open = await makeSamlClient(client, { sp_acs_endpoints: [{ index: 1, url: OTHER_ACS }] });
      expectTaken(
        await posted(open, requestXml(open, { attributes: `AssertionConsumerServiceURL="${OTHER_ACS}"` })),
      );
    });

    const VARIANTS = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `XSW${number}`);
    it.each(VARIANTS)('%s', async (variant) => {
      const good = await signed({ id: '_good' });
      expectRefused(await posted(careful, wrappings('AuthnRequest', good, forgery)[variant] ?? ''));
    });

    /** The same with an AuthnRequest as root, so that no other check can be what refuses it. */
    const rooted = (good: string, evil = '_evil'): Record<string, string> => {
      const [signature = ''] = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(good) ?? [];
      const bare = good.replace(signature, '');
      const holding = (inner: string, where: 'after' | 'end' | 'first') => {
        const root = forgery(evil);
        if (where === 'first') return root.replace('<saml:Issuer>', () => `${inner}<saml:Issuer>`);
        if (where === 'end')
          return root.replace('</samlp:AuthnRequest>', () => `${inner}</samlp:AuthnRequest>`);
        return root.replace('</saml:Issuer>', () => `</saml:Issuer>${inner}`);
      };
      const within = (inner: string) => signature.replace('</ds:Signature>', () => `${inner}</ds:Signature>`);
      const extension = (inner: string) => `<samlp:Extensions>${inner}</samlp:Extensions>`;
      return {
        XSW1: holding(within(bare), 'after'),
        XSW2: holding(`${signature}${bare}`, 'after'),
        XSW3: holding(good, 'first'),
        XSW4: holding(good, 'end'),
        XSW5: holding(`${signature}${extension(bare)}`, 'after'),
        XSW6: holding(within(extension(bare)), 'after'),
        XSW7: holding(extension(good), 'after'),
        XSW8: holding(within(`<ds:Object>${bare}</ds:Object>`), 'after'),
      };
    };
    it.each(VARIANTS)(
      '%s with the forged request as the root, under another ID and the same',
      async (variant) => {
        const good = await signed({ id: '_good' });
        for (const evil of ['_evil', '_good']) {
          const attack = rooted(good, evil)[variant] ?? '';
          expect(attack).toContain(OTHER_ACS);
          expectRefused(await posted(careful, attack), 'refused');
        }
      },
    );
  });

  describe('signatures', () => {
    it('refuses an unsigned request, by both bindings', async () => {
      const xml = requestXml(careful);
      expectRefused(await posted(careful, xml), 'is not signed');
      const query = new URLSearchParams({ SAMLRequest: deflateRawSync(xml).toString('base64') });
      expectRefused(await queried(careful, `${query}`), 'is not signed');
    });

    it('refuses a signed request that was changed, by both bindings', async () => {
      const xml = await signed({ attributes: `AssertionConsumerServiceURL="${ACS}"` });
      expectRefused(await posted(careful, xml.replace(ACS, OTHER_ACS)), 'it was changed');
      expectTaken(await posted(careful, xml));
      const query = signedQuery(requestXml(careful), provider, { relayState: 'a' });
      expectRefused(await queried(careful, query.replace('RelayState=a', 'RelayState=b')), 'signature value');
      const other = signedQuery(requestXml(careful), stranger).split('&')[0] ?? '';
      expectRefused(
        await queried(
          careful,
          query.replace(/^SAMLRequest=[^&]+/, () => other),
        ),
        'signature value',
      );
      expectTaken(await queried(careful, query));
    });

    it('does not believe the certificate in the KeyInfo', async () => {
      const xml = await signed({}, stranger);
      expect(xml).toContain('X509Certificate');
      expectRefused(await posted(careful, xml), 'registered certificate');
    });

    it('refuses the signature of another provider of the tenant, and one that was made for another client', async () => {
      const rival = await makeCareful(stranger);
      expectTaken(await posted(rival, await signed({}, stranger, rival)));
      expectRefused(await posted(careful, await signed({}, stranger, careful)), 'registered certificate');
      expectRefused(await posted(careful, await signed({}, stranger, rival)));
      expectRefused(await queried(careful, signedQuery(requestXml(careful), stranger)), 'signature value');
      const twin = await makeCareful(provider);
      expectRefused(await posted(twin, await signed({}, provider, careful)), 'The Issuer is');
    });

    it('refuses SHA-1, HMAC and "none" as algorithm of a query', async () => {
      for (const [algorithm, hash] of [
        ['http://www.w3.org/2000/09/xmldsig#rsa-sha1', 'sha1'],
        ['http://www.w3.org/2001/04/xmldsig-more#hmac-sha256', 'sha256'],
        ['none', 'sha256'],
        ['', 'sha256'],
        [`${RSA_SHA256} `, 'sha256'],
      ] as const)
        expectRefused(
          await queried(careful, signedQuery(requestXml(careful), provider, { algorithm, hash })),
          'signature algorithm',
        );
      const query = signedQuery(requestXml(careful), provider);
      expectRefused(await queried(careful, query.replace(/&Signature=.*/, '')), 'belong together');
      expectRefused(await queried(careful, query.replace(/&SigAlg=[^&]*/, '')), 'belong together');
      expectRefused(await queried(careful, query.replace(/&Signature=.*/, '&Signature=')), 'signature value');
      expectRefused(await queried(careful, query.replace(/&SigAlg=.*/, '')), 'is not signed');
    });

    it('refuses SHA-1 in the message', async () => {
      const xml = requestXml(careful);
      const signing = new SignedXml({
        privateKey: provider.keyPem,
        publicCert: provider.certificate,
        signatureAlgorithm: `${DS}rsa-sha1`,
        canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
      });
      signing.addReference({
        xpath: `//*[@ID='${idOf(xml)}']`,
        transforms: [`${DS}enveloped-signature`, 'http://www.w3.org/2001/10/xml-exc-c14n#'],
        digestAlgorithm: `${DS}sha1`,
      });
      signing.computeSignature(xml, {
        prefix: 'ds',
        location: { reference: "/*/*[local-name(.)='Issuer']", action: 'after' },
      });
      expectRefused(await posted(careful, signing.getSignedXml()), /received .*sha1/);
    });

    it('refuses a query that names a signed parameter twice, encoded, or in other letters', async () => {
      const query = signedQuery(requestXml(careful), provider, { relayState: 'good' });
      const evil = `SAMLRequest=${encodeURIComponent(deflateRawSync(requestXml(careful)).toString('base64'))}`;
      for (const attack of [
        `${query}&${evil}`,
        `${evil}&${query}`,
        `${query}&RelayState=evil`,
        `RelayState=evil&${query}`,
        `${query}&SigAlg=none`,
        `${query}&Signature=AAAA`,
        `${query}&SAML%52equest=${evil.slice('SAMLRequest='.length)}`,
        `${query}&%53AMLRequest=x`,
        `${query}&samlrequest=x`,
        `${query}&Relay%53tate=evil`,
        query.replace('SAMLRequest', 'SAML%52equest'),
        query.replace('RelayState', 'Relay%53tate'),
      ])
        expectRefused(await queried(careful, attack), 'must name');
      expectTaken(await queried(careful, query));
    });

    it('refuses a RelayState that was put beside a signed request without one', async () => {
      const query = signedQuery(requestXml(careful), provider);
      expectRefused(await queried(careful, `${query}&RelayState=evil`), 'signature value');
      expectRefused(await queried(careful, `RelayState=evil&${query}`), 'signature value');
      expectTaken(await queried(careful, query));
    });
  });

  describe('XML', () => {
    let listener: Server;
    let hits = 0;
    let outside: string;
    beforeAll(async () => {
      listener = createServer((_request, answer) => {
        hits += 1;
        answer.end('<!ENTITY x "y">');
      }).listen(0, '127.0.0.1');
      await once(listener, 'listening');
      outside = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
    });
    afterAll(() => listener.close());
    const NAME = 'samlp:AuthnRequest';
    const bomb = Array.from(
      { length: 9 },
      (_all, level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`,
    ).join('');

    it.each<[string, (url: string) => RequestParts, RegExp]>([
      [
        'an external entity (XXE)',
        (url) => ({ head: `<!DOCTYPE ${NAME} [<!ENTITY x SYSTEM "${url}/xxe">]>`, issuer: '&x;' }),
        /DTD/,
      ],
      [
        'a file as entity (XXE)',
        () => ({ head: `<!DOCTYPE ${NAME} [<!ENTITY x SYSTEM "file:///etc/passwd">]>`, issuer: '&x;' }),
        /DTD/,
      ],
      ['an external DTD', (url) => ({ head: `<!DOCTYPE ${NAME} SYSTEM "${url}/dtd">` }), /DTD/],
      [
        'a parameter entity',
        (url) => ({ head: `<!DOCTYPE ${NAME} [<!ENTITY % p SYSTEM "${url}/p"> %p;]>` }),
        /DTD/,
      ],
      [
        'an entity bomb',
        () => ({
          head: `<!DOCTYPE ${NAME} [<!ENTITY l0 "lol">${bomb}]>`,
          children: '<samlp:Extensions>&l9;</samlp:Extensions>',
        }),
        /DTD/,
      ],
      [
        'a processing instruction',
        (url) => ({ head: `<?xml-stylesheet href="${url}/style"?>` }),
        /processing instruction/,
      ],
      ['a processing instruction within', () => ({ children: '<?php x?>' }), /processing instruction/],
      [
        'a schema location',
        (url) => ({
          attributes: `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="x ${url}/xsd" Destination="https://evil.example.com"`,
        }),
        /Destination/,
      ],
      [
        'an inclusion',
        (url) => ({
          issuer: `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${url}/i" parse="text"/>`,
        }),
        /contains elements/,
      ],
    ])('refuses %s, and fetches nothing', async (_name, parts, words) => {
      const before = hits;
      const xml = requestXml(careless, parts(outside));
      expectRefused(await posted(careless, xml), words);
      const query = new URLSearchParams({ SAMLRequest: deflateRawSync(xml).toString('base64') });
      expectRefused(await queried(careless, `${query}`), words);
      expect(hits).toBe(before);
      await fetch(outside);
      expect(hits).toBe(before + 1);
    });

    it('refuses a comment that cuts the Issuer', async () => {
      const { sp_entity_id } = careless;
      for (const issuer of [
        `${sp_entity_id}<!-- -->.evil.example.com`,
        `${sp_entity_id.slice(0, 9)}<!---->${sp_entity_id.slice(9)}`,
      ])
        expectRefused(await posted(careless, requestXml(careless, { issuer })), 'comment');
      const cut = `${sp_entity_id}<![CDATA[]]>.evil.example.com`;
      expectRefused(await posted(careless, requestXml(careless, { issuer: cut })), 'The Issuer is');
    });

    it('refuses IDs that stand there twice', async () => {
      const children = '<samlp:Extensions><x ID="_twice"/></samlp:Extensions>';
      expectRefused(await posted(careless, requestXml(careless, { id: '_twice', children })), 'same ID');
    });

    it('answers 400, never 500, for NUL, characters that are none, unpaired surrogates, and other encodings', async () => {
      const good = requestXml(careless);
      for (const bad of ['\0', '&#0;', '&#xD800;', '\u0001', '\uFFFE', '&#x1;', '&#xFFFF;', '&#1114112;'])
        expectRefused(
          await posted(
            careless,
            good.replace('</saml:Issuer>', () => `${bad}</saml:Issuer>`),
          ),
        );
      for (const bytes of [
        Buffer.from(good, 'utf16le'),
        Buffer.concat([Buffer.from(good), Buffer.from([0xed, 0xa0, 0x80])]),
        Buffer.from([0xff, 0xfe]),
        Buffer.from(''),
        Buffer.from('+ADw-', 'latin1'),
      ])
        expectRefused(await posted(careless, bytes));
      const query = `SAMLRequest=${encodeURIComponent(deflateRawSync(good).toString('base64'))}`;
      for (const relay of ['%00', 'a%00b', '%ED%A0%80', '%ED%BF%BF', '%FF', '%', '%C0%80'])
        expectRefused(await queried(careless, `${query}&RelayState=${relay}`), 'RelayState');
      for (const relay of ['a%0Ab', 'a%0Db', '%0A%0D', '%0D%0D%0A'])
        expectRefused(await queried(careless, `${query}&RelayState=${relay}`), 'RelayState has a line end');
      for (const relay of ['%00', '%ED%A0%80', '%FF']) {
        const form = new URLSearchParams({ SAMLRequest: Buffer.from(good).toString('base64') });
        const sent = {
          method: 'POST',
          body: `${form}&RelayState=${relay}`,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        };
        expectRefused(await fetched(at(careless), sent), 'RelayState');
        expectRefused(
          await fetched(`${at(careless).replace(/sso$/, 'start')}?RelayState=${relay}`),
          'RelayState',
        );
      }
      for (const path of ['%00/sso', 'a%00b/metadata', '%ED%A0%80/sso', '%FF/metadata', '%00/start'])
        expect((await fetched(`${app.url}/saml/${path}`)).status).toBeLessThan(500);
      for (const request of ['%00', '%FF', 'x', ''])
        expectRefused(await fetched(`${at(careless).replace(/sso$/, 'continue')}?request=${request}`));
    });

    it('does not keep what a request says without limit', async () => {
      const long = 'x'.repeat(100_000);
      for (const children of [
        `<saml:Subject><saml:NameID>${long}</saml:NameID></saml:Subject>`,
        `<samlp:NameIDPolicy Format="${long}"/>`,
        `<samlp:RequestedAuthnContext><saml:AuthnContextClassRef>${long}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>`,
        `<samlp:RequestedAuthnContext>${'<saml:AuthnContextClassRef>x</saml:AuthnContextClassRef>'.repeat(100)}</samlp:RequestedAuthnContext>`,
      ])
        expectRefused(await posted(careless, requestXml(careless, { children })), 'at most');
    });
  });

  describe('size and garbage', () => {
    const memory = (): number =>
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${app.pid}/status`, 'utf8'))?.[1]) / 1024;

    it('refuses a deflate bomb of 200 MB at once, and with no more memory', async () => {
      const bomb = deflateRawSync(Buffer.alloc(200 * 1024 * 1024, ' '), { level: 9 });
      expect(bomb.length).toBeLessThan(262_144);
      const [begun, before] = [Date.now(), memory()];
      for (let time = 0; time < 5; time++) expectRefused(await posted(careless, bomb), 'larger than');
      const small = deflateRawSync(Buffer.alloc(5 * 1024 * 1024, ' '), { level: 9 }).toString('base64');
      expectRefused(await queried(careless, `${new URLSearchParams({ SAMLRequest: small })}`), 'larger than');
      expect(Date.now() - begun).toBeLessThan(5000);
      expect(memory() - before).toBeLessThan(100);
    });

    it('refuses a body of 1 MB, and garbage', async () => {
      const large = await posted(careless, Buffer.alloc(1024 * 1024, '<'));
      expect([413, large.location]).toEqual([large.status, null]);
      for (const text of ['%', '====', 'ABC=DEF', 'A', '<xml/>', 'é', 'QUJD'])
        for (const answer of [
          await queried(careless, `${new URLSearchParams({ SAMLRequest: text })}`),
          await fetched(at(careless), { method: 'POST', body: new URLSearchParams({ SAMLRequest: text }) }),
        ])
          expectRefused(answer);
    });

    it('takes no other method and no other type of body, and a HEAD uses nothing up', async () => {
      const query = signedQuery(requestXml(careful), provider);
      for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
        expect((await fetched(`${at(careful)}?${query}`, { method })).location).toBeNull();
      expect((await fetched(`${at(careful)}?${query}`, { method: 'HEAD' })).status).toBeLessThan(500);
      expectTaken(await queried(careful, query));
      const json = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };
      expectRefused(await fetched(at(careful), json), 'urlencoded');
    });
  });

  describe('replay and addresses', () => {
    it('takes an ID once, of ten at the same time one', async () => {
      const xml = await signed();
      expectTaken(await posted(careful, xml));
      expectRefused(await posted(careful, xml), 'used before');
      expectRefused(
        await queried(careful, signedQuery(requestXml(careful, { id: idOf(xml) }), provider)),
        'used before',
      );
      const other = await signed();
      const answers = await Promise.all(Array.from({ length: 10 }, () => posted(careful, other)));
      expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array(9).fill(400)]);
    });

    it('refuses a foreign Destination, Issuer and ACS even where the provider signed them', async () => {
      for (const [parts, words] of [
        [{ attributes: 'Destination="https://evil.example.com/sso"' }, 'The Destination is'],
        [{ attributes: `Destination="${careless.sso_url}"` }, 'The Destination is'],
        [{ attributes: 'Destination=""' }, 'The Destination is'],
        [{ issuer: 'https://evil.example.com' }, 'The Issuer is'],
        [{ issuer: careful.sp_entity_id.toUpperCase() }, 'The Issuer is'],
        ...[
          EVIL,
          `${ACS}/../evil`,
          `${ACS}?x`,
          `${ACS}#x`,
          ACS.toUpperCase(),
          ` ${ACS}`,
          '',
          'javascript:alert(1)',
          `${ACS}@evil.example.com`,
        ].map(
          (url) =>
            [
              { attributes: `AssertionConsumerServiceURL="${url}"` },
              'AssertionConsumerServiceURL is',
            ] as const,
        ),
      ] as const)
        expectRefused(await posted(careful, await signed(parts)), words);
    });
  });

  describe('the browser', () => {
    const RELAY = `"><script>alert(1)</script>'\`&amp;&#39; \r\n\té\u{1F600}</form>]]>{ID}`;
    let browser: Browser;
    let sp: ServiceProvider;
    beforeAll(async () => {
      browser = await signedIn(scene.person);
      sp = new ServiceProvider(careless);
    });
    const signedIn = async ({
      identifier,
      password,
    }: {
      identifier: string;
      password: string;
    }): Promise<Browser> => {
      const fresh = new Browser(app);
      await signIn(app, (await scene.rp.authorize()).url, identifier, password, fresh);
      return fresh;
    };
    /** Goes on until the next step would be the one that ends with `suffix`. */
    const upTo = async (who: Browser, url: string, suffix: string): Promise<URL> => {
      let next = new URL(url);
      for (let hop = 0; hop < 10; hop++) {
        if (next.pathname.endsWith(suffix)) return next;
        const cookie = who.cookies.headerFor(next);
        const answer = await fetch(new URL(next.pathname + next.search, app.url), {
          redirect: 'manual',
          headers: { ...(cookie && { cookie }) },
        });
        who.cookies.store(next, answer.headers);
        next = new URL(answer.headers.get('location') ?? `https://ended.invalid/${answer.status}`, next);
      }
      throw new Error(`never came to ${suffix}`);
    };
    const expectNothingPosted = (page: Page): void =>
      expect([page.status >= 400 && page.status < 500, page.forms]).toEqual([true, []]);

    it('gets a RelayState with markup escaped, and back as it was', async () => {
      const page = await browser.open(await sp.redirect(RELAY));
      expect(page.html).not.toContain('alert(1)</script>');
      expect(page.html.match(/<script/g)).toHaveLength(1);
      expect(page.forms).toHaveLength(1);
      expect(postedForm(page)).toMatchObject({ action: ACS, RelayState: RELAY });
    });

    it('gets a page that sends to the ACS alone, runs one script, and is not framed (CSP, clickjacking)', async () => {
      const [one, two] = [await browser.open(await sp.redirect()), await browser.open(await sp.redirect())];
      const policy = one.headers.get('content-security-policy') ?? '';
      const rules = new Map(
        policy.split(/;\s*/).map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1).join(' ')]),
      );
      expect(rules.get('frame-ancestors')).toBe("'none'");
      // Any https site: a provider may redirect onwards after the post, and browsers hold that against the policy.
      expect(rules.get('form-action')).toBe("'self' https:");
      expect(rules.get('default-src')).toBe("'none'");
      const nonce = /^'nonce-([\w+/=]{20,})'$/.exec(rules.get('script-src') ?? '')?.[1];
      expect(one.html).toContain(`<script nonce="${nonce}">`);
      expect(two.headers.get('content-security-policy')).not.toContain(String(nonce));
      expect(one.headers.get('x-frame-options')).toMatch(/deny/i);
      expect(one.headers.get('cache-control')).toContain('no-store');
      expect(one.headers.get('referrer-policy')).toBe('same-origin');
    });

    it('gets user names and NameIDs with markup as text (injection into XML)', async () => {
      const evil = `x</saml:NameID><saml:NameID>admin</saml:NameID>]]>{Tag}{Acs}<content/>&amp;"'`;
      const short = `]]>{Tag}{Acs}<content/>&amp;"'`;
      const person = { identifier: `mallory-${Date.now()}@example.com`, password: 'Correct1!Horse-battery' };
      const made = await admin.post('/v1/users', {
        email: person.identifier,
        external_user_id: evil,
        name: { first_name: short, last_name: '</saml:AttributeValue>admin' },
        credentials: { password: person.password, force_replace: false },
      });
      expect(made.status).toBe(201);
      const named = new ServiceProvider(
        await makeSamlClient(client, {
          sp_name_id_type: 'externalUserId',
          default_custom_claims: ['fname', 'lname'],
        }),
      );
      const form = await signOn(new Browser(app), await named.redirect(), person);
      expect(xmlOf(form).match(/<saml:NameID/g)).toHaveLength(1);
      const profile = await named.accept(form);
      expect(profile.nameID).toBe(evil);
      expect(profile.attributes).toEqual({
        fname: short,
        lname: '</saml:AttributeValue>admin',
      });
    });

    it('gets two answers for two tabs, each to its own request', async () => {
      const who = new Browser(app);
      const [first, second] = [
        await who.open(await sp.redirect('1')),
        await who.open(await sp.redirect('2')),
      ];
      const answers: PostedForm[] = [];
      for (const page of [first, second])
        answers.push(
          postedForm(
            page.forms.some(({ fields }) => 'password' in fields)
              ? await who.submit(signInForm(page), scene.person as never)
              : page,
          ),
        );
      expect(answers.map(({ RelayState }) => RelayState)).toEqual(['1', '2']);
      for (const answer of answers) expect((await sp.accept(answer)).nameID).toBe(scene.person.identifier);
    });

    it('gets no answer that belongs to another browser, and no answer twice', async () => {
      const callback = await upTo(browser, await sp.redirect(), '/saml/signed-in');
      expectNothingPosted(await new Browser(app).open(callback));
      expectNothingPosted(await (await signedIn(scene.person)).open(callback));
      expect(postedForm(await browser.open(callback)).action).toBe(ACS);
      expectNothingPosted(await browser.open(callback));
    });

    it('gets nothing where the ACS was removed, or the client deleted, between request and answer', async () => {
      for (const [suffix, settings] of [
        ['/saml/signed-in', {}],
        ['/continue', { passive: true }],
      ] as const)
        for (const change of [
          (id: string) => client.put(`/v1/clients/${id}`, { sp_acs_url: 'https://sp.example.com/moved' }),
          (id: string) => client.delete(`/v1/clients/${id}`),
        ]) {
          const changing = new ServiceProvider(await makeSamlClient(client), { ...settings });
          const who = suffix === '/continue' ? new Browser(app) : browser;
          const there = await upTo(who, await changing.redirect(), suffix);
          expect([200, 204]).toContain((await change(changing.client.client_id)).status);
          const page = await who.open(there);
          expectNothingPosted(page);
          expect(page.html).not.toContain(ACS);
        }
    });

    it('gets no refusal posted to an ACS that was removed before the sign-in began', async () => {
      const changing = new ServiceProvider(await makeSamlClient(client, { supported_prompts: ['consent'] }), {
        forceAuthn: true,
      });
      const there = await upTo(browser, await changing.redirect(), '/continue');
      expect(
        (
          await client.put(`/v1/clients/${changing.client.client_id}`, {
            sp_acs_url: 'https://sp.example.com/moved',
          })
        ).status,
      ).toBe(200);
      expectNothingPosted(await browser.open(there));
    });

    it('is told of no success where the user was disabled or deleted between', async () => {
      const person = { identifier: `gone-${Date.now()}@example.com`, password: 'Correct1!Horse-battery' };
      const made = await admin.post('/v1/users', {
        email: person.identifier,
        credentials: { password: person.password, force_replace: false },
      });
      const { user_id } = made.body.result;
      const who = await signedIn(person);
      const there = await upTo(who, await sp.redirect(), '/saml/signed-in');
      const disabled = await admin.put(`/v1/users/${user_id}`, { status: 'Disabled' });
      expect([disabled.status, disabled.body]).toEqual([200, expect.anything()]);
      const page = await who.open(there);
      if (page.forms.length > 0) expect(xmlOf(postedForm(page))).not.toContain('status:Success');
      else expect(page.status).toBe(400);
      const again = await who.open(await sp.redirect());
      expect(again.forms.filter(({ fields }) => 'SAMLResponse' in fields)).toEqual([]);
    });

    it('finds no way from a SAML client into OAuth (R13, C27)', async () => {
      const form = {
        client_id: careless.client_id,
        scope: 'openid',
        redirect_uri: `${app.issuer}/saml/signed-in`,
      };
      for (const [path, body] of [
        ['/oidc/token', { ...form, grant_type: 'client_credentials' }],
        ['/oidc/token', { ...form, grant_type: 'authorization_code', code: 'x' }],
        ['/oidc/token/introspection', { ...form, token: 'x' }],
        ['/oidc/token/revocation', { ...form, token: 'x' }],
        ['/oidc/request', { ...form, response_type: 'code' }],
        ['/oidc/device/auth', form],
        ['/oidc/backchannel', { ...form, login_hint: 'x' }],
        ['/oidc/auth', { ...form, response_type: 'code', login_handoff: 'x' }],
        ['/oidc/session/end', form],
      ] as const) {
        const base = app.issuer.endsWith('/oidc') ? path : path.replace(/^\/oidc/, '');
        for (const secret of [{}, { client_secret: '' }, { client_secret: 'kept as a hash' }]) {
          const answer = await fetched(`${app.url}${base}`, {
            method: 'POST',
            body: new URLSearchParams({ ...body, ...secret }),
          });
          expect([base, answer.status >= 400 && answer.status < 500, answer.location]).toEqual([
            base,
            true,
            null,
          ]);
        }
      }
    });
  });
});
