/** Narrows a caller to the two kinds that may use the management API. */
import type { Caller, ManagementCaller } from '../base/caller.ts';
import { forbidden } from '../base/errors.ts';

/** A row's `tokens` already keep users out; this tells the compiler, and fails closed. */
export function management(caller: Caller): ManagementCaller {
  if (caller.kind === 'user') throw forbidden('This operation needs a client or an admin token');
  return caller;
}
