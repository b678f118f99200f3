/** The form of errors in the backend and passkey operations: texts for `message` and `error_code` (contract/authentication.md 1, C2). */
import { AppError } from '../base/errors.ts';
import { TextCodeError } from '../base/text-code-error.ts';

const CODES: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
};

/** The words of an operation; what has one already, and what is no refusal of the operation, stays as it is. */
const faultsAs =
  (codes: Readonly<Record<number, string>>) =>
  (error: unknown): unknown => {
    if (!(error instanceof AppError) || error instanceof TextCodeError) return error;
    const code = codes[error.status];
    return code === undefined ? error : new TextCodeError(error.status, code, error.message);
  };

export const toWordFault = faultsAs(CODES);
/** Section 4. */
export const toCodeFault = faultsAs({ ...CODES, 400: 'system_invalid_input' });
/** Section 3: the status as text. */
export const toLinkFault = faultsAs(Object.fromEntries(Object.keys(CODES).map((status) => [status, status])));
