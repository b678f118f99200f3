/** Tells addresses of the public internet from those that lead into a network of somebody's own. */
import { BlockList, isIP } from 'node:net';

/** IANA's special-purpose registries, and multicast (RFC 6890). */
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Of IPv6 everything outside of 2000::/3, and what is special inside: some of it carries an IPv4 address along. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const special = new BlockList();
for (const [family, networks] of [['ipv4', SPECIAL_IPV4] as const, ['ipv6', SPECIAL_IPV6] as const])
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    special.addSubnet(address, Number(bits), family);
  }
const unicast = new BlockList();
unicast.addSubnet('2000::', 3, 'ipv6');

/** @param address an IP address without brackets; anything else is not public */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !special.check(address, 'ipv4');
  return isIP(address) === 6 && unicast.check(address, 'ipv6') && !special.check(address, 'ipv6');
}
