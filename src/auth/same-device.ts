/** Decides whether a link is opened on the device for which it was asked (contract/authentication.md 3). */
import { isIPv4 } from 'node:net';

/** What the backend saw of the user's device. */
export interface ClientAttributes {
  readonly user_agent?: string | undefined;
  readonly ip_address?: string | undefined;
}

/** What is seen of the device that opens the link. */
export interface Device {
  readonly userAgent: string;
  readonly ip: string;
}

/** An IPv4 address may come in the form of IPv6 (RFC 4291 2.5.5.2). */
function plain(address: string): string {
  const inner = address.toLowerCase().replace(/^::ffff:/, '');
  return isIPv4(inner) ? inner : address.toLowerCase();
}

/** Whatever was said has to match; what was not said does not count. */
export function isSameDevice(wanted: ClientAttributes | undefined, { userAgent, ip }: Device): boolean {
  const { user_agent, ip_address } = wanted ?? {};
  if (user_agent !== undefined && user_agent !== userAgent) return false;
  return ip_address === undefined || plain(ip_address) === plain(ip);
}
