/** A mail server that keeps what it gets, and that can be down, refuse, hold its tongue, or speak TLS. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { freePort } from './start-app.ts';

export interface SinkMail {
  /** Of the envelope. */
  readonly recipients: readonly string[];
  /** Of the envelope. */
  readonly sender: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  /** The header, with the names beside the addresses. */
  readonly from: string;
  readonly wasEncrypted: boolean;
  /** The user who signed in, if one did. */
  readonly user: string | undefined;
  readonly parsed: ParsedMail;
  /** Every byte. */
  readonly raw: string;
}

export interface SinkOptions {
  /** Signs STARTTLS, or everything with `isImplicit`. Without one the sink speaks no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly isImplicit?: boolean };
  /** Nobody may send without them. */
  readonly credentials?: { readonly user: string; readonly password: string };
}

const WAIT_MS = 10_000;

const refusal = (responseCode: number, text = 'Refused'): Error =>
  Object.assign(new Error(text), { responseCode });

export class MailSink {
  readonly port: number;
  /** Everything that was accepted, oldest first. */
  readonly mails: SinkMail[] = [];
  /** How often somebody began to hand over a mail. */
  attempts = 0;
  readonly #options: SinkOptions;
  readonly #seen = new Set<SinkMail>();
  #server: SMTPServer | undefined;
  #refusal: { code: number; at: 'recipient' | 'content'; text: string } | undefined;
  #held: Promise<void> | undefined;
  #release: () => void = () => undefined;

  private constructor(port: number, options: SinkOptions) {
    this.port = port;
    this.#options = options;
  }

  static async start(options: SinkOptions = {}): Promise<MailSink> {
    const sink = new MailSink(await freePort(), options);
    await sink.up();
    return sink;
  }

  /** For SMTP_URL. */
  get url(): string {
    const { credentials, tls } = this.#options;
    const login = credentials
      ? `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}@`
      : '';
    return `${tls?.isImplicit ? 'smtps' : 'smtp'}://${login}localhost:${this.port}`;
  }

  /** For `startApp`. */
  get env(): Record<string, string> {
    return { SMTP_URL: this.url, MAIL_FROM: 'Tessera <no-reply@tessera.example>' };
  }

  /** Answers every mail with this code, until it is called with nothing. */
  refuse(code?: number, at: 'recipient' | 'content' = 'content', text = 'Refused'): void {
    this.#refusal = code === undefined ? undefined : { code, at, text };
  }

  /** Takes the content of mails but does not say so, until `release`. */
  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#release();
    this.#held = undefined;
  }

  /** Nobody listens any more, and who is connected is thrown out. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    for (const { _socket: socket } of server.connections as Set<{ _socket: { destroy(): void } }>)
      socket.destroy();
    await new Promise<void>((resolve) => server.close(resolve));
  }

  async up(): Promise<void> {
    const { tls, credentials } = this.#options;
    const server = new SMTPServer({
      ...(tls && { key: tls.key, cert: tls.cert, secure: tls.isImplicit ?? false }),
      disabledCommands: [...(tls ? [] : ['STARTTLS' as const]), ...(credentials ? [] : ['AUTH' as const])],
      allowInsecureAuth: true,
      authOptional: credentials === undefined,
      closeTimeout: 100,
      onAuth: ({ username, password }, _session, done) =>
        username === credentials?.user && password === credentials?.password
          ? done(null, { user: username })
          : done(refusal(535)),
      onRcptTo: (_address, _session, done) => {
        if (this.#refusal?.at === 'recipient') {
          this.attempts++;
          return done(refusal(this.#refusal.code, this.#refusal.text));
        }
        return done();
      },
      onData: (stream, session, done) => {
        this.attempts++;
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          void (async () => {
            if (this.#refusal) return done(refusal(this.#refusal.code, this.#refusal.text));
            await this.#held;
            const raw = Buffer.concat(chunks);
            this.mails.push(await toSinkMail(raw, session));
            return done();
          })();
        });
      },
    });
    // A client that does not trust the certificate ends the handshake: that is what some tests are about.
    server.on('error', () => undefined);
    server.listen(this.port, '127.0.0.1');
    await once(server.server, 'listening');
    this.#server = server;
  }

  close(): Promise<void> {
    return this.down();
  }

  to(recipient: string): SinkMail[] {
    return this.mails.filter(({ recipients }) => recipients.includes(recipient));
  }

  /** The next mail to this address that no earlier call has returned. @throws Error after ten seconds. */
  async waitForMail(recipient: string): Promise<SinkMail> {
    for (const limit = Date.now() + WAIT_MS; Date.now() < limit; await pause(20)) {
      const mail = this.to(recipient).find((one) => !this.#seen.has(one));
      if (!mail) continue;
      this.#seen.add(mail);
      return mail;
    }
    throw new Error(
      `no mail came for ${recipient}; there are mails for ${this.mails.flatMap(({ recipients }) => recipients).join(', ') || 'nobody'}`,
    );
  }
}

type Session = Parameters<NonNullable<ConstructorParameters<typeof SMTPServer>[0]>['onData'] & object>[1];

async function toSinkMail(raw: Buffer, { envelope, secure, user }: Session): Promise<SinkMail> {
  const parsed = await simpleParser(raw);
  return {
    recipients: envelope.rcptTo.map(({ address }) => address ?? ''),
    sender: envelope.mailFrom === false ? '' : (envelope.mailFrom.address ?? ''),
    subject: parsed.subject ?? '',
    text: parsed.text ?? '',
    html: parsed.html || '',
    messageId: parsed.messageId ?? '',
    from: parsed.from?.text ?? '',
    wasEncrypted: secure,
    user: user === undefined ? undefined : String(user),
    parsed,
    raw: raw.toString('latin1'),
  };
}

/** The first link of the plain text, which the HTML must have too. @throws Error where there is none. */
export function linkIn({ text, html }: Pick<SinkMail, 'text' | 'html'>): string {
  const [link] = /https?:\/\/\S+/.exec(text) ?? [];
  if (link === undefined) throw new Error(`there is no link in: ${text}`);
  if (!html.includes(`href="${link.replaceAll('&', '&amp;')}"`))
    throw new Error(`the HTML does not link to ${link}`);
  return link;
}

/** The code of four to ten digits that stands alone in a mail or text message. @throws Error where there is none. */
export function codeIn({ text }: { readonly text: string }): string {
  const [code] = /(?<![\w/=-])\d{4,10}(?![\w/=-])/.exec(text) ?? [];
  if (code === undefined) throw new Error(`there is no code in: ${text}`);
  return code;
}
