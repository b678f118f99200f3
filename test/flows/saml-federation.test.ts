/** Sign-on at the SAML identity provider of an organization (contract/saml.md 3), and what an attacker gets of it: nothing. */
import { decodeJwt } from 'jose';
import { Browser, type Page } from '../support/browser.ts';
import { CodeScene } from '../support/code-scene.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { askedAt, IdentityProvider, type Said } from '../support/identity-provider.ts';
import { type Api, api } from '../support/management.ts';
import { REDIRECT_URI } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import { rsaIdentity, type XmlIdentity } from '../support/xml-tools.ts';

const SSO = 'https://idp.example.com/sso';
/** Of the application, which passes on what is posted there (older form). */
const PAGE = 'https://rp.example.com/saml';
const DENIED = 'urn:oasis:names:tc:SAML:2.0:status:AuthnFailed';
let count = 0;

describe.each(policyStorages)(
  'sign-on at the identity provider of an organization ($name)',
  ({ options }) => {
    let storage: StorageOptions;
    let app: App;
    let code: CodeScene;
    let admin: Api;
    let keys: XmlIdentity;
    let foreign: XmlIdentity;
    let acme: Awaited<ReturnType<typeof newOrganization>>;
    beforeAll(async () => {
      storage = await options();
      app = await startApp({ ...storage });
      code = await CodeScene.set(app, undefined, { redirect_uris: [REDIRECT_URI, PAGE] });
      admin = code.admin;
      [keys, foreign] = await Promise.all([rsaIdentity(), rsaIdentity()]);
      acme = await newOrganization();
    });
    afterAll(async () => {
      await app?.discard();
      await storage?.release();
    });

    /** An organization with a domain, an identity provider and a member. */
    async function newOrganization(settings: Record<string, unknown> = {}, by = keys) {
      count += 1;
      const domain = `org-${count}.example`;
      const made = await admin.post('/v1/organizations', {
        name: `Org ${count}`,
        domains: [domain],
        app_ids: [code.scene.appId],
      });
      expect(made.status).toBe(201);
      const id: string = made.body.result.organization_id;
      const idp = new IdentityProvider(`https://idp-${count}.example.com`, by);
      const path = `/v1/organizations/${id}/identity-provider`;
      const put = await admin.put(path, {
        entity_id: idp.entityId,
        sso_url: SSO,
        certificates: [by.certificate],
        ...settings,
      });
      expect([put.status, put.body]).toEqual([200, { result: expect.any(Object) }]);
      const email = `ada@${domain}`;
      const userId = await newUser(email);
      expect((await admin.post(`/v1/organizations/${id}/members`, { user_id: userId })).status).toBe(201);
      return { id, domain, idp, email, userId, path, shown: put.body.result };
    }
    async function newUser(email: string): Promise<string> {
      const made = await admin.post('/v1/users', { email });
      expect(made.status).toBe(201);
      return made.body.result.user_id;
    }
    const startUrl = (query: Record<string, string>) =>
      `${app.url}/cis/v1/auth/sso/start?${new URLSearchParams({
        client_id: code.scene.clientId,
        redirect_uri: REDIRECT_URI,
        ...query,
      })}`;
    const begin = async (browser: Browser, email: string, query: Record<string, string> = {}) =>
      askedAt(await browser.open(startUrl({ email, ...query })));
    const post = (browser: Browser, acs: string, xml: string, more: Record<string, string> = {}) =>
      browser.submit({
        action: new URL(acs),
        method: 'POST',
        fields: { SAMLResponse: Buffer.from(xml).toString('base64'), ...more },
      });
    /** The whole way, with an answer as it is told. */
    const attempt = async (said: Partial<Said> = {}, by = acme, nameId = by.email): Promise<Page> => {
      const browser = new Browser(app);
      const asked = await begin(browser, by.email);
      return post(browser, asked.acs, await by.idp.answer(asked, nameId, said));
    };
    const expectRefused = (page: Page, words: string, status = 400): void => {
      expect(page.html).toContain(words);
      expect([page.status, page.url.searchParams.has('code')]).toEqual([status, false]);
    };

    describe('whom it lets in', () => {
      it.each(['assertion', 'response', 'both'] as const)(
        'ends at the redirect URI with a code that openid-client redeems: %s signed (saml.md 3)',
        async (sign) => {
          const { claims, tokens } = await code.redeem(await attempt({ sign }));
          expect(claims).toMatchObject({ sub: acme.userId, amr: ['social'] });
          expect(decodeJwt(tokens.access_token)).toMatchObject({ org_id: acme.id });
        },
      );

      it('asks by the published entity ID and assertion consumer URL, which the administrator is shown (saml.md 3)', async () => {
        const origin = new URL(app.issuer).origin;
        const { appId } = code.scene;
        const acs = `${origin}/cis/v1/auth/sso/organizations/${acme.id}/applications/${appId}/complete`;
        const asked = await begin(new Browser(app), `someone.new@${acme.domain}`);
        expect(asked).toEqual({
          id: expect.stringMatching(/^_[\w-]{43}$/),
          issuer: `${origin}/cis/${appId}`,
          acs,
          destination: SSO,
        });
        expect(acme.shown.service_providers).toEqual([
          { app_id: appId, entity_id: `${origin}/cis/${appId}`, acs_url: acs },
        ]);
      });

      it('asks by a form where the provider wants the POST binding, and of the organization that org_id names', async () => {
        const org = await newOrganization({ sso_binding: 'post' });
        const browser = new Browser(app);
        const page = await browser.open(startUrl({ email: 'who@elsewhere.example', org_id: org.id }));
        expect(page.forms.map(({ action }) => action.href)).toEqual([SSO]);
        const asked = askedAt(page);
        const ended = await post(browser, asked.acs, await org.idp.answer(asked, org.email));
        expect((await code.redeem(ended)).claims.sub).toBe(org.userId);
      });

      it('takes the email of an attribute, and makes a member of a stranger only where that is wanted (ours)', async () => {
        const names = {
          email_attribute: 'mail',
          first_name_attribute: 'givenName',
          last_name_attribute: 'sn',
        };
        const org = await newOrganization({ ...names, create_members: true });
        const email = `new.one@${org.domain}`;
        const attributes = { mail: [email], givenName: ['New'], sn: ['One'] };
        const { claims } = await code.redeem(await attempt({ attributes }, org, 'opaque'));
        const user = (await admin.get(`/v1/users/email/${email}`)).body.result;
        expect(user).toMatchObject({ user_id: claims.sub, name: { first_name: 'New', last_name: 'One' } });
        const members = (await admin.get(`/v1/organizations/${org.id}/members`)).body.result;
        expect(members.map((each: { user_id: string }) => each.user_id)).toContain(claims.sub);
        const two = { mail: [email, org.email] };
        expectRefused(await attempt({ attributes: two }, org, 'opaque'), 'once');
        expectRefused(await attempt({}, org, org.email), 'once');
      });

      it('keeps out who is no member, disabled or unknown, in the same words', async () => {
        const stranger = `stranger@${acme.domain}`;
        await newUser(stranger);
        expectRefused(await attempt({}, acme, stranger), 'does not let this person in', 403);
        expectRefused(await attempt({}, acme, `nobody@${acme.domain}`), 'does not let this person in', 403);
      });
    });

    describe('what it does not believe', () => {
      it('an unsigned response, and one that another key signed', async () => {
        expectRefused(await attempt({ sign: 'none' }), 'neither the Response nor its Assertion is signed');
        const thief = { ...acme, idp: new IdentityProvider(acme.idp.entityId, foreign) };
        for (const sign of ['assertion', 'response'] as const)
          expectRefused(await attempt({ sign }, thief), 'received another');
      });

      it.each([1, 2, 3, 4, 5, 6, 7, 8])(
        'a wrapped signature, variant XSW%i, of Response and Assertion',
        async (n) => {
          const victim = await newMember();
          for (const kind of ['Response', 'Assertion'] as const) {
            const browser = new Browser(app);
            const asked = await begin(browser, acme.email);
            // Both are signed honestly; the forged ones name somebody else.
            const honest = await acme.idp.answer(asked, acme.email, {
              sign: kind === 'Response' ? 'response' : 'assertion',
              assertionId: kind === 'Response' ? '_inner' : '_good',
            });
            const forged = await acme.idp.answer(asked, victim.email, { sign: 'none', assertionId: '_evil' });
            const xml = wrapped(n, kind, honest, forged);
            const page = await post(browser, asked.acs, xml);
            expect([page.status, page.url.searchParams.has('code')]).toEqual([400, false]);
          }
        },
      );

      it('a text that was changed after it was signed', async () => {
        const victim = await newMember();
        const page = await attempt({ change: (xml) => xml.replace(acme.email, victim.email) });
        expectRefused(page, 'it was changed');
      });

      const elsewhere = 'https://elsewhere.example/acs';
      const wrong: [string, Partial<Said>, string][] = [
        ['the issuer of the assertion', { issuer: 'https://other.example' }, 'Issuer of the Assertion'],
        ['the issuer of the response', { responseIssuer: 'https://other.example' }, 'Issuer of the Response'],
        ['the audience', { audience: 'https://other.example' }, 'Audience'],
        ['the recipient', { recipient: elsewhere }, 'SubjectConfirmation'],
        ['the destination', { destination: elsewhere }, 'Destination'],
        ['InResponseTo of the response', { inResponseTo: '_unasked' }, 'was not begun in this browser'],
        ['InResponseTo of the subject', { subjectInResponseTo: '_unasked' }, 'SubjectConfirmation'],
        ['an assertion that has expired', { notOnOrAfter: -120 }, 'not valid any more'],
        ['a confirmation that has expired', { confirmationEnd: -120 }, 'SubjectConfirmation'],
        ['an assertion that is not valid yet', { notBefore: 120 }, 'not valid yet'],
        ['a status that is no success', { status: DENIED }, 'did not sign the user in'],
        ['a condition that is not known', { conditions: '<saml:Strange/>' }, 'condition that is not known'],
      ];
      it.each(wrong)('%s', async (_, said, words) => {
        for (const sign of ['assertion', 'both'] as const)
          expectRefused(await attempt({ ...said, sign }), words);
      });

      it('a response that nobody asked for, by an empty InResponseTo as well', async () => {
        const asked = await begin(new Browser(app), acme.email);
        const nothing = { inResponseTo: '', subjectInResponseTo: '' };
        const page = await post(
          new Browser(app),
          asked.acs,
          await acme.idp.answer({ ...asked, id: '' }, acme.email, nothing),
        );
        expectRefused(page, 'was not begun in this browser');
      });

      it('an answer that came before, and an assertion of an earlier sign-in (replay)', async () => {
        const browser = new Browser(app);
        const asked = await begin(browser, acme.email);
        const assertionId = '_once';
        const xml = await acme.idp.answer(asked, acme.email, { assertionId });
        expect((await post(browser, asked.acs, xml)).url.searchParams.has('code')).toBe(true);
        expectRefused(await post(browser, asked.acs, xml), 'was not begun in this browser');
        expectRefused(await attempt({ assertionId }), 'used before');
      });

      it('one of two posts of the same answer at the same moment', async () => {
        const browser = new Browser(app);
        const asked = await begin(browser, acme.email);
        const xml = await acme.idp.answer(asked, acme.email);
        const pages = await Promise.all([post(browser, asked.acs, xml), post(browser, asked.acs, xml)]);
        expect(pages.map(({ status }) => status).sort()).toEqual([0, 400]);
      });

      it('another browser than the one that asked (login CSRF), which also uses nothing up', async () => {
        const [attacker, victim] = [new Browser(app), new Browser(app)];
        const asked = await begin(attacker, acme.email);
        await begin(victim, acme.email);
        const xml = await acme.idp.answer(asked, acme.email);
        const page = await post(victim, asked.acs, xml);
        expectRefused(page, 'was not begun in this browser');
        expect((await attacker.open(page.url)).url.searchParams.has('code')).toBe(true);
        expectRefused(await attacker.open(page.url), 'was not begun in this browser');
      });

      it('an email of another organization, of none, or with two readings (takeover across organizations)', async () => {
        const other = await newOrganization();
        // Membership must not be what keeps them out.
        const open = await newOrganization({ create_members: true });
        for (const by of [acme, open])
          for (const email of [
            other.email,
            code.scene.person.identifier,
            `ada@${other.domain}@${by.domain}`,
            `${other.email},x@${by.domain}`,
            `x@sub.${by.domain}`,
            `x@evil${by.domain}`,
            'ada',
            `ada@${by.domain}.`,
          ])
            expectRefused(await attempt({}, by, email), 'does not let this person in', 403);
      });

      it('an answer for one organization at the address of another, with the same provider behind both', async () => {
        const twin = await newOrganization({ entity_id: acme.idp.entityId });
        const browser = new Browser(app);
        const asked = await begin(browser, acme.email);
        const acs = asked.acs.replace(acme.id, twin.id);
        expectRefused(
          await post(browser, acs, await acme.idp.answer({ ...asked, acs }, twin.email)),
          'not begun',
        );
      });

      it('a comment that cuts an email in two, and markup in it', async () => {
        for (const inside of ['<!-- x -->', '<?x y?>', '<saml:b/>']) {
          const page = await attempt({ sign: 'none' }, acme, `${acme.email}${inside}.evil.example`);
          expect([page.status, page.url.searchParams.has('code')]).toEqual([400, false]);
        }
        const signed = await attempt({
          change: (xml) =>
            xml.replace(acme.email, `${acme.email.slice(0, 3)}<!-- x -->${acme.email.slice(3)}`),
        });
        expect([signed.status, signed.url.searchParams.has('code')]).toEqual([400, false]);
      });

      it('an encrypted assertion, and two assertions', async () => {
        const encrypted = '<saml:EncryptedAssertion><x/></saml:EncryptedAssertion>';
        expectRefused(await attempt({ sign: 'none', change: () => encrypted }), 'encrypted assertion');
        expectRefused(await attempt({ change: (xml) => xml + encrypted }), 'encrypted assertion');
        const second = (xml: string) => xml + xml.replaceAll('ID="_', 'ID="_2');
        expectRefused(await attempt({ change: second }), 'one Assertion');
      });
    });

    describe('where it begins and ends', () => {
      const refused = async (query: Record<string, string>, status: number, words: string) => {
        const page = await new Browser(app).open(startUrl({ email: acme.email, ...query }));
        expect([page.status, page.forms.length]).toEqual([status, 0]);
        expect(page.html).toContain(words);
      };

      it('goes to no address that the client has not registered, whatever RelayState says (open redirect)', async () => {
        for (const redirect_uri of [
          'https://evil.example/',
          `${REDIRECT_URI}/x`,
          '//evil.example',
          'javascript:x',
        ])
          await refused({ redirect_uri }, 400, 'redirect_uri');
        const browser = new Browser(app);
        const asked = await begin(browser, acme.email);
        const xml = await acme.idp.answer(asked, acme.email);
        const page = await post(browser, asked.acs, xml, { RelayState: 'https://evil.example/' });
        expect(`${page.url.origin}${page.url.pathname}`).toBe(REDIRECT_URI);
      });

      it('knows no organization without a provider, of another application, disabled, or of two for one domain', async () => {
        await refused({ email: 'x@nobody.example' }, 404, 'No organization');
        await refused({ org_id: 'nobody' }, 404, 'No organization');
        await refused({ email: 'nothing' }, 400, 'email must be');
        await refused({ client_id: 'nobody' }, 400, 'client_id');
        const bare = await newOrganization();
        expect((await admin.delete(bare.path)).status).toBe(204);
        await refused({ email: bare.email }, 404, 'No organization');
        const twice = await newOrganization();
        await admin.put(`/v1/organizations/${bare.id}`, { domains: [bare.domain, twice.domain] });
        await refused({ email: twice.email }, 400, 'Several organizations');
      });

      it('counts a change that was made while somebody signs in: disabled, no application, no provider, no client URI', async () => {
        const changes: ((org: typeof acme) => Promise<{ status: number }>)[] = [
          ({ id }) => admin.put(`/v1/organizations/${id}`, { enabled: false }),
          ({ id }) => admin.delete(`/v1/organizations/${id}/apps`, { app_ids: [code.scene.appId] }),
          ({ path }) => admin.delete(path),
          ({ id, userId }) => admin.delete(`/v1/organizations/${id}/members/${userId}`),
          ({ id }) => admin.put(`/v1/organizations/${id}`, { domains: ['moved.example'] }),
          ({ path }) => admin.put(path, { ...setting(), certificates: [foreign.certificate] }),
        ];
        for (const change of changes) {
          const org = await newOrganization();
          const browser = new Browser(app);
          const asked = await begin(browser, org.email);
          const xml = await org.idp.answer(asked, org.email);
          expect((await change(org)).status).toBeLessThan(300);
          const page = await post(browser, asked.acs, xml);
          expect(page.status).toBeGreaterThanOrEqual(400);
          expect(page.url.searchParams.has('code')).toBe(false);
        }
      });
    });

    describe('the older form', () => {
      const olderUrl = (query: Record<string, string>) =>
        `${app.url}/v1/auth/sso/saml/start?${new URLSearchParams({ client_id: code.scene.clientId, ...query })}`;
      const beginOlder = async (browser: Browser, email: string, query: Record<string, string> = {}) => ({
        ...askedAt(await browser.open(olderUrl({ email, ...query }))),
        acs: PAGE,
      });
      const passOn = (xml: string, fields: Record<string, unknown> = {}) =>
        api(app).post('/v1/auth/sso/saml/complete', {
          SAMLResponse: Buffer.from(xml).toString('base64'),
          organization_id: acme.id,
          redirect_uri: REDIRECT_URI,
          ...fields,
        });
      const older = async (said: Partial<Said> = {}, fields: Record<string, unknown> = {}, by = acme) => {
        const browser = new Browser(app);
        const asked = await beginOlder(browser, by.email);
        const xml = await by.idp.answer(asked, by.email, said);
        return { browser, asked, xml, answer: await passOn(xml, fields) };
      };
      const expectFault = (answer: { status: number; body: unknown }, words: string, status = 400): void =>
        expect([answer.status, JSON.stringify(answer.body)]).toEqual([
          status,
          expect.stringContaining(words),
        ]);

      it('ends at the redirect URI with a code, for the browser that began (saml.md 3)', async () => {
        for (const sign of ['assertion', 'both'] as const) {
          const { browser, answer } = await older({ sign }, { RelayState: 'https://evil.example/' });
          expect([answer.status, answer.body]).toEqual([200, { result: expect.stringMatching(/^http/) }]);
          const page = await browser.open(answer.body.result);
          expect(`${page.url.origin}${page.url.pathname}`).toBe(REDIRECT_URI);
          const { claims, tokens } = await code.redeem(page);
          expect(claims).toMatchObject({ sub: acme.userId, amr: ['social'] });
          expect(decodeJwt(tokens.access_token)).toMatchObject({ org_id: acme.id });
        }
      });

      it('leaves the place of the answer to the provider, and finds the organization by org_id, too', async () => {
        const page = await new Browser(app).open(olderUrl({ email: 'x@elsewhere.example', org_id: acme.id }));
        expect(askedAt(page)).toMatchObject({
          acs: '',
          issuer: `${new URL(app.issuer).origin}/cis/${code.scene.appId}`,
        });
        for (const [query, status] of [
          [{ email: acme.email, client_id: 'nobody' }, 400],
          [{ email: 'x@nobody.example' }, 404],
          [{}, 400],
        ] as const)
          expect((await new Browser(app).open(olderUrl(query))).status).toBe(status);
      });

      it('gives another browser nothing (login CSRF), and the right one its answer once', async () => {
        const { browser, answer } = await older();
        const victim = new Browser(app);
        await beginOlder(victim, acme.email);
        expectRefused(await victim.open(answer.body.result), 'was not begun in this browser');
        expect((await browser.open(answer.body.result)).url.searchParams.has('code')).toBe(true);
        expectRefused(await browser.open(answer.body.result), 'was not begun in this browser');
      });

      it('believes neither an unsigned response nor one with a wrong issuer, audience, recipient, time or status', async () => {
        expectFault(
          (await older({ sign: 'none' })).answer,
          'neither the Response nor its Assertion is signed',
        );
        for (const [said, words] of [
          [{ issuer: 'https://other.example' }, 'Issuer of the Assertion'],
          [{ audience: 'https://other.example' }, 'Audience'],
          [{ recipient: 'https://evil.example/acs' }, 'SubjectConfirmation'],
          [{ destination: 'https://evil.example/acs' }, 'Destination'],
          [{ notOnOrAfter: -120 }, 'not valid any more'],
          [{ status: DENIED }, 'did not sign the user in'],
          [{ inResponseTo: '_unasked' }, 'was not begun in this browser'],
          [{ subjectInResponseTo: '_unasked' }, 'SubjectConfirmation'],
        ] as const)
          expectFault((await older(said)).answer, words);
        const thief = { ...acme, idp: new IdentityProvider(acme.idp.entityId, foreign) };
        expectFault((await older({}, {}, thief)).answer, 'received another');
      });

      it('takes an answer and an assertion once (replay)', async () => {
        const { xml, answer } = await older({ assertionId: '_older' });
        expect(answer.status).toBe(200);
        expectFault(await passOn(xml), 'was not begun in this browser');
        expectFault((await older({ assertionId: '_older' })).answer, 'used before');
      });

      it('goes to no address that the client has not registered, and takes no answer for another organization', async () => {
        expectFault((await older({}, { redirect_uri: 'https://evil.example/' })).answer, 'redirect_uri');
        const twin = await newOrganization({ entity_id: acme.idp.entityId });
        expectFault((await older({}, { organization_id: twin.id })).answer, 'was not begun in this browser');
        expectFault((await older({}, { organization_id: 'nobody' })).answer, 'No organization', 404);
        for (const SAMLResponse of ['', '???', Buffer.from('<a/>').toString('base64')])
          expect((await older({}, { SAMLResponse })).answer.status).toBe(400);
      });

      it('is not mixed with the newer form: neither ends the other', async () => {
        const browser = new Browser(app);
        const newer = await begin(browser, acme.email);
        expectFault(await passOn(await acme.idp.answer(newer, acme.email)), 'was not begun');
        const asked = await beginOlder(browser, acme.email);
        const { acs } = newer;
        expectRefused(
          await post(browser, acs, await acme.idp.answer({ ...asked, acs }, acme.email)),
          'was not begun',
        );
      });
    });

    describe('the settings (ours)', () => {
      it('are read as they were written, replaced as a whole, and gone after one deletion', async () => {
        const org = await newOrganization();
        const read = await admin.get(org.path);
        expect([read.status, read.body.result]).toEqual([200, org.shown]);
        const back = await admin.put(org.path, { ...read.body.result, create_members: true });
        expect([back.status, back.body.result.create_members]).toEqual([200, true]);
        expect((await admin.delete(org.path)).status).toBe(204);
        expect((await admin.delete(org.path)).status).toBe(404);
        expect((await admin.get(org.path)).status).toBe(404);
      });

      it('are refused where they could not be trusted', async () => {
        for (const [fields, words] of [
          [{ certificates: [] }, 'certificates'],
          [{ certificates: ['x'] }, 'certificates.0'],
          [{ certificates: [keys.keyPem] }, 'private key'],
          [{ sso_url: 'http://idp.example.com/sso' }, 'https'],
          [{ sso_url: 'javascript:alert(1)' }, 'sso_url'],
          [{ entity_id: 'a b' }, 'entity_id'],
          [{ want_signed_requests: true }, 'not a known field'],
        ] as const) {
          const answer = await admin.put(acme.path, { ...setting(), ...fields });
          expect([answer.status, JSON.stringify(answer.body)]).toEqual([400, expect.stringContaining(words)]);
        }
      });
    });

    const setting = () => ({
      entity_id: 'https://x.example.com',
      sso_url: SSO,
      certificates: [keys.certificate],
    });
    async function newMember() {
      count += 1;
      const email = `member-${count}@${acme.domain}`;
      const userId = await newUser(email);
      await admin.post(`/v1/organizations/${acme.id}/members`, { user_id: userId });
      return { email, userId };
    }
  },
);

