/**
 * Preloaded into a server (`NODE_OPTIONS=--import`): a name server under an attacker's control. The first time that a process
 * asks for `rebinding.example` it is told an address of the internet, from then on the loopback address (DNS rebinding).
 */
import dns, { type LookupAddress } from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

const NAME = 'rebinding.example';
const [lookup, lookupAsPromise] = [dns.lookup, dns.promises.lookup];
let asked = 0;

// 203.0.113.0/24 is TEST-NET-3 (RFC 5737): routed nowhere.
const next = (): LookupAddress => ({ address: asked++ === 0 ? '203.0.113.7' : '127.0.0.1', family: 4 });

type Options = { readonly all?: boolean };
type Callback = (error: null, address: string | LookupAddress[], family?: number) => void;

function callBack(host: string, options: Options | Callback, callback?: Callback): void {
  if (host !== NAME) {
    (lookup as (...all: unknown[]) => void)(host, options, callback);
    return;
  }
  const found = next();
  const give = typeof options === 'function' ? options : callback;
  if ((options as Options).all === true) give?.(null, [found]);
  else give?.(null, found.address, found.family);
}

async function promise(host: string, options: Options = {}): Promise<unknown> {
  if (host !== NAME) return lookupAsPromise(host, options);
  const found = next();
  return options.all === true ? [found] : found;
}

Object.assign(dns, { lookup: callBack });
Object.assign(dns.promises, { lookup: promise });
syncBuiltinESMExports();
