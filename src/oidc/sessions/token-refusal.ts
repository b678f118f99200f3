/** Says in the authentication API's words what the engine refused. */
import { AppError, busy, invalid } from '../../base/errors.ts';
import type { EngineAnswer } from '../vouched-request.ts';

/** 400 with the engine's sentence; 401 for a client that is gone, 503 for one that has to wait. */
export function refusalOf({ status, body }: EngineAnswer): AppError {
  const sentence = String(body.error_description ?? body.error ?? 'The request was refused');
  if (status === 401) return new AppError(401, 'Invalid token');
  if (status === 503) return busy(sentence, 1);
  return status >= 500 ? new AppError(status, sentence) : invalid(sentence);
}
