/** A passkey from a real Chromium, redeemed for tokens at the authentication API (contract/authentication.md 8; tokens-and-sessions.md 7). */
import { decodeJwt } from 'jose';
import type { Browser } from 'playwright-core';
import { describeWithChromium, launchChromium } from '../support/chromium.ts';
import { CodeScene, METHODS } from '../support/code-scene.ts';
import { type Api, api } from '../support/management.ts';
import { PasskeyBrowser } from '../support/passkey-browser.ts';
import { type App, startApp } from '../support/start-app.ts';

describeWithChromium('POST /v1/auth/webauthn/authenticate', () => {
  let chromium: Browser;
  let page: PasskeyBrowser;
  let app: App;
  let code: CodeScene;
  beforeAll(async () => {
    [chromium, app] = [await launchChromium(), await startApp()];
    page = await PasskeyBrowser.open(chromium);
    const webauthn_api = { rpId: 'localhost', rpWebOrigins: [page.origin] };
    code = await CodeScene.set(app, { ...METHODS, webauthn_api });
  });
  afterAll(async () => {
    await page?.close();
    await chromium?.close();
    await app?.discard();
  });

  const byPasskey = (answer: object, more: Record<string, unknown> = {}, by = code.backend) =>
    by.post('/v1/auth/webauthn/authenticate', { webauthn_encoded_result: answer, ...more });

  /** Signs in by a code, and adds a passkey with that token. */
  async function withPasskey(username: string) {
    const email = `${username}@example.com`;
    const userId = await code.newMember({ email });
    const named = { identifier_type: 'email', identifier: email };
    const sent = await code.backend.post('/v1/auth/otp/send', { channel: 'direct', ...named });
    const { body } = await code.backend.post('/v1/auth/otp/authenticate', {
      ...named,
      passcode: sent.body.code,
    });
    const me: Api = api(app, body.access_token);
    const started = await me.post('/v1/auth/webauthn/register/start', {
      client_id: code.scene.clientId,
      username,
    });
    const { webauthn_session_id, credential_creation_options: options } = started.body;
    const credential = await page.create(options);
    const registered = await me.post('/v1/auth/webauthn/register', {
      webauthn_encoded_result: { ...credential, webauthn_session_id },
    });
    expect([registered.status, registered.body.user_id]).toEqual([200, userId]);
    return { userId, sessionId: body.session_id as string };
  }

  async function answered(more: Record<string, unknown> = {}) {
    const started = await api(app).post('/v1/auth/webauthn/authenticate/start', {
      client_id: code.scene.clientId,
      ...more,
    });
    const { webauthn_session_id, credential_request_options: options } = started.body;
    return { ...(await page.get(options)), webauthn_session_id };
  }

  it('gives tokens with webauthn as factor, adds it to a session, and carries the approval data', async () => {
    const { userId, sessionId } = await withPasskey('ada');
    const answer = await answered({ approval_data: { order: '7' } });
    const { status, body } = await byPasskey(answer, { session_id: sessionId });
    expect([status, body.session_id]).toEqual([200, sessionId]);
    expect(decodeJwt(body.id_token)).toMatchObject({
      sub: userId,
      amr: ['eotp', 'webauthn', 'mfa'],
      acr: 'mfa',
      approval_data: { order: '7' },
    });
    const replayed = await byPasskey(answer);
    expect([replayed.status, replayed.body.error_code]).toEqual([400, 'invalid_request']);
  });

  it('refuses the session of another user, and an answer for another client', async () => {
    await page.takeNewAuthenticator();
    const bob = await withPasskey('bob');
    await page.takeNewAuthenticator();
    await withPasskey('eve');
    const stolen = await byPasskey(await answered(), { session_id: bob.sessionId });
    expect([stolen.status, stolen.body.message]).toEqual([400, 'Session not found']);
    const another = await code.anotherClient();
    const foreign = await byPasskey(await answered(), {}, another.backend);
    expect([foreign.status, foreign.body.error_code]).toEqual([400, 'invalid_request']);
  });
});
