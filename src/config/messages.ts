/** What the environment says about mail and text messages. */
import { Secret } from '../base/secrets.ts';

/** An SMTP server. */
export interface MailConfig {
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly credentials?: { readonly user: string; readonly password: Secret };
  readonly from: { readonly address: string; readonly name?: string };
}

export interface SmsConfig {
  readonly url: Secret;
  readonly token?: Secret;
}

/** A channel that is not configured ends in the development outbox. */
export interface MessagesConfig {
  readonly mail?: MailConfig;
  readonly sms?: SmsConfig;
}

/** The part of the configuration's reader that is needed here. */
interface Reader {
  text(name: string): string | undefined;
  secret(name: string): Secret | undefined;
  url(name: string, text: string | undefined, schemes: readonly string[]): URL | undefined;
  fault(sentence: string): void;
}

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const MAILBOX =
  /^(?:"?([^<>"\p{Cc}]*?)"?\s*<([^\s@<>()[\],;:\\"]+@[^\s@<>()[\],;:\\"]+)>|([^\s@<>()[\],;:\\"]+@[^\s@<>()[\],;:\\"]+))$/u;
const DEFAULT_PORT = { 'smtp:': 587, 'smtps:': 465 } as const;

export function readMessages(read: Reader, production: boolean): MessagesConfig {
  const mail = readMail(read);
  const sms = readSms(read, production);
  return { ...(mail && { mail }), ...(sms && { sms }) };
}

function readMail(read: Reader): MailConfig | undefined {
  const text = read.secret('SMTP_URL');
  const url = read.url('SMTP_URL', text?.reveal(), ['smtp', 'smtps']);
  const from = readFrom(read, text !== undefined);
  if (!url) return undefined;
  if (url.hostname === '') read.fault('SMTP_URL must name a host, such as smtp://mail.example.com:587.');
  if ((url.pathname !== '' && url.pathname !== '/') || url.hash)
    read.fault('SMTP_URL must have no path; the form is smtp://user:password@host:port.');
  const credentials = readCredentials(read, url);
  const tls = readTls(read, url);
  if (!from) return undefined;
  return {
    // An IPv6 address stands in brackets in a URL only.
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? DEFAULT_PORT[url.protocol as keyof typeof DEFAULT_PORT] : Number(url.port),
    tls,
    ...(credentials && { credentials }),
    from,
  };
}

/**
 * `smtps://` speaks TLS from the start. `smtp://` must be upgraded by STARTTLS before anything is said, but to a server
 * on this machine; `?tls=none` and `?tls=required` say otherwise.
 */
function readTls(read: Reader, url: URL): MailConfig['tls'] {
  const names = [...url.searchParams.keys()];
  const wish = url.searchParams.get('tls') ?? undefined;
  if (names.some((name) => name !== 'tls') || names.length > 1)
    read.fault('SMTP_URL has an option that is not known; the only one is ?tls=required or ?tls=none.');
  else if (wish !== undefined && wish !== 'required' && wish !== 'none')
    read.fault('SMTP_URL: the option tls must be required or none.');
  else if (url.protocol === 'smtps:' && wish === 'none')
    read.fault('SMTP_URL begins with smtps://, which contradicts ?tls=none.');
  if (url.protocol === 'smtps:') return 'implicit';
  return (wish ?? (LOOPBACK.test(url.hostname) ? 'none' : 'required')) === 'none' ? 'none' : 'starttls';
}

function readCredentials(read: Reader, url: URL): MailConfig['credentials'] {
  if ((url.username === '') !== (url.password === ''))
    read.fault('SMTP_URL must have both a user and a password, or neither.');
  if (url.username === '' || url.password === '') return undefined;
  try {
    return {
      user: decodeURIComponent(url.username),
      password: new Secret(decodeURIComponent(url.password)),
    };
  } catch {
    read.fault('SMTP_URL: user and password must be percent-encoded, a % as %25.');
    return undefined;
  }
}

function readFrom(read: Reader, isNeeded: boolean): MailConfig['from'] | undefined {
  const text = read.text('MAIL_FROM');
  if (text === undefined) {
    if (isNeeded)
      read.fault('MAIL_FROM must be set where SMTP_URL is, such as "Example <no-reply@example.com>".');
    return undefined;
  }
  const [, name = '', inBrackets, alone] = MAILBOX.exec(text) ?? [];
  const address = inBrackets ?? alone;
  if (address === undefined) {
    read.fault('MAIL_FROM must be one e-mail address, alone or as "Example <no-reply@example.com>".');
    return undefined;
  }
  return { address, ...(name !== '' && { name }) };
}

function readSms(read: Reader, production: boolean): SmsConfig | undefined {
  const text = read.secret('SMS_WEBHOOK_URL');
  const token = read.secret('SMS_WEBHOOK_TOKEN');
  const url = read.url('SMS_WEBHOOK_URL', text?.reveal(), ['https', 'http']);
  if (token && !/^[\x21-\x7e]+$/.test(token.reveal()))
    read.fault('SMS_WEBHOOK_TOKEN must consist of visible ASCII characters, without spaces.');
  if (token && !text) read.fault('SMS_WEBHOOK_TOKEN is set, but SMS_WEBHOOK_URL is not.');
  if (!url) return undefined;
  if (url.username !== '' || url.password !== '')
    read.fault('SMS_WEBHOOK_URL must not hold a user or password; set SMS_WEBHOOK_TOKEN instead.');
  if (production && url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    read.fault('SMS_WEBHOOK_URL must begin with https:// in production; only localhost may use plain http.');
  return { url: new Secret(url.href), ...(token && { token }) };
}
