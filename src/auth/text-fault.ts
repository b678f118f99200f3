/** The form of errors in the backend and passkey operations: texts for `message` and `error_code` (contract/authentication.md 1, C2). */
import { AppError } from '../base/errors.ts';
import { TextCodeError } from '../base/text-code-error.ts';

const CODES: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
};

/** Gives the error a word; what has one, and what is no refusal of the operation, stays as it is. */
export function toWordFault(error: unknown): unknown {
  if (!(error instanceof AppError) || error instanceof TextCodeError) return error;
  const code = CODES[error.status];
  return code === undefined ? error : new TextCodeError(error.status, code, error.message);
}
