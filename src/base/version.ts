/** Versions of objects: what an `ETag` says, and the check that a writer has seen the present state (RFC 9110 8.8, 13.1.1). */
import { createHash } from 'node:crypto';
import type { Caller } from './caller.ts';
import { changedMeanwhile } from './errors.ts';

/** A strong validator of this state: any change of any member gives another text. The quotes belong to it. */
export const versionOf = (model: object): string =>
  `"${createHash('sha256').update(JSON.stringify(model)).digest('base64url').slice(0, 27)}"`;

/**
 * Call it with the object as read under its lock, before the first write.
 * @throws 412 where the caller asked for another state than this one.
 */
export function assertUnchanged(caller: Pick<Caller, 'ifMatch'>, model: object): void {
  const { ifMatch } = caller;
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const seen = ifMatch.split(',').map((tag) => tag.trim());
  if (!seen.includes(versionOf(model))) throw changedMeanwhile();
}
