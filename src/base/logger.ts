/** JSON lines on standard output, with everything secret redacted by name, and errors reduced to what is safe. */
import { type DestinationStream, pino } from 'pino';

export type Logger = pino.Logger;
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

const REDACTED = [
  'authorization',
  'cookie',
  'password',
  'client_secret',
  'client_assertion',
  'code',
  'code_verifier',
  'token',
  'id_token',
  'refresh_token',
  'access_token',
];
const MAX_CAUSES = 5;

/** Builds the process logger. Fields named like a secret are replaced at any of the first two levels. */
export const createLogger = (level: LogLevel, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: null,
      redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`]), censor: '[secret]' },
      serializers: { err: safeError },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );

/**
 * Drivers hang the statement, its parameters, the row or the command on their errors: who was refused a password would
 * read it in the log. What stays is what tells where it happened. `reason` is the driver's code, such as `23505`.
 */
function safeError(thrown: unknown, depth = 0): object {
  if (!(thrown instanceof Error)) return { type: typeof thrown };
  const { code, cause } = thrown as Error & { code?: unknown };
  return {
    type: thrown.constructor.name,
    message: thrown.message,
    ...((typeof code === 'string' || typeof code === 'number') && { reason: code }),
    stack: thrown.stack,
    ...(cause !== undefined && depth < MAX_CAUSES && { cause: safeError(cause, depth + 1) }),
  };
}
