/** JSON lines on standard output, with everything secret redacted by name. */
import { pino } from 'pino';

export type Logger = pino.Logger;
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

const REDACTED = [
  'authorization',
  'cookie',
  'password',
  'client_secret',
  'code',
  'token',
  'refresh_token',
  'access_token',
];

/** Builds the process logger. Fields named like a secret are replaced at any of the first two levels. */
export const createLogger = (level: LogLevel): Logger =>
  pino({
    level,
    base: null,
    redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`]), censor: '[secret]' },
  });
