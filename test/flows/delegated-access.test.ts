/** Delegated access between users (contract/oidc.md 5 and 16): consents, and tokens that rest on them. */
import { randomBytes } from 'node:crypto';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import {
  type Answer,
  type Api,
  adminToken,
  api,
  clientToken,
  postForm,
  read,
} from '../support/management.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';
import { addThirdParty, tokensByConsent } from '../support/third-party.ts';

const GRANT = 'urn:transmit:grant-type:delegated-access';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const ME = '/v1/delegated-access/consents/me';
const PERMISSIONS = ['orders:read', 'orders:edit'];

interface Person {
  readonly identifier: string;
  readonly password: string;
  readonly userId: string;
  readonly token: string;
  readonly api: Api;
}

describe.each(policyStorages)('delegated access ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let apps: App[] = [];
  let app: App;
  let admin: Api;
  let scene: Scene;
  const node = (at: number): App => apps[at % apps.length] as App;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    apps = [app];
    if (name !== 'embedded') apps.push(await startApp({ ...storage, like: app, port: await freePort() }));
    admin = api(app, await adminToken(app));
    scene = await setScene(app);
  });
  afterAll(async () => {
    for (const one of apps.toReversed()) {
      await one.stop();
      await one.discard();
    }
    await storage?.release();
  });

  const signedIn = async (at: Scene, of: Omit<Person, 'token' | 'api'>): Promise<Person> => {
    const token = (await at.rp.signIn(app, of)).access_token;
    return { ...of, token, api: api(app, token) };
  };
  const person = async (at = scene): Promise<Person> => {
    const identifier = `p-${randomBytes(5).toString('hex')}@example.com`;
    const password = `Aa1!${randomBytes(12).toString('base64url')}`;
    const made = await admin.post('/v1/users', {
      email: identifier,
      credentials: { password, force_replace: false },
    });
    return signedIn(at, { identifier, password, userId: made.body.result.user_id });
  };
  const ask = (actor: Person, subject: Pick<Person, 'userId'>, more: object = {}): Promise<Answer> =>
    actor.api.post(`${ME}/request`, {
      permissions: PERMISSIONS,
      consent_uri: REDIRECT_URI,
      subject_id: subject.userId,
      ...more,
    });
  const agree = async (actor: Person, subject: Person, more: object = {}): Promise<string> => {
    const { consent_id: id } = (await ask(actor, subject, more)).body.result;
    const granted = await subject.api.post(`${ME}/grant`, { consent_id: id });
    if (granted.status !== 204) throw new Error(JSON.stringify(granted.body));
    return id;
  };
  const pair = async (more: object = {}) => {
    const [actor, subject] = [await person(), await person()];
    return { actor, subject, consentId: await agree(actor, subject, more) };
  };
  const exchange = (
    actorToken: string,
    subject: { userId: string },
    more: Record<string, string> = {},
    of: Pick<Scene, 'clientId' | 'clientSecret'> = scene,
    at = 0,
  ): Promise<Answer> =>
    postForm(
      `${node(at).url}/oidc/token`,
      {
        grant_type: GRANT,
        actor_token: actorToken,
        subject_identifier: subject.userId,
        scope: 'orders:read',
        ...more,
      },
      of,
    );
  const isActive = async (token: string, at = 1): Promise<boolean> =>
    (await postForm(`${node(at).url}/oidc/token/introspection`, { token }, scene)).body.active;

  it('asks the subject by mail with signed parameters, and gives the actor a token once the subject agrees', async () => {
    const [actor, subject] = [await person(), await person()];
    const asked = await ask(actor, subject);
    expect(asked.status).toBe(200);
    const line = await eventually('the message in the log', () =>
      apps
        .map((one) => one.output())
        .join('\n')
        .split('\n')
        .find((text) => text.includes(subject.identifier) && text.includes('consent_params')),
    );
    const { to, text } = JSON.parse(line ?? '{}');
    expect(to).toBe(subject.identifier);
    const link = new URL(/https:\S+/.exec(text)?.[0] ?? '');
    expect(link.origin + link.pathname).toBe(REDIRECT_URI);
    const { payload, protectedHeader } = await jwtVerify(
      link.searchParams.get('consent_params') ?? '',
      createRemoteJWKSet(new URL(`${app.issuer}/jwks`)),
      { issuer: app.issuer, audience: REDIRECT_URI },
    );
    expect(protectedHeader.typ).toBe('consent-params+jwt');
    expect(payload).toMatchObject({
      actorUserId: actor.userId,
      subjectUserId: subject.userId,
      permissions: PERMISSIONS,
      consentId: asked.body.result.consent_id,
    });
    // A question is no consent.
    expect((await exchange(actor.token, subject)).body.error).toBe('invalid_grant');
    expect((await subject.api.post(`${ME}/grant`, { consent_id: payload.consentId })).status).toBe(204);
    const tokens = await oidc.genericGrantRequest(scene.rp.config, GRANT, {
      actor_token: actor.token,
      actor_token_type: ACCESS_TOKEN,
      subject_identifier: subject.userId,
      subject_identifier_type: 'user_id',
      scope: 'orders:read',
    });
    expect(tokens).toMatchObject({
      expires_in: 3600,
      scope: 'orders:read',
      token_type: 'bearer',
      issued_token_type: ACCESS_TOKEN,
    });
    expect([tokens.refresh_token, tokens.id_token]).toEqual([undefined, undefined]);
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      sub: subject.userId,
      act: { sub: actor.userId },
      permissions: ['orders:read'],
      scope: 'orders:read',
      aud: 'userid-api',
      client_id: scene.clientId,
      app_id: scene.appId,
      roles: [],
    });
    expect(await scene.rp.introspect(tokens.access_token)).toMatchObject({
      active: true,
      sub: subject.userId,
      act: { sub: actor.userId },
      permissions: ['orders:read'],
    });
    const listed = { consent_id: payload.consentId, actor_id: actor.userId, subject_id: subject.userId };
    for (const side of [actor, subject])
      expect((await side.api.get(ME)).body.result).toEqual([
        expect.objectContaining({ ...listed, permissions: PERMISSIONS, status: 'granted' }),
      ]);
  });

  it('gives everything that was permitted for openid alone, and a token for a resource where one is named', async () => {
    const { actor, subject } = await pair();
    const all = await exchange(actor.token, subject, { scope: 'openid', resource: scene.resource.uri });
    expect(all.status).toBe(200);
    expect(decodeJwt(all.body.access_token)).toMatchObject({
      aud: scene.resource.uri,
      permissions: PERMISSIONS,
    });
    expect(all.body.expires_in).toBe(600);
  });

  it('lets nobody widen what was permitted (invalid_scope)', async () => {
    const { actor, subject } = await pair({ permissions: ['orders:read'] });
    for (const scope of ['orders:edit', 'orders:read orders:edit', 'openid email', 'offline_access', 'roles'])
      expect([scope, (await exchange(actor.token, subject, { scope })).body.error]).toEqual([
        scope,
        'invalid_scope',
      ]);
    // The subject’s own token, the other direction, and a third person.
    const third = await person();
    expect((await exchange(subject.token, { userId: actor.userId })).body.error).toBe('invalid_grant');
    expect((await exchange(third.token, subject)).body.error).toBe('invalid_grant');
    expect((await exchange(actor.token, third)).body.error).toBe('invalid_grant');
    expect((await exchange(actor.token, { userId: 'nobody' })).body.error).toBe('invalid_grant');
    expect((await exchange(actor.token, { userId: 'a\u0000' })).body.error).toBe('invalid_grant');
  });

  it('refuses what is missing or of another form (invalid_request)', async () => {
    const { actor, subject } = await pair();
    const wrong: Record<string, string>[] = [
      { actor_token: '' },
      { scope: '' },
      { subject_identifier: '' },
      { actor_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
      { subject_identifier_type: 'email' },
    ];
    for (const more of wrong)
      expect([more, (await exchange(actor.token, subject, more)).body.error]).toEqual([
        more,
        'invalid_request',
      ]);
  });

  it('takes a live token of a user of a first party’s client of this application as actor_token, and no other', async () => {
    const { actor, subject } = await pair();
    const party = await addThirdParty(app, scene, { allowed_scopes: ['openid', 'orders:read'] });
    const partner = await tokensByConsent(app, { ...scene, person: actor }, party, {
      scope: 'openid orders:read',
    });
    const elsewhere = await setScene(app);
    const signedInElsewhere = (await elsewhere.rp.signIn(app, actor)).access_token;
    const delegated = (await exchange(actor.token, subject)).body.access_token;
    const idToken = (await scene.rp.signIn(app, actor)).id_token;
    const revoked = (await scene.rp.signIn(app, actor)).access_token;
    await scene.rp.revoke(revoked);
    const tokens = [
      'x',
      'a.b.c',
      partner.access_token,
      signedInElsewhere,
      delegated,
      String(idToken),
      revoked,
      await clientToken(app, scene),
      await adminToken(app),
    ];
    for (const [at, token] of tokens.entries())
      expect([at, (await exchange(token, subject)).body.error]).toEqual([at, 'invalid_grant']);
  });

  it('is not open to third-party clients, public clients and management applications', async () => {
    const { actor, subject } = await pair();
    const party = await addThirdParty(app, scene, { allowed_scopes: ['openid', 'orders:read'] });
    for (const client of [party, app.management])
      expect((await exchange(actor.token, subject, {}, client)).body.error).toBe('unauthorized_client');
    const open = await setScene(app, { pkce: 'enforcePkceInsteadOfClientCredentials' });
    const answer = await postForm(`${app.url}/oidc/token`, {
      client_id: open.clientId,
      grant_type: GRANT,
      actor_token: actor.token,
      subject_identifier: subject.userId,
      scope: 'orders:read',
    });
    expect(answer.body.error).toBe('unauthorized_client');
    // A consent is good in the application in which it was given.
    const elsewhere = await setScene(app);
    const there = (await elsewhere.rp.signIn(app, actor)).access_token;
    expect((await exchange(there, subject, {}, elsewhere)).body.error).toBe('invalid_grant');
  });

  it('opens none of our own routes to a delegated token: nobody reaches the subject’s account with it', async () => {
    const { actor, subject, consentId } = await pair();
    const { access_token: token } = (await exchange(actor.token, subject)).body;
    const stolen = api(app, token);
    const more = (await ask(actor, subject, { permissions: ['orders:delete'] })).body.result.consent_id;
    const statuses = [
      await stolen.get('/v1/users/me'),
      await stolen.put('/v1/users/me', { language: 'fr' }),
      await stolen.post(`${ME}/grant`, { consent_id: more }),
      await stolen.get(ME),
      await stolen.delete(`${ME}/permissions/subject?actor_id=${actor.userId}`),
      await stolen.post('/v1/auth/logout'),
      await stolen.post('/auth/backchannel/complete', { auth_req_id: consentId, approved: true }),
    ].map(({ status }) => status);
    expect(statuses).toEqual(statuses.map(() => 403));
    const userInfo = await fetch(`${app.url}/oidc/me`, { headers: { authorization: `Bearer ${token}` } });
    expect(userInfo.status).toBe(403);
  });

  it('takes a grant from the very subject, once', async () => {
    const [actor, subject, other] = [await person(), await person(), await person()];
    const { consent_id: id } = (await ask(actor, subject)).body.result;
    const grant = (who: Person, at = 0) => api(node(at), who.token).post(`${ME}/grant`, { consent_id: id });
    expect((await grant(actor)).status).toBe(404);
    expect((await grant(other)).status).toBe(404);
    const elsewhere = await setScene(app);
    expect((await grant(await signedIn(elsewhere, subject))).status).toBe(404);
    const answers = await Promise.all([0, 1, 0, 1].map((at) => grant(subject, at)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404, 404]);
  });

  it.each([
    ['actor', 'subject_id'],
    ['subject', 'actor_id'],
  ] as const)('ends tokens at once when the %s withdraws', async (side, parameter) => {
    const { actor, subject } = await pair();
    const { access_token: token } = (await exchange(actor.token, subject)).body;
    expect(await isActive(token)).toBe(true);
    const [who, other] = side === 'actor' ? [actor, subject] : [subject, actor];
    const path = `${ME}/permissions/${side}?${parameter}=${other.userId}`;
    // Nobody withdraws for others, nor on the other side.
    expect((await other.api.delete(path)).status).toBe(404);
    expect((await who.api.delete(path)).status).toBe(204);
    expect(await isActive(token)).toBe(false);
    expect((await exchange(actor.token, subject, {}, scene, 1)).body.error).toBe('invalid_grant');
    expect((await who.api.delete(path)).status).toBe(404);
    expect((await who.api.delete(`${ME}/permissions/${side}`)).status).toBe(400);
  });

  it.each(['actor', 'subject'] as const)('ends when the %s is disabled, and when deleted', async (side) => {
    const people = await pair();
    const { actor, subject } = people;
    const { access_token: token } = (await exchange(actor.token, subject)).body;
    await admin.put(`/v1/users/${people[side].userId}`, { status: 'Disabled' });
    expect(await isActive(token)).toBe(false);
    expect((await exchange(actor.token, subject)).body.error).toBe('invalid_grant');
    await admin.put(`/v1/users/${people[side].userId}`, { status: 'Active' });
    expect(await isActive(token)).toBe(true);
    await admin.delete(`/v1/manage/users/${people[side].userId}`);
    expect(await isActive(token)).toBe(false);
    const left = side === 'actor' ? subject : actor;
    expect((await left.api.get(ME)).body.result).toEqual([]);
  });

  it.each(['actor', 'subject'] as const)('ends when the %s is removed from the application', async (side) => {
    const people = await pair();
    const { actor, subject } = people;
    const { access_token: token } = (await exchange(actor.token, subject)).body;
    const backend = api(app, await clientToken(app, scene));
    expect((await backend.delete(`/v1/users/${people[side].userId}/apps`)).status).toBeLessThan(300);
    expect(await isActive(token)).toBe(false);
    // Whoever comes back is let in anew, and what was agreed before is not agreed any more.
    const again = side === 'actor' ? (await signedIn(scene, actor)).token : actor.token;
    expect((await exchange(again, subject)).body.error).toBe('invalid_grant');
  });

  it('ends in an application that the subject is removed from, where it was given for all of them (management-api.md 12)', async () => {
    const other = await setScene(app);
    const both = [scene, other];
    const actor = await person();
    const atOther = await signedIn(other, actor);
    const email = `ward-${randomBytes(4).toString('hex')}@example.com`;
    const made = await admin.post('/v1/users', {
      email,
      delegated_access: { actor_id: actor.userId, permissions: ['orders:read'] },
    });
    const subject = { userId: String(made.body.result.user_id) };
    const answers = async () => [
      (await exchange(actor.token, subject)).status,
      (await exchange(atOther.token, subject, {}, other)).status,
    ];
    // In no application yet: anywhere.
    expect(await answers()).toEqual([200, 200]);
    const backends = await Promise.all(both.map(async (at) => api(app, await clientToken(app, at))));
    const path = `/v1/users/${subject.userId}/apps`;
    // An application takes in whom the tenant has by naming them.
    for (const backend of backends)
      expect((await backend.post('/v1/users', { email })).status).toBeLessThan(300);
    expect(await answers()).toEqual([200, 200]);
    const { access_token: token } = (await exchange(actor.token, subject)).body;
    expect((await backends[0]?.delete(path))?.status).toBeLessThan(300);
    expect(await isActive(token)).toBe(false);
    expect(await answers()).toEqual([400, 200]);
    // Whoever has left the last one is not taken for somebody who has not come in yet.
    expect((await backends[1]?.delete(path))?.status).toBeLessThan(300);
    expect(await answers()).toEqual([400, 400]);
  });

  it('revokes a delegated token like any other (oidc.md 10)', async () => {
    const { actor, subject } = await pair();
    const [first, second] = [await exchange(actor.token, subject), await exchange(actor.token, subject)];
    await scene.rp.revoke(first.body.access_token);
    expect(await isActive(first.body.access_token)).toBe(false);
    expect(await isActive(second.body.access_token)).toBe(true);
  });

  it('ends the token with the consent, not later', async () => {
    const { actor, subject } = await pair({ consent_expiration: 120 });
    const { body } = await exchange(actor.token, subject);
    expect(body.expires_in).toBeLessThanOrEqual(120);
    const { exp = 0, iat = 0 } = decodeJwt(body.access_token);
    expect(exp - iat).toBeLessThanOrEqual(120);
  });

  it('refuses requests to pages that are not the client’s, to nobody, to oneself, and too many', async () => {
    const [actor, subject] = [await person(), await person()];
    expect((await ask(actor, subject, { consent_uri: `${REDIRECT_URI}/x` })).status).toBe(400);
    expect((await ask(actor, subject, { permissions: [] })).status).toBe(400);
    expect((await ask(actor, subject, { permissions: ['openid'] })).status).toBe(400);
    expect((await ask(actor, subject, { permissions: ['a b'] })).status).toBe(400);
    expect((await ask(actor, subject, { consent_expiration: 1 })).status).toBe(400);
    expect((await ask(actor, actor)).status).toBe(400);
    expect((await ask(actor, { userId: 'nobody' })).status).toBe(404);
    const answers = [];
    for (let time = 0; time < 6; time++) answers.push((await ask(actor, subject)).status);
    expect(answers).toEqual([200, 200, 200, 200, 200, 429]);
    // A newer question replaces the older one.
    expect((await subject.api.get(ME)).body.result).toHaveLength(1);
  });

  it('creates a dependent user with somebody who may act for them, and no consent step (management-api.md 12)', async () => {
    const [actor, other] = [await person(), await person()];
    const email = () => `child-${randomBytes(4).toString('hex')}@example.com`;
    const create = (by: Api, more: object = {}, address = email()) =>
      by.post('/v1/users', {
        email: address,
        delegated_access: { actor_id: actor.userId, permissions: ['orders:read'] },
        ...more,
      });
    const child = await create(admin);
    expect(child.status).toBe(201);
    const subject = { userId: child.body.result.user_id };
    const token = await exchange(actor.token, subject);
    expect(decodeJwt(token.body.access_token)).toMatchObject({
      sub: subject.userId,
      act: { sub: actor.userId },
    });
    expect((await exchange(other.token, subject)).body.error).toBe('invalid_grant');
    expect(
      (await create(admin, { delegated_access: { actor_id: 'nobody', permissions: ['a'] } })).status,
    ).toBe(400);
    expect((await create(admin, { delegated_access: { actor_id: actor.userId } })).status).toBe(400);
    // An application cannot make somebody act for a user who is there already, nor somebody outside of its reach.
    const own = api(app, await clientToken(app, scene));
    const address = email();
    await admin.post('/v1/users', { email: address });
    const member = await own.post('/v1/users', { email: email() });
    const byMember = { delegated_access: { actor_id: member.body.result.user_id, permissions: ['a'] } };
    expect((await create(own, byMember, address)).status).toBe(409);
    const outside = (await admin.post('/v1/users', { email: email() })).body.result.user_id;
    const byOutsider = { delegated_access: { actor_id: outside, permissions: ['a'] } };
    expect((await create(own, byOutsider)).status).toBe(400);
    expect((await create(own, byMember)).status).toBe(201);
  });

  it('announces the grant type', async () => {
    const { body: document } = await read(await fetch(`${app.issuer}/.well-known/openid-configuration`));
    expect(document.grant_types_supported).toContain(GRANT);
  });
});
