/** A web server with mod_auth_mellon as the service provider: its own requests, its own reading of our responses. */
import { Browser, type Form, type Page, signInForm } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { describeWithMellon, mellonUrls, type ProtectedPlace, startMellon } from '../support/mellon.ts';
import { statusOf, asked as stepOf, xmlAt } from '../support/saml-logout.ts';
import { type Scene, setScene } from '../support/scene.ts';
import {
  type Credentials,
  makeSamlClient,
  type PostedForm,
  postedForm,
  type SamlClientFields,
  signOn,
  xmlOf,
} from '../support/service-provider.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';
import { rsaIdentity, type XmlIdentity } from '../support/xml-tools.ts';

const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const PASSWORD_CONTEXT = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';

const REDIRECT_SSO = /<md:SingleSignOnService Binding="[^"]*HTTP-Redirect"[^>]*\/>/g;

/** Places of the web server, and what their requests say. */
const PLACES = {
  '/plain': { nameIdFormat: EMAIL },
  // Metadata as mellon makes it: signed requests for a transient identifier.
  '/signed': { signs: true, directives: [`MellonAuthnContextClassRef "${PASSWORD_CONTEXT}"`] },
  '/sha512': { signs: true, directives: ['MellonSignatureMethod rsa-sha512'] },
  '/encrypted': { signs: true, nameIdFormat: EMAIL },
  '/persistent': { nameIdFormat: PERSISTENT },
  // Is told of the POST binding alone.
  '/post': { signs: true, nameIdFormat: EMAIL, knowsPostOnly: true },
} as const;
interface Place extends Pick<ProtectedPlace, 'nameIdFormat' | 'directives'> {
  readonly signs?: boolean;
  readonly knowsPostOnly?: boolean;
}
type Path = keyof typeof PLACES;
const PATHS = Object.keys(PLACES) as Path[];

