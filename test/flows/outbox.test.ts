/** Messages reach people once, whatever happens to the process, the database and the mail server meanwhile. */
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { Secret } from '../../src/base/secrets.ts';
import { pauseAfter } from '../../src/messages/back-off.ts';
import type { Outbox } from '../../src/messages/outbox.ts';
import { SmsGateway } from '../../src/messages/sms-gateway.ts';
import { sweepOnce } from '../../src/storage/sweeper.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { codeIn, linkIn, MailSink } from '../support/mail-sink.ts';
import { mailTo, OutboxScene } from '../support/outbox-scene.ts';
import { SmsSink } from '../support/sms-sink.ts';

describe.each(policyStorages)('the outbox ($name)', ({ options }) => {
  let storage: StorageOptions;
  let scene: OutboxScene;
  let sink: MailSink;
  const stops: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    storage = await options();
    scene = await OutboxScene.open(storage);
  });
  beforeEach(async () => {
    sink = await MailSink.start();
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await sink.close();
    await scene.db.deleteFrom('outbox').execute();
  });
  afterAll(async () => {
    await scene?.close();
    await storage?.release();
  });
  const started = (outbox: Outbox): Outbox => {
    stops.push(outbox.start());
    return outbox;
  };
  const becomes = (recipient: string, status: string) =>
    eventually(`${recipient} becomes ${status}`, async () => {
      const row = await scene.row(recipient);
      return row.status === status && row;
    });

  it('sends a message exactly when the transaction that wrote it commits', async () => {
    const outbox = started(scene.outbox(mailTo(sink), { pollMs: 60_000 }));
    await scene.db
      .transaction()
      .execute(async (transaction) => {
        await outbox.enqueue(transaction, scene.mail('never@example.com'));
        outbox.flushed();
        throw new Error('the cause failed');
      })
      .catch(() => undefined);
    await scene.db
      .transaction()
      .execute((transaction) => outbox.enqueue(transaction, scene.mail('p@example.com')));
    const begun = performance.now();
    outbox.flushed();
    const mail = await sink.waitForMail('p@example.com');
    expect(performance.now() - begun).toBeLessThan(2000);
    expect([codeIn(mail), linkIn(mail)]).toEqual(['736251', 'https://id.example.com/link?a=1&b=2']);
    expect(sink.mails).toHaveLength(1);
  });

  it('is polled: nobody has to say that there is something', async () => {
    started(scene.outbox(mailTo(sink)));
    await scene.enqueue(mailTo(sink), scene.mail('p@example.com'));
    await sink.waitForMail('p@example.com');
  });

  it('seals what a message says, wipes it once it is sent, and logs nothing of it', async () => {
    const outbox = scene.outbox(mailTo(sink));
    await outbox.enqueue(scene.db, scene.mail('p@example.com'));
    const before = await scene.db.selectFrom('outbox').selectAll().executeTakeFirstOrThrow();
    expect(before.sealed_content?.length).toBeGreaterThan(100);
    for (const secret of ['736251', 'https://id.example.com', 'Sign in']) {
      expect(JSON.stringify(before)).not.toContain(secret);
      expect(Buffer.from(before.sealed_content ?? '', 'base64url').toString('latin1')).not.toContain(secret);
    }
    sink.refuse(451);
    started(outbox);
    await eventually('a first failure', async () => (await scene.row('p@example.com')).last_fault !== null);
    sink.refuse();
    const { message_id, sealed_content, last_fault } = await becomes('p@example.com', 'sent');
    expect([sealed_content, last_fault]).toEqual([null, null]);
    expect((await sink.waitForMail('p@example.com')).messageId).toBe(`<${message_id}@tessera.example>`);
    expect(scene.log).toContain(message_id);
    for (const secret of ['736251', 'https://id.example.com', 'p@example.com'])
      expect(scene.log).not.toContain(secret);
  });

  it('cannot be read by moving the content to another row', async () => {
    const outbox = scene.outbox(mailTo(sink));
    await outbox.enqueue(scene.db, scene.mail('victim@example.com'));
    await outbox.enqueue(scene.db, scene.mail('thief@example.com'));
    const { sealed_content } = await scene.row('victim@example.com');
    await scene.db
      .updateTable('outbox')
      .set({ sealed_content })
      .where('recipient', '=', 'thief@example.com')
      .execute();
    started(outbox);
    await sink.waitForMail('victim@example.com');
    await eventually('a failure', async () => (await scene.row('thief@example.com')).last_fault !== null);
    expect(sink.mails).toHaveLength(1);
  });

  it('tries again while the mail server is down, with growing pauses, and sends when it is back', async () => {
    await sink.down();
    const outbox = started(scene.outbox(mailTo(sink)));
    await outbox.enqueue(scene.db, scene.mail('p@example.com'));
    outbox.flushed();
    const failed = await eventually('two failures', async () => {
      const row = await scene.row('p@example.com');
      return row.attempts >= 2 && row.last_fault !== null && row;
    });
    expect([failed.status, failed.last_fault]).toEqual(['waiting', expect.stringContaining('ECONNREFUSED')]);
    const pauses = [...scene.log.matchAll(/"attempts":(\d+).*"retry_in_ms":(\d+)/g)].slice(-2);
    for (const [, attempts, ms] of pauses) {
      expect(Number(ms)).toBeGreaterThanOrEqual(pauseAfter(Number(attempts), 0));
      expect(Number(ms)).toBeLessThanOrEqual(pauseAfter(Number(attempts), 1));
    }
    await sink.up();
    await sink.waitForMail('p@example.com');
    await becomes('p@example.com', 'sent');
    expect(sink.mails).toHaveLength(1);
  });

  it('gives up what is refused for good at once, and keeps the reason without the content', async () => {
    const outbox = started(scene.outbox(mailTo(sink)));
    sink.refuse(550, 'recipient');
    await outbox.enqueue(scene.db, scene.mail('p@example.com'));
    outbox.flushed();
    const { attempts, sealed_content, last_fault } = await becomes('p@example.com', 'dead');
    expect([attempts, sealed_content, last_fault]).toEqual([1, null, expect.stringContaining('550')]);
  });

  it('keeps and logs no link, code or address that the server quotes from what it refuses', async () => {
    const outbox = started(scene.outbox(mailTo(sink)));
    const quote = 'Spam: code is 736251, https://id.example.com/link?a=1 to <p@example.com>';
    sink.refuse(554, 'content', quote);
    await outbox.enqueue(scene.db, scene.mail('p@example.com'));
    outbox.flushed();
    const { message_id, last_fault } = await becomes('p@example.com', 'dead');
    expect(last_fault).toContain('554 Spam: code is [number], [link] to <[address]>');
    const lines = scene.log.split('\n').filter((line) => line.includes(message_id));
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toMatch(/736251|id\.example\.com|p@example/);
  });

  it('is swept: rows of messages that are done go after days, those that wait stay', async () => {
    const outbox = started(scene.outbox(mailTo(sink)));
    await outbox.enqueue(scene.db, scene.mail('sent@example.com'));
    outbox.flushed();
    await becomes('sent@example.com', 'sent');
    const left = async () => (await scene.db.selectFrom('outbox').select('recipient').execute()).length;
    await sweepOnce(scene.db);
    expect(await left()).toBe(1);
    await sql`update outbox set expires_at = expires_at - interval '1 day'`.execute(scene.db);
    await scene.enqueue(mailTo(sink), scene.mail('waiting@example.com'));
    expect([await sweepOnce(scene.db), await left()]).toEqual([1, 1]);
  });

  it('gives up after the last attempt, also where no attempt came to an end', async () => {
    const outbox = scene.outbox(mailTo(sink));
    sink.refuse(451);
    await outbox.enqueue(scene.db, scene.mail('last@example.com'));
    await outbox.enqueue(scene.db, scene.mail('crash@example.com'));
    await scene.db
      .updateTable('outbox')
      .set({ attempts: 23 })
      .where('recipient', '=', 'last@example.com')
      .execute();
    await scene.db
      .updateTable('outbox')
      .set({ attempts: 24 })
      .where('recipient', '=', 'crash@example.com')
      .execute();
    started(outbox);
    expect((await becomes('last@example.com', 'dead')).last_fault).toContain('451');
    expect((await becomes('crash@example.com', 'dead')).last_fault).toContain('No attempt');
    expect(sink.attempts).toBe(1);
  });

  it('does not send what is no longer valid', async () => {
    const outbox = scene.outbox(mailTo(sink));
    const now = Date.now();
    await outbox.enqueue(scene.db, scene.mail('late@example.com', { expiresAt: new Date(now - 1000) }));
    await outbox.enqueue(scene.db, scene.mail('good@example.com', { expiresAt: new Date(now + 60_000) }));
    started(outbox);
    await sink.waitForMail('good@example.com');
    const { sealed_content, last_fault } = await becomes('late@example.com', 'dead');
    expect([sealed_content, last_fault]).toEqual([null, 'It was no longer valid']);
    expect(sink.mails).toHaveLength(1);
  });

  it('refuses what would add a header or a recipient, and writes nothing', async () => {
    const outbox = scene.outbox(mailTo(sink));
    for (const attack of [
      { subject: 'Hi\r\nBcc: victim@example.com' },
      { senderName: 'Shop\nBcc: victim@example.com' },
      { to: 'p@example.com\r\nBcc: victim@example.com' },
      { to: 'p@example.com, victim@example.com' },
    ])
      await expect(outbox.enqueue(scene.db, scene.mail('p@example.com', attack))).rejects.toMatchObject({
        status: 400,
      });
    expect(await scene.db.selectFrom('outbox').selectAll().execute()).toEqual([]);
  });

  it('sends nothing twice, however many processes look for it', async () => {
    const recipients = Array.from({ length: 40 }, (_, at) => `p${at}@example.com`);
    await scene.enqueue(mailTo(sink), ...recipients.map((to) => scene.mail(to)));
    for (let at = 0; at < 4; at++) started(scene.outbox(mailTo(sink), { pollMs: 10 }));
    for (const recipient of recipients) await sink.waitForMail(recipient);
    for (const recipient of recipients) await becomes(recipient, 'sent');
    expect(sink.mails).toHaveLength(40);
  });

  it('sends a few at a time', async () => {
    sink.hold();
    const recipients = Array.from({ length: 6 }, (_, at) => `p${at}@example.com`);
    await scene.enqueue(mailTo(sink), ...recipients.map((to) => scene.mail(to)));
    started(scene.outbox(mailTo(sink), { concurrency: 2, pollMs: 10 }));
    await eventually('two on their way', () => sink.attempts === 2);
    await pause(300);
    expect(sink.attempts).toBe(2);
    sink.release();
    for (const recipient of recipients) await sink.waitForMail(recipient);
  });

  it('comes back to a message whose process is gone, once the lease has run out', async () => {
    const gone = scene.outbox(
      { email: { send: () => new Promise(() => undefined), close: () => undefined } },
      { leaseMs: 800 },
    );
    await gone.enqueue(scene.db, scene.mail('p@example.com'));
    gone.flushed();
    await eventually('taken', async () => (await scene.row('p@example.com')).attempts === 1);
    started(scene.outbox(mailTo(sink), { pollMs: 20 }));
    await pause(200);
    expect(sink.mails).toEqual([]);
    await sink.waitForMail('p@example.com');
    expect((await becomes('p@example.com', 'sent')).attempts).toBe(2);
  });

  it('stops after the messages that are on their way, and takes no more', async () => {
    sink.hold();
    const outbox = scene.outbox(mailTo(sink), { concurrency: 1 });
    await outbox.enqueue(scene.db, scene.mail('first@example.com'));
    await outbox.enqueue(scene.db, scene.mail('second@example.com'));
    const stop = outbox.start();
    await eventually('one on its way', () => sink.attempts === 1);
    const stopped = stop();
    setTimeout(() => sink.release(), 200);
    await stopped;
    const statuses = await Promise.all(['first', 'second'].map((name) => scene.row(`${name}@example.com`)));
    expect(statuses.map(({ status }) => status).toSorted()).toEqual(['sent', 'waiting']);
  });

  it('gives up an attempt that a stop cannot wait for: the message stays', async () => {
    sink.hold();
    const outbox = scene.outbox(mailTo(sink), { graceMs: 100 });
    await outbox.enqueue(scene.db, scene.mail('p@example.com'));
    const stop = outbox.start();
    await eventually('on its way', () => sink.attempts === 1);
    const begun = performance.now();
    await stop();
    expect(performance.now() - begun).toBeLessThan(3000);
    expect((await scene.row('p@example.com')).status).toBe('waiting');
    sink.release();
  });

  it('sends text messages through the gateway, and keeps the channels apart', async () => {
    const gateway = await SmsSink.start();
    const transports = { sms: new SmsGateway({ url: new Secret(gateway.url) }) };
    const outbox = started(scene.outbox(transports));
    const text = {
      channel: 'sms',
      tenantId: scene.tenantId,
      to: '+15551234567',
      text: 'Shop: 736251',
    } as const;
    await outbox.enqueue(scene.db, { ...text, senderId: 'Shop' });
    await outbox.enqueue(scene.db, scene.mail('p@example.com'));
    outbox.flushed();
    const received = await gateway.waitForText('+15551234567');
    expect([codeIn(received), received.senderId]).toEqual(['736251', 'Shop']);
    await becomes('+15551234567', 'sent');
    await becomes('p@example.com', 'kept');
    const kept = await outbox.listKept(scene.tenantId, undefined);
    expect(kept.map(({ message }) => message.to)).toEqual(['p@example.com']);
    await gateway.close();
  });

  it('leaves mails alone where this process has no mail server but another has', async () => {
    await scene.enqueue(mailTo(sink), scene.mail('p@example.com'));
    const without = started(scene.outbox({}, { pollMs: 10 }));
    await pause(200);
    expect([
      (await scene.row('p@example.com')).attempts,
      await without.listKept(scene.tenantId, undefined),
    ]).toEqual([0, []]);
    started(scene.outbox(mailTo(sink)));
    await sink.waitForMail('p@example.com');
  });

  it('never mails later what was written for the development outbox', async () => {
    await scene.enqueue({}, scene.mail('p@example.com'));
    started(scene.outbox(mailTo(sink), { pollMs: 10 }));
    await becomes('p@example.com', 'kept');
    expect(sink.attempts).toBe(0);
  });
});
