/** Messages of running servers: killed, doubled, stopped; over TLS; and the development outbox of a server without any. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TenantId } from '../../src/base/ids.ts';
import { newId } from '../../src/base/secrets.ts';
import { TenantStore } from '../../src/tenants/tenant-store.ts';
import { selfSigned } from '../support/certificates.ts';
import { describeOn, type StorageOptions } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { MailSink } from '../support/mail-sink.ts';
import { adminToken, api, clientToken } from '../support/management.ts';
import { mailTo, OutboxScene } from '../support/outbox-scene.ts';
import { setScene } from '../support/scene.ts';
import { SmsSink } from '../support/sms-sink.ts';
import { type App, refusedStart, startApp } from '../support/start-app.ts';

const TEXT = { channel: 'sms', to: '+15551234567', text: 'Your code is 736251' } as const;

// The embedded database belongs to one process: nobody else could put a message into it.
describeOn('postgres')('messages of a server ($name)', ({ options }) => {
  let storage: StorageOptions;
  let sink: MailSink;
  let first: App;
  let scene: OutboxScene;
  const started: App[] = [];
  const start = async (more: Parameters<typeof startApp>[0] = {}): Promise<App> => {
    const app = await startApp({ databaseUrl: storage.databaseUrl, redisUrl: storage.redisUrl, ...more });
    started.push(app);
    return app;
  };
  beforeAll(async () => {
    storage = await options();
    sink = await MailSink.start();
    first = await start({ env: sink.env });
    scene = await OutboxScene.of(first);
  });
  afterAll(async () => {
    await scene?.close();
    for (const app of started.toReversed()) await app.discard();
    await sink?.close();
    await storage?.release();
  });
  const put = (...recipients: string[]) =>
    scene.enqueue(mailTo(sink), ...recipients.map((to) => scene.mail(to)));
  const becomes = (recipient: string, status: string) =>
    eventually(`${recipient} becomes ${status}`, async () => (await scene.row(recipient)).status === status);

  it('survive a kill -9 while the mail server is down', async () => {
    await sink.down();
    await put('survivor@example.com');
    await eventually('an attempt', async () => (await scene.row('survivor@example.com')).last_fault !== null);
    await first.kill9();
    await sink.up();
    await start({ like: first, port: first.port });
    await scene.age('survivor@example.com', 600);
    await sink.waitForMail('survivor@example.com');
    await becomes('survivor@example.com', 'sent');
    expect(sink.to('survivor@example.com')).toHaveLength(1);
  });

  it('survive a kill -9 in the middle of their delivery: another process sends them under the same Message-ID', async () => {
    const running = started.at(-1) ?? first;
    const attempts = sink.attempts;
    sink.hold();
    await put('half@example.com');
    await eventually('on its way', () => sink.attempts > attempts);
    await running.kill9();
    const second = await start({ like: first, port: first.port });
    // The lease of the dead process still holds: nobody sends the mail until it has run out.
    const row = await scene.row('half@example.com');
    expect([row.status, row.attempts]).toEqual(['waiting', 1]);
    await scene.age('half@example.com', 91);
    await eventually('taken again', async () => (await scene.row('half@example.com')).attempts === 2);
    sink.release();
    await becomes('half@example.com', 'sent');
    expect(new Set(sink.to('half@example.com').map(({ messageId }) => messageId))).toEqual(
      new Set([`<${row.message_id}@tessera.example>`]),
    );
    expect(second.output()).not.toContain('736251');
  });

  it('are sent once by two processes on one database', async () => {
    await start({ like: first });
    const recipients = Array.from({ length: 60 }, (_, at) => `once-${at}@example.com`);
    await Promise.all([put(...recipients.slice(0, 30)), put(...recipients.slice(30))]);
    for (const recipient of recipients) await sink.waitForMail(recipient);
    for (const recipient of recipients) await becomes(recipient, 'sent');
    expect(sink.mails.filter(({ recipients: [to = ''] }) => to.startsWith('once-'))).toHaveLength(60);
  });

  it('do not keep a server from stopping', async () => {
    const app = started.at(-1) as App;
    await sink.down();
    await put('waiting@example.com');
    await eventually('an attempt', async () => (await scene.row('waiting@example.com')).last_fault !== null);
    expect(await app.stop('SIGTERM')).toBe(0);
    expect((await scene.row('waiting@example.com')).status).toBe('waiting');
    await sink.up();
  });

  it('are unreadable for everybody once there is a mail server; text messages without a gateway still are readable', async () => {
    const admin = api(first, await adminToken(first));
    await scene.enqueue({}, scene.mail('kept@example.com'), { ...TEXT, tenantId: scene.tenantId });
    const answer = await eventually('the text message was kept', async () => {
      const { status, body } = await admin.get('/v1/outbox');
      return status === 200 && body.result[0]?.status === 'kept' && body;
    });
    expect(answer).toEqual({
      result: [
        {
          message_id: expect.any(String),
          ...TEXT,
          created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
          status: 'kept',
        },
      ],
    });
  });

  it('are readable by the own tenant only', async () => {
    const other = newId<TenantId>();
    await new TenantStore(scene.db).create(scene.db, other, 'Another');
    await scene.enqueue({}, { ...TEXT, to: '+15550000001', tenantId: other });
    const { body } = await api(first, await adminToken(first)).get('/v1/outbox');
    expect(body.result.map(({ to }: { to: string }) => to)).toEqual([TEXT.to]);
  });

  it('go with the application that they belong to', async () => {
    const admin = api(first, await adminToken(first));
    const { appId } = await setScene(first);
    await scene.enqueue({}, { ...TEXT, to: '+15550000002', tenantId: scene.tenantId, appId: appId as never });
    expect((await scene.row('+15550000002')).status).toBeTruthy();
    expect((await admin.delete(`/v1/applications/${appId}`)).status).toBe(204);
    await expect(scene.row('+15550000002')).rejects.toThrow();
  });

  it('go to a server behind STARTTLS with user and password, and to an SMS gateway', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tessera-tls-'));
    const tls = await selfSigned('localhost');
    const secure = await MailSink.start({ tls, credentials: { user: 'tessera', password: 'p@ss:w/rd' } });
    const gateway = await SmsSink.start();
    writeFileSync(join(folder, 'ca.pem'), tls.cert);
    writeFileSync(join(folder, 'token'), 'gateway-token\n');
    writeFileSync(join(folder, 'smtp'), `${secure.url}?tls=required\n`);
    const fresh = await options();
    const app = await startApp({
      ...fresh,
      env: {
        SMTP_URL_FILE: join(folder, 'smtp'),
        MAIL_FROM: 'no-reply@tessera.example',
        SMS_WEBHOOK_URL: gateway.url,
        SMS_WEBHOOK_TOKEN_FILE: join(folder, 'token'),
        NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      },
    });
    const its = await OutboxScene.of(app);
    await its.enqueue(
      { ...mailTo(secure), sms: mailTo(secure).email } as never,
      its.mail('tls@example.com'),
      {
        ...TEXT,
        tenantId: its.tenantId,
      },
    );
    expect(await secure.waitForMail('tls@example.com')).toMatchObject({
      wasEncrypted: true,
      user: 'tessera',
    });
    const { body, headers } = await gateway.waitForText(TEXT.to);
    expect([body, headers.authorization]).toEqual([{ to: TEXT.to, text: TEXT.text }, 'Bearer gateway-token']);
    expect((await api(app, await adminToken(app)).get('/v1/outbox')).body).toEqual({ result: [] });
    for (const secret of ['p@ss:w/rd', 'p%40ss', 'gateway-token', '736251'])
      expect(app.output()).not.toContain(secret);
    expect(await app.stop()).toBe(0);
    await its.close();
    await app.discard();
    await secure.close();
    await gateway.close();
    await fresh.release();
    rmSync(folder, { recursive: true });
  });
});

describeOn('postgres')('the development outbox ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: OutboxScene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await OutboxScene.of(app);
    await scene.enqueue(
      {},
      scene.mail('a@example.com', { senderName: 'Shop' }),
      scene.mail('b@example.com'),
      {
        ...TEXT,
        tenantId: scene.tenantId,
        senderId: 'Shop',
      },
    );
  });
  afterAll(async () => {
    await scene?.close();
    await app?.discard();
    await storage?.release();
  });
  const lines = (to: string): Record<string, unknown>[] =>
    app
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.includes(`"${to}"`))
      .map((line) => JSON.parse(line));

  it('says at the start that messages do not leave', () => {
    expect(app.output()).toMatch(/"level":40.*"channels":\["email","sms"\].*SMTP_URL/);
  });

  it('logs each message as one line with its link or code', async () => {
    await eventually('all lines', () =>
      ['a@example.com', 'b@example.com', TEXT.to].every((to) => lines(to).length > 0),
    );
    expect(lines('a@example.com')).toEqual([
      expect.objectContaining({
        level: 30,
        channel: 'email',
        to: 'a@example.com',
        subject: 'Sign in',
        link: 'https://id.example.com/link?a=1&b=2',
        text: expect.stringContaining('736251'),
      }),
    ]);
    expect(lines(TEXT.to)).toEqual([expect.objectContaining({ channel: 'sms', text: TEXT.text })]);
  });

  it('is read with a management token, newest first, filtered by recipient, at most 100', async () => {
    const admin = api(app, await adminToken(app));
    const all = await admin.get('/v1/outbox');
    expect(all.body.result.map(({ to }: { to: string }) => to)).toEqual([
      TEXT.to,
      'b@example.com',
      'a@example.com',
    ]);
    const { body } = await admin.get(`/v1/outbox?to=${encodeURIComponent('a@example.com')}`);
    expect(body).toEqual({
      result: [
        {
          message_id: expect.any(String),
          channel: 'email',
          to: 'a@example.com',
          subject: 'Sign in',
          text: scene.mail('a@example.com').text,
          html: scene.mail('a@example.com').html,
          sender_name: 'Shop',
          created_at: expect.any(String),
          status: 'kept',
        },
      ],
    });
    expect((await admin.get('/v1/outbox?to=nobody@example.com')).body).toEqual({ result: [] });
    expect((await admin.get('/v1/outbox?to=a&to=b')).status).toBe(400);
    await scene.enqueue({}, ...Array.from({ length: 105 }, () => scene.mail('many@example.com')));
    expect((await admin.get('/v1/outbox')).body.result).toHaveLength(100);
  });

  it('is closed to the tokens of applications and users', async () => {
    const { rp, person, ...credentials } = await setScene(app);
    const tokens = await rp.signIn(app, person);
    for (const token of [await clientToken(app, credentials), tokens.access_token])
      expect((await api(app, token).get('/v1/outbox')).status).toBe(403);
    expect((await api(app).get('/v1/outbox')).status).toBe(401);
  });
});

describe('a server whose messages are configured wrongly', () => {
  it('says every fault at once and does not start', async () => {
    const { code, output } = await refusedStart({
      env: {
        SMTP_URL: 'http://mail.example.com',
        MAIL_FROM: 'nobody',
        SMS_WEBHOOK_URL: 'ftp://sms.example.com',
        SMS_WEBHOOK_TOKEN: 'two words',
      },
    });
    expect(code).toBe(1);
    for (const name of ['SMTP_URL', 'MAIL_FROM', 'SMS_WEBHOOK_URL', 'SMS_WEBHOOK_TOKEN'])
      expect(output).toContain(`Tessera cannot start: ${name}`);
    expect(output).not.toContain('two words');
  });
});