describeWithMellon.each(policyStorages)('mod_auth_mellon ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let provider: XmlIdentity;
  let port: number;
  let admin: Api;
  let clients: Record<Path, SamlClientFields>;
  let stopMellon: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    [storage, provider, port] = await Promise.all([options(), rsaIdentity(), freePort()]);
    app = await startApp({ ...storage });
    scene = await setScene(app);
    const client = api(app, await clientToken(app, scene));
    admin = api(app, await adminToken(app));
    const trust = { sp_certificates: [provider.certificate], want_authn_requests_signed: true };
    const fields: Record<Path, Record<string, unknown>> = {
      '/plain': { default_custom_claims: ['email', 'fname', 'email_verified'] },
      '/signed': {
        ...trust,
        default_custom_claims: ['email'],
        attribute_mapping: { email: { name: 'mail' } },
      },
      '/sha512': { ...trust, signature_algorithm: 'rsa-sha512' },
      '/encrypted': { ...trust, encrypt_assertion: true, default_custom_claims: ['email'] },
      '/persistent': {},
      '/post': trust,
    };
    const made: [string, SamlClientFields][] = [];
    for (const path of PATHS) {
      const { metadata, acs, slo } = mellonUrls(port, path);
      const own = { sp_entity_id: metadata, sp_acs_url: acs, sp_slo_url: slo };
      made.push([path, await makeSamlClient(client, { ...own, ...fields[path] })]);
    }
    clients = Object.fromEntries(made) as Record<Path, SamlClientFields>;
    const places = PATHS.map(async (path) => {
      const { signs = false, knowsPostOnly = false, ...place }: Place = PLACES[path];
      const published = await (await fetch(clients[path].metadata_url)).text();
      const idpMetadata = knowsPostOnly ? published.replaceAll(REDIRECT_SSO, '') : published;
      return { path, idpMetadata, ...place, signs, identity: provider };
    });
    stopMellon = await startMellon(port, await Promise.all(places));
  });
  afterAll(async () => {
    await stopMellon?.();
    await app?.discard();
    await storage?.release();
  });

  const atProvider = (): Browser => {
    const url = `http://localhost:${port}`;
    return new Browser({ url, issuer: url });
  };
  const delivered = ({ action, ...fields }: PostedForm, at: Browser): Promise<Page> =>
    at.submit({ action: new URL(action), method: 'POST', fields: { ...fields } });
  /** Opens the page and follows to us. @returns the response that we made for it */
  const asked = async (
    path: Path,
    at: Browser,
    here = new Browser(app),
    person: Credentials = scene.person,
  ): Promise<PostedForm> => {
    const page = await at.open(mellonUrls(port, path).page);
    expect(page.url.href).toContain(`${clients[path].sso_url}?SAMLRequest=`);
    expect(page.url.searchParams.has('Signature')).toBe('signs' in PLACES[path]);
    return signOn(here, page.url, person);
  };
  const throughSignIn = async (path: Path, here = new Browser(app)): Promise<Page> => {
    const at = atProvider();
    return delivered(await asked(path, at, here), at);
  };
  /** What the page was told. @throws Error with the page when it is another */
  const told = (page: Page): Record<string, string> => {
    if (!page.html.includes('<h1>Protected</h1>'))
      throw new Error(`${page.status} ${page.url}\n${page.html}`);
    const variables = [...page.html.matchAll(/^(?:MELLON_)?(\w+)=(.*)$/gm)];
    return Object.fromEntries(variables.map(([, name, value]) => [name, value]));
  };

  it('shows its page to whom we signed in, with NameID and attributes (request without signature)', async () => {
    const page = await throughSignIn('/plain');
    expect([page.status, page.url.href]).toEqual([200, mellonUrls(port, '/plain').page]);
    expect(told(page)).toMatchObject({
      REMOTE_USER: scene.person.identifier,
      email: scene.person.identifier,
      email_verified: expect.stringMatching(/^(true|false)$/),
    });
  });

  it('signs its requests, and gets what they ask for: a transient NameID and the password context', async () => {
    const [one, two] = [await throughSignIn('/signed'), await throughSignIn('/signed')].map(told);
    expect(one).toMatchObject({ mail: scene.person.identifier });
    expect(one?.REMOTE_USER).not.toContain(scene.person.identifier);
    expect(one?.REMOTE_USER).not.toBe(two?.REMOTE_USER);
  });

  it('signs with SHA-512 and takes it', async () => {
    const at = atProvider();
    const form = await asked('/sha512', at);
    expect(xmlOf(form)).toContain('xmldsig-more#rsa-sha512');
    expect(told(await delivered(form, at)).REMOTE_USER).toBeTruthy();
  });

  it('reads an assertion that was encrypted to its certificate', async () => {
    const at = atProvider();
    const form = await asked('/encrypted', at);
    expect(xmlOf(form)).toContain('EncryptedAssertion');
    expect(xmlOf(form)).not.toContain(scene.person.identifier);
    expect(told(await delivered(form, at))).toMatchObject({
      REMOTE_USER: scene.person.identifier,
      email: scene.person.identifier,
    });
  });

  it('gets the same persistent NameID at every sign-in', async () => {
    const [one, two] = [told(await throughSignIn('/persistent')), told(await throughSignIn('/persistent'))];
    expect(one.REMOTE_USER).toMatch(/^[\w-]{43}$/);
    expect(two.REMOTE_USER).toBe(one.REMOTE_USER);
  });

  it('lets in whom we send without a request, and goes to the page in the relay state', async () => {
    const { page: target } = mellonUrls(port, '/plain');
    const start = `${clients['/plain'].sso_url.replace(/\/sso$/, '/start')}?${new URLSearchParams({ RelayState: target })}`;
    const page = await delivered(await signOn(new Browser(app), start, scene.person), atProvider());
    expect(page.url.href).toBe(target);
    expect(told(page)).toMatchObject({ REMOTE_USER: scene.person.identifier });
  });

  it('asks nobody twice who has a session here: one sign-in for two places', async () => {
    const here = new Browser(app);
    await throughSignIn('/plain', here);
    const at = atProvider();
    const page = await here.open((await at.open(mellonUrls(port, '/encrypted').page)).url);
    expect(told(await delivered(postedForm(page), at)).REMOTE_USER).toBe(scene.person.identifier);
  });

  it('lets nobody in with a response that was changed on the way, or is for another place', async () => {
    const at = atProvider();
    const form = await asked('/plain', at);
    const changed = xmlOf(form).replaceAll(scene.person.identifier, 'boss@example.com');
    expect(changed).not.toBe(xmlOf(form));
    const forged = { ...form, SAMLResponse: Buffer.from(changed).toString('base64') };
    const elsewhere = { ...form, action: mellonUrls(port, '/persistent').acs };
    for (const wrong of [forged, elsewhere]) {
      const page = await delivered(wrong, at);
      expect(page.status).toBeGreaterThanOrEqual(400);
      expect(page.html).not.toContain('<h1>Protected</h1>');
    }
    expect(told(await delivered(form, at)).REMOTE_USER).toBe(scene.person.identifier);
  });

  it('sends its signed request by the POST binding where we offer no other', async () => {
    const at = atProvider();
    const page = await at.open(mellonUrls(port, '/post').page);
    const [form] = page.forms;
    expect(form).toMatchObject({ method: 'POST', fields: { SAMLRequest: expect.any(String) } });
    expect(form?.action.href).toBe(clients['/post'].sso_url);
    expect(Buffer.from(form?.fields.SAMLRequest ?? '', 'base64').toString()).toContain('<SignatureValue');
    const here = new Browser(app);
    const asks = await here.submit(form as Form);
    const { identifier, password } = scene.person;
    const answer = postedForm(await here.submit(signInForm(asks), { identifier, password }));
    expect(told(await delivered(answer, at)).REMOTE_USER).toBe(identifier);
  });

  /**
   * mellon takes and sends logout messages by the Redirect binding alone ("POST binding is unsupported", its log says), and
   * beneath it lasso 2.8 knows no ECDSA: its clients keep to RSA.
   */
  describe('single logout', () => {
    /** Where its user is sent when all is done. */
    const END = () => `http://localhost:${port}/`;
    /** mellon looks for the session to end by the NameID alone: of somebody with two it may take the other. */
    const newPerson = async (): Promise<Credentials> => {
      const { password } = scene.person;
      const email = `mellon-${crypto.randomUUID()}@example.com`;
      const credentials = { password, force_replace: false };
      expect((await admin.post('/v1/users', { email, credentials })).status).toBe(201);
      return { identifier: email, password };
    };
    /** One browser, as each side sees it: signed in at these places. */
    const signedIn = async (...paths: Path[]) => {
      const [at, here, person] = [atProvider(), new Browser(app), await newPerson()];
      for (const path of paths)
        expect(told(await delivered(await asked(path, at, here, person), at)).REMOTE_USER).toBeTruthy();
      return { at, here };
    };
    const isInside = async (path: Path, at: Browser): Promise<boolean> =>
      (await at.open(mellonUrls(port, path).page)).html.includes('<h1>Protected</h1>');
    const begun = (path: Path, at: Browser): Promise<Page> =>
      at.open(`${mellonUrls(port, path).slo}?${new URLSearchParams({ ReturnTo: END() })}`);
    const hasSession = async (here: Browser): Promise<boolean> =>
      (await here.open((await scene.rp.authorize({ prompt: 'none' })).url)).url.searchParams.has('code');

    it.each(['/plain', '/signed', '/sha512', '/persistent'] as const)(
      'begins at %s by the Redirect binding, and ends there and here',
      async (path) => {
        const { at, here } = await signedIn(path);
        expect([await isInside(path, at), await hasSession(here)]).toEqual([true, true]);
        const { url } = await begun(path, at);
        expect(url.href).toContain(`${clients[path].sso_url.replace(/sso$/, 'slo')}?SAMLRequest=`);
        expect(url.searchParams.has('Signature')).toBe(true);
        const answer = await here.open(url);
        expect(statusOf(xmlAt(answer.url))).toEqual(['Success']);
        expect((await at.open(answer.url)).url.href).toBe(END());
        expect([await isInside(path, at), await hasSession(here)]).toEqual([false, false]);
      },
    );

    it('of one place visits the other, by the Redirect binding, and says Success when it is back', async () => {
      const { at, here } = await signedIn('/plain', '/encrypted', '/signed');
      let page = await here.open((await begun('/signed', at)).url);
      const visited: string[] = [];
      for (; page.status !== 0; ) {
        const step = stepOf(page);
        visited.push(step.at.pathname);
        page = await here.open((await at.open(step.at)).url);
      }
      expect(visited.sort()).toEqual(['/encrypted/mellon/logout', '/plain/mellon/logout']);
      expect(statusOf(xmlAt(page.url))).toEqual(['Success']);
      expect((await at.open(page.url)).url.href).toBe(END());
      for (const path of ['/plain', '/encrypted', '/signed'] as const)
        expect(await isInside(path, at)).toBe(false);
    });

    it.each(['/plain', '/signed', '/encrypted'] as const)(
      'begun here reaches %s, and its answer us',
      async (path) => {
        const { at, here } = await signedIn(path);
        const [form] = (await here.open(scene.rp.endSessionUrl({}))).forms;
        const step = stepOf(await here.submit(form as Form, { logout: 'yes' }));
        const { url } = await at.open(step.at);
        expect(statusOf(xmlAt(url))).toEqual(['Success']);
        expect((await here.open(url)).html).toContain('You are signed out</h1>');
        expect(await isInside(path, at)).toBe(false);
      },
    );

    it('is not begun by a request of ours that was changed on the way', async () => {
      const { at, here } = await signedIn('/plain');
      const [form] = (await here.open(scene.rp.endSessionUrl({}))).forms;
      const { at: url } = stepOf(await here.submit(form as Form, { logout: 'yes' }));
      url.searchParams.set('RelayState', 'another');
      expect((await at.open(url)).status).toBeGreaterThanOrEqual(400);
      expect(await isInside('/plain', at)).toBe(true);
    });
  });

  it('is refused here without its signature, where the client asks for signed requests', async () => {
    const { url } = await atProvider().open(mellonUrls(port, '/signed').page);
    for (const name of ['Signature', 'SigAlg']) url.searchParams.delete(name);
    const page = await new Browser(app).open(url);
    expect([page.status, page.forms]).toEqual([400, []]);
    expect(page.html).toContain('asks for signed requests');
  });
});
