import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, readConfig } from '../../src/config/config.ts';

const read = (env: Record<string, string>) => readConfig(env).messages;
const mailOf = (SMTP_URL: string) => read({ SMTP_URL, MAIL_FROM: 'no-reply@example.com' }).mail;
const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
};
const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://id.example.com',
  MASTER_KEY: 'A'.repeat(43),
};

describe('the configuration of messages', () => {
  it('is the development outbox where nothing is said', () => expect(read({})).toEqual({}));

  it.each([
    ['smtp://mail.example.com', { host: 'mail.example.com', port: 587, tls: 'starttls' }],
    ['smtp://mail.example.com:25?tls=none', { host: 'mail.example.com', port: 25, tls: 'none' }],
    ['smtps://mail.example.com', { host: 'mail.example.com', port: 465, tls: 'implicit' }],
    ['smtp://localhost:1025', { host: 'localhost', port: 1025, tls: 'none' }],
    ['smtp://127.0.0.1:1025?tls=required', { host: '127.0.0.1', port: 1025, tls: 'starttls' }],
    ['smtp://[::1]:25', { host: '::1', port: 25, tls: 'none' }],
    ['smtp://localhost.evil.com', { host: 'localhost.evil.com', port: 587, tls: 'starttls' }],
  ])('reads %s', (url, expected) => expect(mailOf(url)).toMatchObject(expected));

  it('decodes user and password, and prints neither password nor token', () => {
    const messages = read({
      SMTP_URL: 'smtp://ma%40il:p%3Aa%2Fss-word@mail.example.com',
      MAIL_FROM: 'Shop, Inc <no-reply@example.com>',
      SMS_WEBHOOK_URL: 'https://sms.example.com/hook?key=url-secret',
      SMS_WEBHOOK_TOKEN: 'token-secret',
    });
    expect(messages.mail?.credentials?.user).toBe('ma@il');
    expect(messages.mail?.credentials?.password.reveal()).toBe('p:a/ss-word');
    expect(messages.mail?.from).toEqual({ name: 'Shop, Inc', address: 'no-reply@example.com' });
    expect(messages.sms?.url.reveal()).toBe('https://sms.example.com/hook?key=url-secret');
    for (const secret of ['ss-word', 'url-secret', 'token-secret'])
      expect(JSON.stringify(messages)).not.toContain(secret);
  });

  it('takes secrets from files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tessera-config-'));
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), `${text}\n`);
      return join(folder, name);
    };
    const messages = read({
      SMTP_URL_FILE: file('smtp', 'smtps://u:p@mail.example.com'),
      MAIL_FROM: '"Shop" <no-reply@example.com>',
      SMS_WEBHOOK_URL_FILE: file('url', 'https://sms.example.com'),
      SMS_WEBHOOK_TOKEN_FILE: file('token', 'secret'),
    });
    expect(messages.mail).toMatchObject({ host: 'mail.example.com', from: { name: 'Shop' } });
    expect(messages.sms?.token?.reveal()).toBe('secret');
    rmSync(folder, { recursive: true });
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'another scheme',
      { SMTP_URL: 'https://mail.example.com' },
      'SMTP_URL must be a URL that begins with smtp://',
    ],
    ['a path', { SMTP_URL: 'smtp://mail.example.com/x' }, 'SMTP_URL must have no path'],
    ['a user without password', { SMTP_URL: 'smtp://u@mail.example.com' }, 'SMTP_URL must have both'],
    [
      'a bare %',
      { SMTP_URL: 'smtp://u:100%@mail.example.com' },
      'SMTP_URL: user and password must be percent-encoded',
    ],
    [
      'an unknown option',
      { SMTP_URL: 'smtp://mail.example.com?starttls=no' },
      'SMTP_URL has an option that is not known',
    ],
    ['an unknown mode', { SMTP_URL: 'smtp://mail.example.com?tls=off' }, 'SMTP_URL: the option tls'],
    ['a contradiction', { SMTP_URL: 'smtps://mail.example.com?tls=none' }, 'SMTP_URL begins with smtps://'],
    ['two senders', { MAIL_FROM: 'a@example.com, b@example.com' }, 'MAIL_FROM must be one'],
    ['a sender of two lines', { MAIL_FROM: 'A\r\nBcc: x <a@example.com>' }, 'MAIL_FROM must be one'],
    [
      'a password in the URL',
      { SMS_WEBHOOK_URL: 'https://u:p@sms.example.com' },
      'SMS_WEBHOOK_URL must not hold',
    ],
    ['a token without a URL', { SMS_WEBHOOK_TOKEN: 'abc' }, 'SMS_WEBHOOK_TOKEN is set'],
    [
      'plain http in production',
      { ...PRODUCTION, SMS_WEBHOOK_URL: 'http://sms.example.com' },
      'SMS_WEBHOOK_URL must begin with https',
    ],
  ])('refuses %s', (_, env, sentence) => {
    const from = env.SMTP_URL === undefined ? {} : { MAIL_FROM: 'no-reply@example.com' };
    expect(faultsOf({ ...from, ...env })).toEqual([expect.stringContaining(sentence)]);
  });

  it('asks for a sender where there is a mail server, and says all faults together', () => {
    expect(faultsOf({ SMTP_URL: 'smtp://mail.example.com' })).toEqual([
      expect.stringContaining('MAIL_FROM must be set'),
    ]);
    expect(faultsOf({ SMTP_URL: 'x', SMS_WEBHOOK_URL: 'y', PORT: '0' })).toHaveLength(4);
  });
});