const SIGNATURE = /<ds:Signature [\s\S]*?<\/ds:Signature>/;
const ASSERTION = /<saml:Assertion[\s\S]*<\/saml:Assertion>/;

/** The variants of Somorovsky et al. (2012), around real messages. */
function wrapped(n: number, kind: 'Response' | 'Assertion', honest: string, forged: string): string {
  const signature = SIGNATURE.exec(honest)?.[0] ?? '';
  const evil = ASSERTION.exec(forged)?.[0] ?? '';
  if (kind === 'Assertion') {
    const good = ASSERTION.exec(honest)?.[0] ?? '';
    const bare = good.replace(SIGNATURE, '');
    const into = (xml: string) => evil.replace('</saml:Issuer>', () => `</saml:Issuer>${xml}`);
    const inSignature = (xml: string) => signature.replace('</ds:Signature>', () => `${xml}</ds:Signature>`);
    const content = [
      into(inSignature(bare)),
      into(`${bare}${signature}`),
      `${evil}${good}`,
      evil.replace(/<\/saml:Assertion>$/, () => `${good}</saml:Assertion>`),
      `${into(signature)}${bare}`,
      into(inSignature(`<ds:Object>${bare}</ds:Object>`)),
      `<samlp:Extensions>${good}</samlp:Extensions>${evil}`,
      `${evil.replace('_evil', '_good')}<samlp:Extensions>${good}</samlp:Extensions>`,
    ][n - 1] as string;
    return honest.replace(ASSERTION, () => content);
  }
  const bare = honest.replace(SIGNATURE, '');
  const mask = (id: string) => forged.replace('ID="_response"', `ID="${id}"`);
  const into = (xml: string, id = '_forged') =>
    mask(id).replace('</saml:Issuer>', () => `</saml:Issuer>${xml}`);
  const inSignature = (xml: string) => signature.replace('</ds:Signature>', () => `${xml}</ds:Signature>`);
  return [
    into(inSignature(bare)),
    into(`${bare}${signature}`),
    into(honest),
    mask('_forged').replace(/<\/samlp:Response>$/, () => `${honest}</samlp:Response>`),
    into(`${signature}<samlp:Extensions>${bare}</samlp:Extensions>`),
    into(inSignature(`<ds:Object>${bare}</ds:Object>`)),
    into(`<samlp:Extensions>${honest}</samlp:Extensions>`, '_other'),
    into(signature, '_response'),
  ][n - 1] as string;
}
