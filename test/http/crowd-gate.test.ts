/** A full house: what comes next is refused before anything is done for it. */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { crowdGate, Places, refuseCall } from '../../src/http/crowd-gate.ts';
import { readJsonBody } from '../../src/http/json-body.ts';
import { createKoa, type Listening, listen } from '../../src/http/server.ts';
import { refuseForm } from '../../src/login/crowded-page.ts';
import { isPasswordCall, isPasswordForm } from '../../src/users/password-load.ts';
import { freePort } from '../support/start-app.ts';

const CALL = '/v1/auth/password/authenticate';
const FORM = '/login/abc';

describe('the gate before password work', () => {
  let url: string;
  let port: number;
  let server: Listening;
  let begun: string[] = [];
  let open = Promise.withResolvers<void>();

  beforeAll(async () => {
    port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const koa = createKoa({ publicUrl: new URL(url), trustedProxies: [] });
    koa.use(crowdGate({ places: new Places(3), isCostly: isPasswordCall, refuse: refuseCall }));
    koa.use(crowdGate({ places: new Places(3), isCostly: isPasswordForm, refuse: refuseForm }));
    koa.use(async (ctx) => {
      if (ctx.method === 'POST' && ctx.path === CALL) await readJsonBody(ctx);
      begun.push(ctx.path);
      if (ctx.path === CALL || ctx.path === FORM) await open.promise;
      ctx.status = 204;
    });
    server = await listen(koa, { host: '127.0.0.1', port });
  });
  beforeEach(() => {
    begun = [];
    open = Promise.withResolvers();
  });
  afterAll(() => server?.stop(0));

  const post = (path: string, headers: Record<string, string> = {}) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{}',
    });
  async function fill(path: string, count = 3): Promise<Promise<Response>[]> {
    const inside = Array.from({ length: count }, () => post(path));
    while (begun.length < count) await pause(5);
    return inside;
  }
  const statuses = async (answers: readonly Promise<Response>[]): Promise<number[]> =>
    (await Promise.all(answers)).map(({ status }) => status);

  it('answers 503 with Retry-After to the fourth of three, and begins nothing for it (RFC 9110 15.6.4)', async () => {
    const inside = await fill(CALL);
    const answer = await post(CALL);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await answer.json()).toEqual({ message: expect.stringContaining('try again'), error_code: 503 });
    expect((await post(`/cis${CALL}`)).status).toBe(503);
    expect(begun).toEqual([CALL, CALL, CALL]);
    open.resolve();
    expect(await statuses(inside)).toEqual([204, 204, 204]);
    expect((await post(CALL)).status).toBe(204);
  });

  it('keeps nobody else out: other paths, other methods, and forms have places of their own', async () => {
    const inside = await fill(CALL);
    for (const path of ['/oidc/token', '/v1/auth/password/reset/email/otp', '/login/abc/passkey'])
      expect((await post(path)).status).toBe(204);
    const [got, form] = [fetch(url + CALL), post(FORM)];
    open.resolve();
    expect(await statuses([...inside, got, form])).toEqual(Array(5).fill(204));
  });

  it('tells a person so, on a page in their language', async () => {
    const inside = await fill(FORM);
    const answer = await post(FORM, { 'accept-language': 'fr-CA' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    const page = await answer.text();
    expect(page).toContain('lang="fr"');
    expect(page).toContain('role="alert"');
    expect(begun).toHaveLength(3);
    open.resolve();
    await statuses(inside);
  });

  it('gives the place of one who sends no body to others after two seconds', async () => {
    const silent = Array.from({ length: 3 }, () => {
      const socket = connect(port, '127.0.0.1');
      socket.write(
        `POST ${CALL} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n`,
      );
      return socket;
    });
    await pause(200);
    expect((await post(CALL)).status).toBe(503);
    await pause(2000);
    open.resolve();
    expect((await post(CALL)).status).toBe(204);
    for (const socket of silent) socket.destroy();
    // What they gave back early is not given back twice.
    await pause(100);
    open = Promise.withResolvers();
    begun = [];
    const inside = await fill(CALL);
    expect((await post(CALL)).status).toBe(503);
    open.resolve();
    await statuses(inside);
  });
});
