/** Holds the current engine and rebuilds it when signing keys change, without dropping a request. */
import type Koa from 'koa';
import mount from 'koa-mount';
import type Provider from 'oidc-provider';
import type { Caller } from '../base/caller.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { ChangeFeed } from '../storage/change-feed.ts';
import { callerFromToken } from './access-token.ts';
import { StateReader } from './adapter/state-reader.ts';
import { createProvider, type EngineParts } from './provider.ts';
import { usedOnce } from './used-once.ts';
import { tokenVerifier } from './verified-token.ts';

export interface Engine {
  readonly middleware: Koa.Middleware;
  readonly provider: () => Provider;
  readonly callerOf: (ctx: Koa.Context) => Promise<Caller>;
}

type Parts = Omit<EngineParts, 'keys' | 'verify' | 'states'> & {
  readonly keyRing: KeyRing;
  readonly feed: ChangeFeed;
};

async function build(parts: Parts & Pick<EngineParts, 'states'>) {
  const keys = await parts.keyRing.load(parts.tenantId);
  const verify = tokenVerifier({ keys, issuer: parts.issuer, tenantId: parts.tenantId });
  const provider = createProvider({ ...parts, keys, verify });
  return {
    provider,
    mounted: mount('/oidc', provider as unknown as Koa),
    callerOf: callerFromToken({ ...parts, verify, isFirst: usedOnce(parts) }),
    kids: keys.map((key) => key.kid).join(),
  };
}

export async function createEngine(given: Parts): Promise<Engine> {
  const parts = { ...given, states: new StateReader(given) };
  let current = await build(parts);
  let rebuilding = Promise.resolve();
  const rebuild = async (): Promise<void> => {
    const keys = await parts.keyRing.load(parts.tenantId);
    if (keys.map((key) => key.kid).join() !== current.kids) current = await build(parts);
  };
  parts.feed.subscribe((change) => {
    if (change !== 'everything' && change.table !== 'signing_keys') return;
    rebuilding = rebuilding
      .then(rebuild)
      .catch((error: unknown) => parts.log.error({ err: error }, 'signing keys could not be read again'));
  });
  return {
    middleware: (ctx, next) => current.mounted(ctx, next),
    provider: () => current.provider,
    callerOf: (ctx) => current.callerOf(ctx),
  };
}
