/** Hands mails to an SMTP server (nodemailer, pooled connections). */
import { createTransport } from 'nodemailer';
import { type Delivery, DeliveryError, type Transport } from './delivery.ts';
import type { OutgoingMail } from './message.ts';

export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps`); `starttls` upgrades and sends nothing before; `none` sends in the clear. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly credentials?: { readonly user: string; readonly password: { reveal(): string } };
}

export interface MailAddress {
  readonly address: string;
  readonly name?: string;
}

export interface MailTransportParts {
  readonly server: MailServer;
  /** Where a mail names no sender of its own. */
  readonly from: MailAddress;
  /** PEM, for a server whose certificate no public authority signed; operators use NODE_EXTRA_CA_CERTS. */
  readonly ca?: string;
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;
const CONNECTIONS = 5;
/** Authentication is missing: true of all mails until the configuration is right, so this one may wait. */
const AUTHENTICATION_REQUIRED = 530;

const pool = ({ server, ca }: Pick<MailTransportParts, 'server' | 'ca'>) =>
  createTransport({
    pool: true,
    host: server.host,
    port: server.port,
    secure: server.tls === 'implicit',
    requireTLS: server.tls === 'starttls',
    ignoreTLS: server.tls === 'none',
    tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
    ...(server.credentials && {
      auth: { user: server.credentials.user, pass: server.credentials.password.reveal() },
    }),
    maxConnections: CONNECTIONS,
    // A mail whose connection breaks may have arrived: the outbox alone decides about another attempt.
    maxRequeues: 0,
    idleTimeout: SILENCE_MS,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    // What a mail says is content, never the name of a file or page to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  });

export class MailTransport implements Transport<OutgoingMail> {
  readonly #pool: ReturnType<typeof pool>;
  readonly #from: MailAddress;

  constructor(parts: MailTransportParts) {
    this.#pool = pool(parts);
    this.#from = parts.from;
  }

  async send(mail: Delivery<OutgoingMail>, signal: AbortSignal): Promise<void> {
    const address = mail.from ?? this.#from.address;
    try {
      await this.#pool.sendMail({
        // As parts, never as one text that is parsed again: a name cannot become an address.
        from: { address, name: mail.senderName ?? this.#from.name ?? '' },
        to: { address: mail.to, name: '' },
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        attachments: (mail.images ?? []).map((image) => ({
          cid: image.contentId,
          content: Buffer.from(image.base64, 'base64'),
          contentType: image.mediaType,
          contentDisposition: 'inline' as const,
          filename: false as const,
        })),
        // The same at every attempt: who gets it twice can see that it is one mail (RFC 5322 section 3.6.4).
        messageId: `<${mail.messageId}@${address.slice(address.lastIndexOf('@') + 1)}>`,
        // Nobody wants the absence notice of somebody who signs in (RFC 3834 section 5).
        headers: { 'Auto-Submitted': 'auto-generated' },
        signal,
      });
    } catch (error) {
      throw toDeliveryError(error);
    }
  }

  close(): void {
    this.#pool.close();
  }
}

/** Permanent is what the server says about this mail (5xx); what it says about us may be mended. */
export function toDeliveryError(error: unknown): DeliveryError {
  const { code, responseCode, message } = error as { code?: string; responseCode?: number; message?: string };
  const isAboutMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  const isRefused =
    responseCode === undefined || (responseCode >= 500 && responseCode !== AUTHENTICATION_REQUIRED);
  const said = responseCode === undefined ? message : withoutContent(message ?? '');
  return new DeliveryError(`${code ?? 'failed'}: ${said ?? ''}`, {
    isPermanent: isAboutMail && isRefused,
    cause: error,
  });
}

// A server may quote what it refuses: neither a link or code nor an address gets into the log by that way.
const withoutContent = (answer: string): string =>
  answer
    .replace(/https?:\S+/gi, '[link]')
    .replace(/[^\s<>]+@[^\s<>]+/g, '[address]')
    .replace(/\d{4,}/g, '[number]');
