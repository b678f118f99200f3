/** Tells the addresses of the internet from those of this machine and the networks around it (RFC 6890, RFC 4291). */
import { BlockList, isIP } from 'node:net';

/** IPv4: not on the internet, or one that only a cloud's own machines answer at. */
const INTERNAL = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8], // unspecified, this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared by carriers
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local, metadata of clouds
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments, metadata of a cloud
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, broadcast
  ['168.63.129.16', 32], // a cloud's agent of its machines, at a public address
] as const)
  INTERNAL.addSubnet(network, bits, 'ipv4');

/** IPv6: global unicast is the one block that the internet uses (RFC 4291 section 2.4); IPv4 in disguise lies outside of it. */
const GLOBAL = new BlockList();
GLOBAL.addSubnet('2000::', 3, 'ipv6');
/** Within that block, but they hold an IPv4 address that a gateway takes out again. */
const TUNNELS = new BlockList();
TUNNELS.addSubnet('2001::', 32, 'ipv6'); // Teredo
TUNNELS.addSubnet('2002::', 16, 'ipv6'); // 6to4

/** True for an address on the internet; false for all others, and for what is no address. */
export function isOutside(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !INTERNAL.check(address, 'ipv4');
  // A zone ("fe80::1%eth0") names a link.
  if (family !== 6 || address.includes('%')) return false;
  return GLOBAL.check(address, 'ipv6') && !TUNNELS.check(address, 'ipv6');
}

/** True for a host that needs no name server to be known as internal: an address, or a name of this machine (RFC 6761 section 6.3). Takes it as `URL.hostname` writes it. */
export function isInsideByName(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  if (isIP(host) !== 0) return !isOutside(host);
  return host === 'localhost' || host.endsWith('.localhost');
}
