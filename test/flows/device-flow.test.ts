/** The device flow (contract/oidc.md 13, RFC 8628): a device, and a person with a browser. */
import { decodeJwt } from 'jose';
import { Browser, type Form, type Page, signInForm } from '../support/browser.ts';
import { Clock } from '../support/clock.ts';
import { askForTokens, DEVICE_GRANT, pollDevice, startDevice } from '../support/device.ts';
import { policyStorages, type StorageOptions, storages } from '../support/engines.ts';
import { type Api, adminToken, api, postForm, read } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';
import { addThirdParty, decide } from '../support/third-party.ts';

const OWN_PAGES = { enabled: true, approval_uri: '', success_uri: '', input_uri: '' };
const PAGES = {
  enabled: true,
  approval_uri: 'https://tv.example.com/approve',
  success_uri: 'https://tv.example.com/done',
  input_uri: 'https://tv.example.com/code',
};
const WRONG = 'The code you entered is incorrect. Try again';
const INTERRUPTED = 'The sign-in request was interrupted';

const onlyForm = (page: Page): Form => {
  const [form, ...others] = page.forms;
  if (!form || others.length > 0) throw new Error(`not one form (${page.status}):\n${page.html}`);
  return form;
};

describe.each(policyStorages)('the device flow ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let apps: App[] = [];
  let app: App;
  let admin: Api;
  /** Its client uses Tessera's pages. */
  let plain: Scene;
  /** Its client has pages of its own. */
  let paged: Scene;
  const node = (at: number): App => apps[at % apps.length] as App;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    apps = [app];
    if (name !== 'embedded') apps.push(await startApp({ ...storage, like: app, port: await freePort() }));
    admin = api(app, await adminToken(app));
    plain = await setScene(app, { device_authorization: OWN_PAGES });
    paged = await setScene(app, { device_authorization: PAGES });
  });
  afterAll(async () => {
    for (const one of apps.toReversed()) {
      await one.stop();
      await one.discard();
    }
    await storage?.release();
  });

  const approve = async (scene: Scene, browser: Browser, question: Page): Promise<Page> => {
    const page = await browser.submit(onlyForm(question), { approved: 'true' });
    const asksForPassword = page.forms.some(({ fields }) => 'password' in fields);
    const { identifier, password } = scene.person;
    return asksForPassword ? browser.submit(signInForm(page), { identifier, password }) : page;
  };
  /** The form of the client's approval page, sent to Tessera. */
  const fromApprovalPage = (form: Form, fields: Record<string, string>): Form => ({
    action: new URL(`${app.issuer}/device`),
    method: 'POST',
    fields: { user_code: String(form.fields.user_code), xsrf: String(form.fields.xsrf), ...fields },
  });

  it('gives tokens to a device that a person approves on Tessera’s own pages', async () => {
    const device = await startDevice(plain.rp);
    expect(device).toMatchObject({
      device_code: expect.stringMatching(/^[\w-]{43}$/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: `${app.issuer}/device`,
      verification_uri_complete: `${app.issuer}/device?user_code=${device.user_code}`,
      expires_in: 600,
      interval: 5,
    });
    const browser = new Browser(app);
    const input = await browser.open(`${app.issuer}/device?client_id=${plain.clientId}`);
    expect([input.status, input.html]).toEqual([200, expect.stringContaining('Connect a device')]);
    const question = await browser.submit(onlyForm(input), { user_code: device.user_code.toLowerCase() });
    expect(question.html).toContain(device.user_code);
    expect(question.html).toContain('Shop web');
    expect((await askForTokens(app, plain, device.device_code)).body.error).toBe('authorization_pending');
    const end = await approve(plain, browser, question);
    expect([end.status, end.html]).toEqual([200, expect.stringContaining('Your device is connected')]);
    const tokens = await pollDevice(plain.rp, device);
    expect(tokens.claims()).toMatchObject({
      sub: plain.person.userId,
      amr: ['pwd'],
      acr: '',
      auth_time: expect.any(Number),
      tid: expect.any(String),
    });
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      sub: plain.person.userId,
      client_id: plain.clientId,
      app_id: plain.appId,
      aud: 'userid-api',
      scope: 'openid',
      roles: [],
    });
    expect((await plain.rp.userInfo(tokens.access_token, plain.person.userId)).sub).toBe(plain.person.userId);
    expect(tokens.refresh_token).toBeUndefined();
  });

  it('posts user_code, xsrf and device_info to approval_uri, then device_info to success_uri (13.2, 13.3)', async () => {
    const device = await startDevice(paged.rp);
    const browser = new Browser(app);
    const page = await browser.open(String(device.verification_uri_complete));
    const form = onlyForm(page);
    expect(form).toMatchObject({ method: 'POST', action: new URL(PAGES.approval_uri) });
    expect(form.fields).toEqual({
      user_code: device.user_code,
      xsrf: expect.stringMatching(/^\w{48}$/),
      device_info: expect.any(String),
    });
    expect(JSON.parse(String(form.fields.device_info))).toEqual({
      id: expect.stringMatching(/127\.0\.0\.1|::1/),
      ua: expect.stringContaining('openid-client'),
    });
    // Works without script: the button; with it: a script that carries the nonce of the policy.
    const [, nonce] = /<script nonce="([^"]+)">/.exec(page.html) ?? [];
    expect(page.html).toContain('<button type="submit">');
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain(`script-src 'nonce-${nonce}'`);
    expect(policy).toContain("frame-ancestors 'none'");
    const login = await browser.submit(fromApprovalPage(form, { approved: 'true' }));
    const { identifier, password } = paged.person;
    const success = onlyForm(await browser.submit(signInForm(login), { identifier, password }));
    expect([success.method, success.action.href]).toEqual(['POST', PAGES.success_uri]);
    expect(success.fields).toEqual({ device_info: form.fields.device_info });
    expect((await pollDevice(paged.rp, device)).access_token).toBeDefined();
    // A second device of the same person: the session is there, nobody types a password.
    const second = await startDevice(paged.rp);
    const again = onlyForm(await browser.open(String(second.verification_uri_complete)));
    const silent = onlyForm(await browser.submit(fromApprovalPage(again, { approved: 'true' })));
    expect(silent.action.href).toBe(PAGES.success_uri);
    expect((await pollDevice(paged.rp, second)).claims()?.sub).toBe(paged.person.userId);
  });

  it('sends a browser without a code to input_uri, and one with a wrong code there with the error (13.2, 13.3)', async () => {
    const browser = new Browser(app);
    // One client of the tenant has an input page: then nobody has to say which client is meant.
    expect((await browser.open(`${app.issuer}/device`)).url.href).toBe(PAGES.input_uri);
    const named = await browser.open(`${app.issuer}/device?client_id=${paged.clientId}`);
    expect(named.url.href).toBe(PAGES.input_uri);
    const form = onlyForm(await browser.open(`${app.issuer}/device?user_code=BBBB-BBBB`));
    expect([form.method, form.action.href, form.fields]).toEqual(['POST', PAGES.input_uri, { error: WRONG }]);
  });

  it('takes the form of an approval page on another site, which comes without cookies, by way of a page of ours', async () => {
    const device = await startDevice(paged.rp);
    const browser = new Browser(app);
    const form = onlyForm(await browser.open(String(device.verification_uri_complete)));
    const body = new URLSearchParams(fromApprovalPage(form, { approved: 'true', more: 'x' }).fields);
    const headers = { origin: 'https://tv.example.com', accept: 'text/html' };
    const hop = await fetch(`${app.url}/oidc/device`, { method: 'POST', body, headers });
    const html = await hop.text();
    expect(hop.status).toBe(200);
    expect(html).toContain(`action="${app.issuer}/device"`);
    expect(html).not.toContain('name="more"');
    // The same browser sends it on, from our own site.
    const login = await browser.submit(fromApprovalPage(form, { approved: 'true' }));
    expect(signInForm(login).fields).toHaveProperty('identifier');
  });

  it('asks an approval from elsewhere for the xsrf value of this very browser', async () => {
    const device = await startDevice(paged.rp);
    const [browser, other] = [new Browser(app), new Browser(app)];
    const form = onlyForm(await browser.open(String(device.verification_uri_complete)));
    await other.open(String(device.verification_uri_complete));
    const refused = [
      await browser.submit(fromApprovalPage(form, { approved: 'true', xsrf: '' })),
      await other.submit(fromApprovalPage(form, { approved: 'true' })),
      await new Browser(app).submit(fromApprovalPage(form, { approved: 'true' })),
    ];
    for (const page of refused)
      expect([onlyForm(page).action.href, onlyForm(page).fields]).toEqual([
        PAGES.input_uri,
        { error: INTERRUPTED },
      ]);
    expect((await askForTokens(app, paged, device.device_code)).body.error).toBe('authorization_pending');
  });

  it('says slow_down to a device that polls faster than every 5 s', async () => {
    const device = await startDevice(plain.rp);
    const errors = [];
    for (let poll = 0; poll < 3; poll++)
      errors.push((await askForTokens(node(poll), plain, device.device_code)).body.error);
    expect(errors).toEqual(['authorization_pending', 'slow_down', 'slow_down']);
  });

  it('says access_denied once the person has declined', async () => {
    const device = await startDevice(paged.rp);
    const browser = new Browser(app);
    const form = onlyForm(await browser.open(String(device.verification_uri_complete)));
    const end = onlyForm(await browser.submit(fromApprovalPage(form, { approved: 'false' })));
    expect([end.action.href, end.fields]).toEqual([PAGES.input_uri, { error: INTERRUPTED }]);
    const answer = await askForTokens(app, paged, device.device_code);
    expect([answer.status, answer.body.error]).toEqual([400, 'access_denied']);
    // Nobody approves it afterwards.
    const again = onlyForm(await new Browser(app).open(String(device.verification_uri_complete)));
    expect(again.fields).toEqual({ error: WRONG });
  });

  const approved = async (scene: Scene, parameters?: Record<string, string>, browser = new Browser(app)) => {
    const device = await startDevice(scene.rp, parameters);
    await approve(scene, browser, await browser.open(String(device.verification_uri_complete)));
    return device;
  };

  it('refuses another client that polls with the device code, and leaves the code to its own client', async () => {
    const device = await approved(plain);
    const stolen = await askForTokens(app, paged, device.device_code);
    expect([stolen.status, stolen.body.error]).toEqual([400, 'invalid_grant']);
    expect((await askForTokens(app, plain, device.device_code)).status).toBe(200);
  });

  it('takes an approved code once, over all processes, and a second use ends the tokens of the first', async () => {
    const device = await approved(plain);
    const answers = await Promise.all(
      [0, 1, 2, 3].map((at) => askForTokens(node(at), plain, device.device_code)),
    );
    // None where a loser has ended the grant before the winner got its tokens from it (C5).
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeLessThanOrEqual(1);
    expect(answers.filter(({ body }) => body.error === 'invalid_grant').length).toBe(4 - won.length);
    for (const { body } of won) expect((await plain.rp.introspect(body.access_token)).active).toBe(false);
    expect((await askForTokens(app, plain, device.device_code)).body.error).toBe('invalid_grant');
  });

  it('lets one of two people approve a code, and says that it is wrong to the other', async () => {
    const device = await startDevice(plain.rp);
    const browsers = [new Browser(node(0)), new Browser(node(1))];
    const questions = await Promise.all(
      browsers.map((browser) => browser.open(String(device.verification_uri_complete))),
    );
    const pages = await Promise.all(
      questions.map((page, at) => browsers[at]?.submit(onlyForm(page), { approved: 'true' })),
    );
    expect(pages.filter((page) => page?.url.pathname.startsWith('/login/')).length).toBe(1);
    const late = await new Browser(app).open(String(device.verification_uri_complete));
    expect(late.html).toContain(WRONG);
  });

  it('gives a refresh token for offline_access, which works, and honours a resource of the client', async () => {
    const device = await approved(plain, {
      scope: 'openid offline_access',
      resource: plain.resource.uri,
    });
    const tokens = await pollDevice(plain.rp, device);
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: plain.resource.uri });
    expect(tokens.expires_in).toBe(600);
    const refreshed = await plain.rp.refresh(String(tokens.refresh_token));
    expect(decodeJwt(refreshed.access_token).sub).toBe(plain.person.userId);
  });

  it('answers unauthorized_client to a client without the flow, at both endpoints', async () => {
    const other = await setScene(app);
    const start = await postForm(`${app.url}/oidc/device/auth`, { scope: 'openid' }, other);
    expect([start.status, start.body.error]).toEqual([400, 'unauthorized_client']);
    const poll = await askForTokens(app, other, 'a'.repeat(43));
    expect([poll.status, poll.body.error]).toEqual([400, 'unauthorized_client']);
  });

  it('gives nothing to a device whose person was disabled after the approval', async () => {
    const scene = await setScene(app, { device_authorization: OWN_PAGES });
    const device = await approved(scene);
    await admin.put(`/v1/users/${scene.person.userId}`, { status: 'Disabled' });
    const answer = await askForTokens(app, scene, device.device_code);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
  });

  it('gives nothing to a device once the sessions of its person were ended', async () => {
    const scene = await setScene(app, { device_authorization: OWN_PAGES });
    const device = await approved(scene);
    expect((await admin.delete(`/v1/sessions/${scene.person.userId}`)).status).toBe(200);
    expect((await askForTokens(app, scene, device.device_code)).body.error).toBe('invalid_grant');
  });

  it('refuses a sign-in that goes on after its session has ended', async () => {
    const device = await startDevice(plain.rp);
    const browser = new Browser(app);
    const question = await browser.open(String(device.verification_uri_complete));
    const login = await browser.submit(onlyForm(question), { approved: 'true' });
    browser.cookies.clear();
    const { identifier, password } = plain.person;
    const end = await browser.submit(signInForm(login), { identifier, password });
    expect(end.status).toBeGreaterThanOrEqual(400);
    expect((await askForTokens(app, plain, device.device_code)).body.error).toBe('authorization_pending');
  });

  it('asks the user of a third-party client for consent, and ends with it (oidc.md 15)', async () => {
    const scopes = ['openid', 'orders:read'];
    const party = await addThirdParty(app, paged, {
      allowed_scopes: scopes,
      device_authorization: OWN_PAGES,
    });
    const device = await startDevice(party.rp, { scope: scopes.join(' ') });
    const browser = new Browser(app);
    const question = await approve(
      paged,
      browser,
      await browser.open(String(device.verification_uri_complete)),
    );
    const end = await decide(browser, question, 'allow');
    expect(end.html).toContain('Your device is connected');
    const tokens = await pollDevice(party.rp, device);
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      client_id: party.clientId,
      scope: scopes.join(' '),
    });
    await admin.delete(
      `/v1/manage/consents/clients/${party.clientId}/users/${paged.person.userId}?app_id=${paged.appId}`,
    );
    expect((await party.rp.introspect(tokens.access_token)).active).toBe(false);
    const refused = await postForm(`${app.url}/oidc/device/auth`, { scope: 'openid users:delete' }, party);
    expect(refused.body.error).toBe('invalid_scope');
    const second = await startDevice(party.rp, { scope: scopes.join(' ') });
    const again = await approve(paged, browser, await browser.open(String(second.verification_uri_complete)));
    await decide(browser, again, 'deny');
    expect((await askForTokens(app, party, second.device_code)).body.error).toBe('access_denied');
  });

  it('answers odd requests to the page with a page, never with a failure', async () => {
    const codes = ['', '%00', 'B', '%F0%9F%8E%88', 'B'.repeat(3000)];
    const paths = [
      ...codes.map((code) => `?user_code=${code}`),
      '?user_code=A&user_code=B',
      '?client_id=%00',
      '/x?y=1',
    ];
    for (const path of paths) {
      const answer = await fetch(`${app.url}/oidc/device${path}`, { redirect: 'manual' });
      expect([path, answer.status < 500]).toEqual([path, true]);
    }
    const posted = await fetch(`${app.url}/oidc/device`, { method: 'POST', body: '{}' });
    expect(posted.status).toBeLessThan(500);
  });

  it('announces the endpoint and the grant type', async () => {
    const { body: document } = await read(await fetch(`${app.issuer}/.well-known/openid-configuration`));
    expect(document.device_authorization_endpoint).toBe(`${app.issuer}/device/auth`);
    expect(document.grant_types_supported).toContain(DEVICE_GRANT);
  });

  it('lets nobody guess user codes: after twenty wrong ones the address has to wait', async () => {
    const device = await startDevice(plain.rp);
    const statuses = new Set<number>();
    for (let guess = 0; guess < 22; guess++) {
      const code = `BCDF-${'BCDFGHJKLMNPQRSTVWXZ'[guess % 20]}BBB`;
      statuses.add((await new Browser(node(guess)).open(`${app.issuer}/device?user_code=${code}`)).status);
    }
    expect([...statuses]).toEqual([200, 429]);
    const right = await new Browser(app).open(String(device.verification_uri_complete));
    expect([right.status, right.headers.get('retry-after')]).toEqual([429, '600']);
    // The same page by another spelling of its path would be one without the limit.
    for (const path of ['/device/', '/Device', '/DEVICE/']) {
      const query = `?user_code=${device.user_code}`;
      const odd = await new Browser(app).open(`${app.issuer}${path}${query}`);
      expect([path, odd.status, odd.forms]).toEqual([path, 404, []]);
    }
  });
});

describe.each(storages.slice(0, 1))('the end of device codes ($name)', ({ options }) => {
  const clock = new Clock();
  let storage: StorageOptions;
  let app: App;
  beforeAll(async () => {
    storage = await options();
    app = await startApp({ ...storage, clock });
  });
  afterAll(async () => {
    await app.stop();
    await app.discard();
    clock.remove();
    await storage?.release();
  });

  it('says expired_token to the device and that the code is wrong to the person, after 600 s', async () => {
    const scene = await setScene(app, { device_authorization: PAGES });
    const device = await startDevice(scene.rp);
    clock.advance(601);
    const answer = await askForTokens(app, scene, device.device_code);
    expect([answer.status, answer.body.error]).toEqual([400, 'expired_token']);
    const form = onlyForm(await new Browser(app).open(String(device.verification_uri_complete)));
    expect(form.fields).toEqual({ error: WRONG });
  });
});
