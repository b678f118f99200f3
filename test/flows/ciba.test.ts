/** CIBA in poll mode (contract/oidc.md 14): an application asks, the user answers elsewhere. */
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { Browser } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { type Answer, type Api, adminToken, api, postForm, read } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';
import { addThirdParty, tokensByConsent } from '../support/third-party.ts';

const CIBA = 'urn:openid:params:grant-type:ciba';
const LOGIN_URI = 'https://bank.example.com/confirm?lang=en';
const ENABLED = { ciba_authorization: { enabled: true, login_uri: LOGIN_URI } };

const context = (members: object): string => JSON.stringify(members);
const BY_LINK = context({ channel: 'link', login_hint_type: 'user_id' });

describe.each(policyStorages)('CIBA ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let apps: App[] = [];
  let app: App;
  let admin: Api;
  let scene: Scene;
  const phone = '+14155550142';
  const node = (at: number): App => apps[at % apps.length] as App;

  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    apps = [app];
    if (name !== 'embedded') apps.push(await startApp({ ...storage, like: app, port: await freePort() }));
    admin = api(app, await adminToken(app));
    scene = await newScene();
    await admin.put(`/v1/users/${scene.person.userId}`, { phone_number: phone });
    await admin.post(`/v1/users/${scene.person.userId}/phone-numbers/${phone}/verify`, {});
  });
  afterAll(async () => {
    for (const one of apps.toReversed()) {
      await one.stop();
      await one.discard();
    }
    await storage?.release();
  });

  /** A person with a verified e-mail address, and a client with CIBA. */
  async function newScene(client: Record<string, unknown> = ENABLED): Promise<Scene> {
    const made = await setScene(app, client);
    const { userId, identifier } = made.person;
    const verified = await admin.post(`/v1/users/${userId}/emails/${identifier}/verify`, {});
    if (verified.status > 299) throw new Error(JSON.stringify(verified.body));
    return made;
  }
  const ask = (of: Scene, parameters: Record<string, string> = {}): Promise<Answer> =>
    postForm(
      `${app.url}/oidc/backchannel`,
      { scope: 'openid', login_hint: of.person.userId, request_context: BY_LINK, ...parameters },
      of,
    );
  const poll = (of: Pick<Scene, 'clientId' | 'clientSecret'>, id: string, at = 0): Promise<Answer> =>
    postForm(`${node(at).url}/oidc/token`, { grant_type: CIBA, auth_req_id: id }, of);
  const answer = async (token: string | undefined, body: unknown, at = 0): Promise<Answer> =>
    read(
      await fetch(`${node(at).url}/auth/backchannel/complete`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
      }),
    );
  const tokenOf = async (of: Scene): Promise<string> => (await of.rp.signIn(app, of.person)).access_token;

  it('sends a message with a link to login_uri, takes the user’s yes, and gives tokens to the client that polls', async () => {
    const request = await oidc.initiateBackchannelAuthentication(scene.rp.config, {
      scope: 'openid offline_access',
      login_hint: scene.person.identifier,
      binding_message: 'TX-42',
      request_context: context({
        channel: 'email',
        login_hint_type: 'email',
        custom_message: 'Pay <b>9</b>?',
      }),
    });
    expect(request).toEqual({ auth_req_id: expect.stringMatching(/^[\w-]{43}$/), expires_in: 600 });
    const line = await eventually('the message in the log', () =>
      apps
        .map((one) => one.output())
        .join('\n')
        .split('\n')
        .find((text) => text.includes(request.auth_req_id)),
    );
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      channel: 'email',
      to: scene.person.identifier,
      text: `Pay <b>9</b>? ${LOGIN_URI}&auth_req_id=${request.auth_req_id}&binding_message=TX-42`,
    });
    expect((await poll(scene, request.auth_req_id)).body.error).toBe('authorization_pending');
    const decided = await answer(await tokenOf(scene), { auth_req_id: request.auth_req_id, approved: true });
    expect([decided.status, decided.body]).toEqual([204, undefined]);
    const tokens = await oidc.pollBackchannelAuthenticationGrant(
      scene.rp.config,
      { ...request, interval: 1 },
      undefined,
      { signal: AbortSignal.timeout(8000) },
    );
    expect(tokens.claims()).toMatchObject({
      sub: scene.person.userId,
      amr: ['pwd'],
      acr: '',
      auth_time: expect.any(Number),
      tid: expect.any(String),
    });
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      client_id: scene.clientId,
      app_id: scene.appId,
      aud: 'userid-api',
      roles: [],
    });
    const refreshed = await scene.rp.refresh(String(tokens.refresh_token));
    expect(decodeJwt(refreshed.access_token).sub).toBe(scene.person.userId);
  });

  it('answers the link itself with channel link, and honours a resource (C19)', async () => {
    const { status, body } = await ask(scene, { resource: scene.resource.uri });
    expect([status, body]).toEqual([
      200,
      {
        auth_req_id: expect.any(String),
        expires_in: 600,
        link: `${LOGIN_URI}&auth_req_id=${body.auth_req_id}`,
      },
    ]);
    await answer(await tokenOf(scene), { auth_req_id: body.auth_req_id, approved: true });
    const tokens = await poll(scene, body.auth_req_id);
    expect(decodeJwt(tokens.body.access_token).aud).toBe(scene.resource.uri);
    expect(tokens.body.expires_in).toBe(600);
  });

  it('takes the phone number as hint and channel where nothing is said', async () => {
    const request = await postForm(
      `${app.url}/oidc/backchannel`,
      { scope: 'openid', login_hint: phone },
      scene,
    );
    expect(request.status).toBe(200);
    const line = await eventually('the message in the log', () =>
      apps
        .map((one) => one.output())
        .join('\n')
        .split('\n')
        .find((text) => text.includes(request.body.auth_req_id)),
    );
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      channel: 'sms',
      to: phone,
      text: `To verify it's you, click this link: ${LOGIN_URI}&auth_req_id=${request.body.auth_req_id}`,
    });
  });

  it('asks nobody who is unknown, disabled, or without a verified contact, and creates no user', async () => {
    const [unverified, disabled] = [await setScene(app, ENABLED), await newScene()];
    await admin.put(`/v1/users/${disabled.person.userId}`, { status: 'Disabled' });
    const byEmail = { request_context: context({ channel: 'email', login_hint_type: 'email' }) };
    const refusals = [
      await ask(scene, { ...byEmail, login_hint: 'nobody@example.com' }),
      await ask(scene, { ...byEmail, login_hint: unverified.person.identifier }),
      await ask(scene, { login_hint: unverified.person.userId }),
      await ask(scene, { login_hint: disabled.person.userId }),
      await ask(scene, { ...byEmail, login_hint: disabled.person.identifier }),
      await ask(scene, { login_hint: 'a\u0000b' }),
      // A verified e-mail address is no phone number.
      await ask(disabled, { request_context: context({ channel: 'sms', login_hint_type: 'user_id' }) }),
    ];
    expect(refusals.map(({ status, body }) => [status, body.error])).toEqual(
      refusals.map(() => [400, 'unknown_user_id']),
    );
    expect(new Set(refusals.map(({ body }) => body.error_description)).size).toBe(1);
    const found = await admin.get(
      '/v1/users/identifier?identifier_name=email&identifier_value=nobody@example.com',
    );
    expect(found.status).toBe(404);
  });

  it('sends one user five messages a minute at most, whichever client asks, and tells the client when to go on', async () => {
    const [victim, other] = [await newScene(), await newScene()];
    const byEmail = {
      login_hint: victim.person.userId,
      request_context: context({ channel: 'email', login_hint_type: 'user_id' }),
    };
    // A user of the tenant can be asked by the clients of every application.
    const asked: Answer[] = [];
    for (let turn = 0; turn < 6; turn++) asked.push(await ask(turn % 2 ? other : victim, byEmail));
    expect(asked.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 403]);
    expect(asked[5]?.body).toEqual({ error: 'access_denied', error_description: expect.any(String) });
    expect(Number(asked[5]?.headers.get('retry-after'))).toBeGreaterThan(0);
    const sent = (await admin.get(`/v1/outbox?to=${encodeURIComponent(victim.person.identifier)}`)).body
      .result;
    expect(sent).toHaveLength(5);
    // Nothing is sent for a link, and others are asked as before.
    expect((await ask(victim)).status).toBe(200);
    expect((await ask(other, { ...byEmail, login_hint: other.person.userId })).status).toBe(200);
  });

  it('refuses binding messages outside of the rule, odd contexts and odd expiries', async () => {
    for (const message of ['a b', 'x'.repeat(21), '<b>', 'ä'])
      expect((await ask(scene, { binding_message: message })).body.error).toBe('invalid_binding_message');
    expect((await ask(scene, { binding_message: 'aZ09-._+/!?#' })).status).toBe(200);
    for (const value of ['[]', '{', '"x"', '{"channel":"fax"}', '{"more":1}', '{"custom_message":""}'])
      expect([value, (await ask(scene, { request_context: value })).body.error]).toEqual([
        value,
        'invalid_request',
      ]);
    for (const value of ['0', '-1', 'x', '1.5'])
      expect((await ask(scene, { requested_expiry: value })).body.error).toBe('invalid_request');
    expect((await ask(scene, { requested_expiry: '120' })).body.expires_in).toBe(120);
    expect((await ask(scene, { scope: 'email' })).body.error).toBe('invalid_request');
    expect((await ask(scene, { login_hint: '' })).body.error).toBe('invalid_request');
  });

  it('says expired_token after requested_expiry, and takes no answer then', async () => {
    const { body } = await ask(scene, { requested_expiry: '1' });
    const token = await tokenOf(scene);
    await new Promise((done) => setTimeout(done, 1600));
    expect((await answer(token, { auth_req_id: body.auth_req_id, approved: true })).status).toBe(404);
    expect((await poll(scene, body.auth_req_id)).body.error).toBe('expired_token');
  });

  it('says access_denied once the user has declined, and slow_down to who polls too fast', async () => {
    const { body } = await ask(scene);
    const before = [await poll(scene, body.auth_req_id), await poll(scene, body.auth_req_id, 1)];
    expect(before.map((one) => one.body.error)).toEqual(['authorization_pending', 'slow_down']);
    expect(
      (await answer(await tokenOf(scene), { auth_req_id: body.auth_req_id, approved: false })).status,
    ).toBe(204);
    expect((await poll(scene, body.auth_req_id)).body.error).toBe('access_denied');
  });

  it('takes the answer of the very user that was asked, with that user’s own token, and of nobody else', async () => {
    const { body } = await ask(scene);
    const yes = { auth_req_id: body.auth_req_id, approved: true };
    const other = await newScene();
    const party = await addThirdParty(app, scene, { allowed_scopes: ['openid'] });
    const partner = await tokensByConsent(app, scene, party, { scope: 'openid' });
    const clientToken = (await postForm(`${app.url}/oidc/token`, { grant_type: 'client_credentials' }, scene))
      .body.access_token;
    const attempts = [
      await answer(undefined, yes),
      await answer('no.such.token', yes),
      await answer(await tokenOf(other), yes),
      await answer(partner.access_token, yes),
      await answer(clientToken, yes),
      await answer(await adminToken(app), yes),
      await answer(await tokenOf(scene), { ...yes, auth_req_id: 'a'.repeat(43) }),
      await answer(await tokenOf(scene), { ...yes, approved: 'true' }),
      await answer(await tokenOf(scene), { ...yes, user_id: other.person.userId }),
      await answer(await tokenOf(scene), {}),
    ];
    expect(attempts.map(({ status }) => status)).toEqual([401, 401, 404, 403, 403, 403, 404, 400, 400, 400]);
    expect((await poll(scene, body.auth_req_id)).body.error).toBe('authorization_pending');
  });

  it('takes one answer, over all processes, and tokens once', async () => {
    const { body } = await ask(scene);
    const token = await tokenOf(scene);
    const answers = await Promise.all(
      [true, false, true, false].map((approved, at) =>
        answer(token, { auth_req_id: body.auth_req_id, approved }, at),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409, 409, 409]);
    const second = await ask(scene);
    await answer(token, { auth_req_id: second.body.auth_req_id, approved: true });
    const polls = await Promise.all([0, 1, 2].map((at) => poll(scene, second.body.auth_req_id, at)));
    // None where a loser has ended the grant before the winner got its tokens from it (C5).
    const won = polls.filter(({ status }) => status === 200);
    expect(won.length).toBeLessThanOrEqual(1);
    for (const { body: tokens } of won)
      expect((await scene.rp.introspect(tokens.access_token)).active).toBe(false);
    expect((await poll(scene, second.body.auth_req_id)).body.error).toBe('invalid_grant');
    // Used, and gone where a second use has ended its grant.
    const late = await answer(token, { auth_req_id: second.body.auth_req_id, approved: true });
    expect([404, 409]).toContain(late.status);
  });

  it('refuses another client that polls, and leaves the request to its own', async () => {
    const { body } = await ask(scene);
    await answer(await tokenOf(scene), { auth_req_id: body.auth_req_id, approved: true });
    const other = await newScene();
    expect((await poll(other, body.auth_req_id)).body.error).toBe('invalid_grant');
    expect((await poll(scene, body.auth_req_id)).status).toBe(200);
  });

  it('takes no answer with a token whose user has signed out', async () => {
    const { body } = await ask(scene);
    const token = await tokenOf(scene);
    const signedOut = await fetch(`${app.url}/v1/auth/logout`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(signedOut.status).toBe(200);
    expect((await answer(token, { auth_req_id: body.auth_req_id, approved: true })).status).toBe(403);
    expect((await poll(scene, body.auth_req_id)).body.error).toBe('authorization_pending');
  });

  it('takes no yes with one factor where the application or the request asks for two (authentication.md 7)', async () => {
    const strict = await newScene();
    const set = await admin.put(`/v1/applications/${strict.appId}`, { hosted_login: { mfa: 'required' } });
    expect(set.status).toBeLessThan(300);
    // A sign-in to another application, which is content with one.
    const token = (await scene.rp.signIn(app, strict.person)).access_token;
    const asked = (await ask(strict)).body.auth_req_id;
    expect((await answer(token, { auth_req_id: asked, approved: true })).status).toBe(403);
    expect((await poll(strict, asked)).body.error).toBe('authorization_pending');
    expect((await answer(token, { auth_req_id: asked, approved: false })).status).toBe(204);
    const stepUp = await ask(scene, { acr_values: 'mfa' });
    const yes = { auth_req_id: stepUp.body.auth_req_id, approved: true };
    expect((await answer(await tokenOf(scene), yes)).status).toBe(403);
  });

  it('gives no tokens to a user who was disabled at any later step', async () => {
    const [before, after] = [await newScene(), await newScene()];
    const asked = (await ask(before)).body.auth_req_id;
    const token = await tokenOf(before);
    await admin.put(`/v1/users/${before.person.userId}`, { status: 'Disabled' });
    expect((await answer(token, { auth_req_id: asked, approved: true })).status).toBe(401);
    expect((await poll(before, asked)).status).toBe(400);
    const approved = (await ask(after)).body.auth_req_id;
    expect((await answer(await tokenOf(after), { auth_req_id: approved, approved: true })).status).toBe(204);
    await admin.put(`/v1/users/${after.person.userId}`, { status: 'Disabled' });
    expect((await poll(after, approved)).body.error).toBe('invalid_grant');
    await admin.put(`/v1/users/${after.person.userId}`, { status: 'Active' });
    expect((await poll(after, approved)).body.error).toBe('invalid_grant');
  });

  it('is not open to clients without the flow, without a login_uri, of third parties, and to public ones', async () => {
    const clients = [
      await setScene(app),
      await setScene(app, { ciba_authorization: { enabled: true, login_uri: '' } }),
      await addThirdParty(app, scene, { ...ENABLED, allowed_scopes: ['openid'] }),
    ];
    for (const client of clients) {
      const refused = await postForm(
        `${app.url}/oidc/backchannel`,
        { scope: 'openid', login_hint: scene.person.userId, request_context: BY_LINK },
        client,
      );
      expect([refused.status, refused.body.error]).toEqual([400, 'unauthorized_client']);
    }
    expect((await poll(await setScene(app), 'a'.repeat(43))).body.error).toBe('unauthorized_client');
    const open = await setScene(app, { ...ENABLED, pkce: 'enforcePkceInsteadOfClientCredentials' });
    const answered = await postForm(`${app.url}/oidc/backchannel`, {
      client_id: open.clientId,
      scope: 'openid',
      login_hint: scene.person.userId,
    });
    expect(answered.body.error).toBe('unauthorized_client');
  });

  it('announces the endpoint, the mode and the grant type', async () => {
    const document = await (await fetch(`${app.issuer}/.well-known/openid-configuration`)).json();
    expect(document).toMatchObject({
      backchannel_authentication_endpoint: `${app.issuer}/backchannel`,
      backchannel_token_delivery_modes_supported: ['poll'],
      grant_types_supported: expect.arrayContaining([CIBA]),
    });
  });

  it('ends a request that nobody answered with the sessions of its user: a new sign-in is needed for a yes', async () => {
    const { body } = await ask(scene);
    const browser = new Browser(app);
    const first = await scene.rp.signIn(app, scene.person, { browser });
    await admin.delete(`/v1/sessions/${scene.person.userId}`);
    expect((await answer(first.access_token, { auth_req_id: body.auth_req_id, approved: true })).status).toBe(
      403,
    );
    expect(
      (await answer(await tokenOf(scene), { auth_req_id: body.auth_req_id, approved: true })).status,
    ).toBe(204);
  });
});
