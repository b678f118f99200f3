/** An error whose body has a text as `error_code` and a text as `message`, even at 400 (contract C2, second sentence). */
import { AppError, type ErrorExtras } from './errors.ts';

export class TextCodeError extends AppError {
  readonly textCode: string;
  constructor(status: number, textCode: string, message: string, extras: ErrorExtras = {}) {
    super(status, message, extras);
    this.textCode = textCode;
  }
}
