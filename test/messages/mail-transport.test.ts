import type { TenantId } from '../../src/base/ids.ts';
import { Secret } from '../../src/base/secrets.ts';
import { DeliveryError } from '../../src/messages/delivery.ts';
import { type MailServer, MailTransport } from '../../src/messages/mail-transport.ts';
import type { OutgoingMail } from '../../src/messages/message.ts';
import { selfSigned } from '../support/certificates.ts';
import { MailSink, type SinkOptions } from '../support/mail-sink.ts';

const mail = (to: string, more: Partial<OutgoingMail> = {}) => ({
  channel: 'email' as const,
  tenantId: 't' as TenantId,
  messageId: 'row-1_A',
  to,
  subject: 'Grüße ✉',
  text: 'x',
  html: '<p>x</p>',
  ...more,
});
const never = new AbortController().signal;

describe('the mail transport', () => {
  const open: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });
  async function scene(options: SinkOptions, server: Partial<MailServer> = {}, ca?: string) {
    const sink = await MailSink.start(options);
    const transport = new MailTransport({
      server: { host: 'localhost', port: sink.port, tls: 'none', ...server },
      from: { address: 'no-reply@tessera.example', name: 'Tessera' },
      ...(ca !== undefined && { ca }),
    });
    open.push(
      () => transport.close(),
      () => sink.close(),
    );
    return { sink, transport };
  }
  const failure = (attempt: Promise<void>): Promise<DeliveryError> =>
    attempt.then(
      () => {
        throw new Error('it was sent');
      },
      (error: unknown) => error as DeliveryError,
    );

  it('names the sender of the message, or that of MAIL_FROM, and an id made from the row', async () => {
    const { sink, transport } = await scene({});
    await transport.send(mail('a@example.com'), never);
    await transport.send(
      mail('b@example.com', { senderName: 'Shop, "Inc" <x@y>', from: 'shop@shop.example' }),
      never,
    );
    const [first, second] = sink.mails;
    expect(first).toMatchObject({
      sender: 'no-reply@tessera.example',
      subject: 'Grüße ✉',
      from: '"Tessera" <no-reply@tessera.example>',
      messageId: '<row-1_A@tessera.example>',
    });
    expect(first?.parsed.headers.get('auto-submitted')).toBe('auto-generated');
    expect(second?.sender).toBe('shop@shop.example');
    expect(second?.parsed.from?.value).toEqual([{ address: 'shop@shop.example', name: 'Shop, "Inc" <x@y>' }]);
    expect(second?.messageId).toBe('<row-1_A@shop.example>');
  });

  it('adds no header and no recipient, even to a message that nobody has checked', async () => {
    const { sink, transport } = await scene({});
    const attack = 'x\r\nBcc: victim@example.com\r\nX-Evil: 1\r\n\r\nbody';
    await transport.send(mail('a@example.com', { subject: attack, senderName: attack }), never);
    const [received] = sink.mails;
    expect(received?.recipients).toEqual(['a@example.com']);
    expect([...(received?.parsed.headers.keys() ?? [])]).not.toContain('bcc');
    expect(received?.raw).not.toMatch(/^(bcc|x-evil):/im);
    await transport.send(mail('a@example.com\r\nRCPT TO:<victim@example.com>'), never).catch(() => undefined);
    expect(sink.to('victim@example.com')).toEqual([]);
  });

  it('carries pictures for the HTML to show', async () => {
    const { sink, transport } = await scene({});
    const base64 = Buffer.from('GIF89a').toString('base64');
    await transport.send(
      mail('a@example.com', {
        html: '<img src="cid:logo">',
        images: [{ contentId: 'logo', mediaType: 'image/gif', base64 }],
      }),
      never,
    );
    const [attachment] = sink.mails[0]?.parsed.attachments ?? [];
    expect(attachment).toMatchObject({
      contentId: '<logo>',
      contentType: 'image/gif',
      contentDisposition: 'inline',
    });
    expect(attachment?.content.toString()).toBe('GIF89a');
  });

  it.each([
    [421, 'content', false],
    [451, 'content', false],
    [452, 'recipient', false],
    [530, 'recipient', false],
    [550, 'recipient', true],
    [554, 'content', true],
  ] as const)('takes a %i to the %s for permanent: %s', async (code, at, isPermanent) => {
    const { sink, transport } = await scene({});
    sink.refuse(code, at);
    const error = await failure(transport.send(mail('a@example.com'), never));
    expect(error).toBeInstanceOf(DeliveryError);
    expect([error.isPermanent, error.message]).toEqual([isPermanent, expect.stringContaining(String(code))]);
    sink.refuse();
    await transport.send(mail('b@example.com'), never);
    expect(sink.mails).toHaveLength(1);
  });

  it('takes a server that is away, or that wants another password, for temporary', async () => {
    const { sink, transport } = await scene(
      { credentials: { user: 'u', password: 'right' } },
      { credentials: { user: 'u', password: new Secret('wrong-password') } },
    );
    const refused = await failure(transport.send(mail('a@example.com'), never));
    expect([refused.isPermanent, refused.message]).toEqual([false, expect.stringContaining('EAUTH')]);
    expect(refused.message).not.toContain('wrong-password');
    await sink.down();
    expect((await failure(transport.send(mail('a@example.com'), never))).isPermanent).toBe(false);
  });

  it('gives up an attempt when it is told to', async () => {
    const { sink, transport } = await scene({});
    sink.hold();
    const begun = performance.now();
    const error = await failure(transport.send(mail('a@example.com'), AbortSignal.timeout(300)));
    expect(error.isPermanent).toBe(false);
    expect(performance.now() - begun).toBeLessThan(3000);
    sink.release();
  });

  describe('with TLS', () => {
    const credentials = { user: 'ma@il', password: 'p:a/ss' };
    const login = { credentials: { user: 'ma@il', password: new Secret('p:a/ss') } };

    it('upgrades by STARTTLS before it says who it is', async () => {
      const tls = await selfSigned('localhost');
      const { sink, transport } = await scene({ tls, credentials }, { tls: 'starttls', ...login }, tls.cert);
      await transport.send(mail('a@example.com'), never);
      expect(sink.mails[0]).toMatchObject({ wasEncrypted: true, user: 'ma@il' });
    });

    it('speaks TLS from the first byte to an smtps server', async () => {
      const tls = { ...(await selfSigned('localhost')), isImplicit: true };
      const { sink, transport } = await scene({ tls }, { tls: 'implicit' }, tls.cert);
      await transport.send(mail('a@example.com'), never);
      expect(sink.mails[0]?.wasEncrypted).toBe(true);
    });

    it('sends nothing to a server that cannot upgrade, as one whose offer was cut out cannot', async () => {
      const { sink, transport } = await scene({ credentials }, { tls: 'starttls', ...login });
      expect((await failure(transport.send(mail('a@example.com'), never))).isPermanent).toBe(false);
      expect([sink.attempts, sink.mails]).toEqual([0, []]);
    });

    it.each([
      ['that no authority signed', 'localhost', false],
      ['of another name', 'mail.example.com', true],
    ])('sends nothing to a server with a certificate %s', async (_, name, isTrusted) => {
      const tls = await selfSigned(name);
      const { sink, transport } = await scene({ tls }, { tls: 'starttls' }, isTrusted ? tls.cert : undefined);
      expect((await failure(transport.send(mail('a@example.com'), never))).isPermanent).toBe(false);
      expect([sink.attempts, sink.mails]).toEqual([0, []]);
    });
  });
});
