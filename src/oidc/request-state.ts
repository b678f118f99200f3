/** What one request to the engine has learnt, carried beside it so that nothing is kept in a shared map. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Resource } from '../resources/resource.ts';
import type { VerifiedToken } from './verified-token.ts';

export interface RequestState {
  /** A JWT access token of ours whose signature was checked in this request. */
  verified?: VerifiedToken;
  /** The named resource whose lifetimes apply; loaded before the engine's synchronous questions. */
  resource?: Resource;
  /** Hash of the refresh token that the next saved one replaces. */
  replacing?: string;
  /** The successor of a used refresh token that came back within the grace window. */
  successor?: string;
  /** Why the engine refused this request. */
  refusal?: Error;
  /** Rows read along with the token check, by grant id. */
  grants: Map<string, Record<string, unknown>>;
}

const storage = new AsyncLocalStorage<RequestState>();

export const withRequestState = <T>(run: () => T): T => storage.run({ grants: new Map() }, run);

/** The state of this request; outside of one, an empty state that nobody else sees. */
export const requestState = (): RequestState => storage.getStore() ?? { grants: new Map() };
