/** Which addresses of the network count as one: an IPv6 household or attacker has a whole /64 (RFC 6177). */
import { isIPv6 } from 'node:net';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const GROUPS = 8;
const GROUPS_OF_64_BITS = 4;

/** An IPv4 address as it is, an IPv6 address by its first 64 bits. */
export function networkOf(address: string): string {
  const bare = address.replace(/%.*$/, '');
  const mapped = MAPPED.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(bare)) return bare;
  const [head = '', tail] = bare.split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const gap = tail === undefined ? 0 : Math.max(GROUPS - left.length - right.length, 0);
  const groups = [...left, ...Array<string>(gap).fill('0'), ...right];
  const network = groups.slice(0, GROUPS_OF_64_BITS).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
