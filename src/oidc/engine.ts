/** Holds the current engine and rebuilds it when signing keys change, without dropping a request. */
import type { JWK } from 'jose';
import type Koa from 'koa';
import mount from 'koa-mount';
import type Provider from 'oidc-provider';
import type { Caller } from '../base/caller.ts';
import type { HeldApplicationKey, KeyRing } from '../keys/key-ring.ts';
import type { ChangeFeed } from '../storage/change-feed.ts';
import { followUp } from '../storage/follow-up.ts';
import { callerFromToken } from './access-token.ts';
import { StateReader } from './adapter/state-reader.ts';
import { ApplicationSigningKey } from './application-signing-key.ts';
import { refuseForeignHints } from './foreign-hints.ts';
import { createProvider, type EngineParts } from './provider.ts';
import { usedOnce } from './used-once.ts';
import { tokenVerifier } from './verified-token.ts';

export interface Engine {
  readonly middleware: Koa.Middleware;
  readonly provider: () => Provider;
  readonly callerOf: (ctx: Koa.Context) => Promise<Caller>;
  /** Resolves when the keys of every change announced so far are in use. */
  readonly settled: () => Promise<void>;
}

type Parts = Omit<EngineParts, 'keys' | 'verify' | 'states'> & {
  readonly keyRing: KeyRing;
  readonly feed: ChangeFeed;
};

type Keys = { readonly own: readonly JWK[]; readonly ofApplications: readonly HeldApplicationKey[] };

async function loadKeys({ keyRing, tenantId }: Parts): Promise<Keys> {
  return { own: await keyRing.load(tenantId), ofApplications: await keyRing.loadApplicationKeys(tenantId) };
}

/** Two sets of keys with one text behave alike. A kid alone does not name a key: an application can use one again. */
const textOf = ({ own, ofApplications }: Keys): string =>
  JSON.stringify([own.map(({ kid }) => kid), ofApplications.map(({ version }) => version)]);

async function build(parts: Parts & Pick<EngineParts, 'states'>) {
  const keys = await loadKeys(parts);
  const verify = tokenVerifier({ ...parts, keys: keys.own, applicationKeys: keys.ofApplications });
  // Of several keys for one algorithm the engine takes the first that may sign.
  const ofApplications = keys.ofApplications.map((key) => new ApplicationSigningKey(key));
  const provider = createProvider({ ...parts, keys: [...ofApplications, ...keys.own], verify });
  refuseForeignHints(provider, ofApplications);
  for (const key of ofApplications) key.published();
  return {
    provider,
    mounted: mount('/oidc', provider as unknown as Koa),
    callerOf: callerFromToken({ ...parts, verify, isFirst: usedOnce(parts) }),
    keys: textOf(keys),
  };
}

/** An application's row says whether its own keys sign. */
const KEY_TABLES = ['signing_keys', 'application_signing_keys', 'applications'];
/** A longer outage ends with a feed that comes back, which says `everything`. */
const RETRY_AFTER_MS = [250, 1000, 4000, 15_000];

export async function createEngine(given: Parts): Promise<Engine> {
  const parts = { ...given, states: new StateReader(given) };
  let current = await build(parts);
  const rebuild = async (): Promise<void> => {
    if (textOf(await loadKeys(parts)) !== current.keys) current = await build(parts);
  };
  const { due, settled } = followUp({
    work: rebuild,
    // A key that was ended must not go on because the database was away at that moment.
    waits: RETRY_AFTER_MS,
    onFailure: (error) => parts.log.error({ err: error }, 'signing keys could not be read again'),
  });
  parts.feed.subscribe((change) => {
    if (change === 'everything' || KEY_TABLES.includes(change.table)) due();
  });
  // What changed between the first read and the subscription.
  due();
  await settled();
  return {
    middleware: (ctx, next) => current.mounted(ctx, next),
    provider: () => current.provider,
    callerOf: (ctx) => current.callerOf(ctx),
    settled,
  };
}
