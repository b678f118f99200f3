/** The first minutes of a deployment: first start, second start, stop, and every reason not to start. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type StorageOptions, storages } from '../support/engines.ts';
import { adminToken, api } from '../support/management.ts';
import { type App, freePort, refusedStart, startApp } from '../support/start-app.ts';

describe.each(storages)('a first start on $name', ({ options }) => {
  let storage: StorageOptions;
  let first: App;
  const started: App[] = [];
  const start = async (again: Parameters<typeof startApp>[0]): Promise<App> => {
    const app = await startApp({
      databaseUrl: storage.databaseUrl,
      redisUrl: storage.redisUrl,
      fromNothing: true,
      ...again,
    });
    started.push(app);
    return app;
  };

  beforeAll(async () => {
    storage = await options('empty');
    first = await start({});
  });
  afterAll(async () => {
    for (const app of started.toReversed()) await app.discard();
    await storage.release();
  });

  it('prints the first identities, the discovery URL and a curl to copy', () => {
    const { clientId, clientSecret } = first.management;
    for (const printed of [
      first.issuer,
      first.admin.email,
      first.admin.password,
      clientId,
      clientSecret,
      'curl',
    ])
      expect(first.output()).toContain(printed);
    expect(first.output()).toContain(`${first.issuer}/.well-known/openid-configuration`);
    expect(first.demo).toBeDefined();
  });

  it('answers health and readiness as JSON', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await api(first).get(path);
      expect([path, answer.status, typeof answer.body]).toEqual([path, 200, 'object']);
    }
  });

  it('keeps all data over SIGTERM and exit 0, and the second start prints no secret', async () => {
    const before = await api(first, await adminToken(first)).get('/v1/applications');
    expect(before.status).toBe(200);
    expect(await first.stop('SIGTERM')).toBe(0);

    const second = await start({ like: first, port: first.port });
    const after = await api(second, await adminToken(second)).get('/v1/applications');
    expect(after.body).toEqual(before.body);
    for (const secret of [
      first.management.clientSecret,
      first.admin.password,
      first.demo?.clientSecret ?? '',
    ])
      expect(secret === '' || second.output().includes(secret)).toBe(false);
  });

  it('loses nothing that was answered when it is killed', async () => {
    const running = started.at(-1) ?? first;
    const name = `Survivor ${randomBytes(4).toString('hex')}`;
    const body = {
      app_name: name,
      client_display_name: name,
      redirect_uris: ['https://rp.example.com/callback'],
    };
    const created = await api(running, await adminToken(running)).post('/v1/applications', body);
    expect([created.status, created.body?.message]).toEqual([201, undefined]);
    await running.kill9();

    const revived = await start({ like: running, port: running.port });
    const list = await api(revived, await adminToken(revived)).get('/v1/applications');
    expect(JSON.stringify(list.body)).toContain(name);
    expect(await revived.stop('SIGINT')).toBe(0);
  });
});

describe('a start that cannot succeed', () => {
  /** What was said besides log lines. */
  const sentences = (output: string): string[] =>
    output.split('\n').filter((line) => line.trim() && !line.startsWith('{'));

  function expectOneSentence({ code, output }: { code: number; output: string }, about: RegExp): void {
    expect(output).not.toMatch(/^\s+at .+[:)]/m);
    expect(sentences(output)).toEqual([expect.stringMatching(about)]);
    expect(code).toBe(1);
  }

  it('names a taken port', async () => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    try {
      expectOneSentence(await refusedStart({ port }), new RegExp(String(port)));
    } finally {
      server.close();
    }
  });

  it('names a malformed PORT', async () => {
    expectOneSentence(await refusedStart({ env: { PORT: '30o0' } }), /PORT .*30o0/);
  });

  it('reports all configuration faults together', async () => {
    const { code, output } = await refusedStart({
      env: { PORT: 'x', LOG_LEVEL: 'loud', REDIS_URL: 'nowhere' },
    });
    expect(code).toBe(1);
    for (const name of ['PORT', 'LOG_LEVEL', 'REDIS_URL']) expect(output).toContain(name);
  });

  it('names an unreachable database, without its password', async () => {
    const port = await freePort();
    const refused = await refusedStart({
      databaseUrl: `postgres://tessera:hush-hush@127.0.0.1:${port}/tessera`,
    });
    expectOneSentence(refused, /database/i);
    expect(refused.output).not.toContain('hush-hush');
  });

  it('refuses a master key that is not 32 bytes', async () => {
    expectOneSentence(await refusedStart({ env: { MASTER_KEY: 'short' } }), /MASTER_KEY/);
  });

  it('refuses plain http and a self-made master key in production', async () => {
    const env = { NODE_ENV: 'production', PUBLIC_URL: 'http://id.example.com' };
    const { code, output } = await refusedStart({ env });
    expect([code, /PUBLIC_URL/.test(output), /MASTER_KEY/.test(output)]).toEqual([1, true, true]);
  });

  describe('on the data of another start', () => {
    let app: App;
    beforeAll(async () => {
      app = await startApp({ fromNothing: true });
    });
    afterAll(() => app.discard());

    it('names a data folder in use by another process', async () => {
      expectOneSentence(await refusedStart({ like: app }), /in use by another process/);
    });

    it('refuses a master key that does not open what is sealed', async () => {
      await app.stop();
      const env = { MASTER_KEY: randomBytes(32).toString('base64url') };
      expectOneSentence(await refusedStart({ like: app, env }), /master.?key/i);
    });

    it('refuses to start without the master key of its data', async () => {
      rmSync(join(app.keysDir, 'master.key'));
      expectOneSentence(await refusedStart({ like: app }), /master key of this database is missing/);
    });
  });
});
