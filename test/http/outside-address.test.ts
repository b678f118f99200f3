/** Which addresses the server may be sent to by somebody else's URL: those of the internet, in no disguise. */
import { describe, expect, it } from '@jest/globals';
import { isOutside } from '../../src/http/outside-address.ts';

describe('an address', () => {
  it.each([
    ['unspecified', '0.0.0.0', '0.1.2.3', '::'],
    ['loopback', '127.0.0.1', '127.255.255.255', '::1'],
    ['private (RFC 1918, RFC 4193)', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fd00::1'],
    ['shared by carriers (RFC 6598)', '100.64.0.1', '100.127.255.255'],
    ['link-local', '169.254.0.1', 'fe80::1', 'fe80::1%eth0', 'febf::1', 'fec0::1'],
    ['of the metadata of clouds', '169.254.169.254', '168.63.129.16', '100.100.100.200', 'fd00:ec2::254'],
    [
      'multicast, broadcast or reserved',
      '224.0.0.1',
      '239.255.255.255',
      '240.0.0.1',
      '255.255.255.255',
      'ff02::1',
    ],
    ['of protocols and benchmarks', '192.0.0.192', '198.18.0.1', '100::1'],
    [
      'IPv4 in IPv6 (mapped, compatible)',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::ffff:8.8.8.8',
      '::127.0.0.1',
    ],
    ['IPv4 behind a gateway (NAT64, 6to4, Teredo)', '64:ff9b::7f00:1', '2002:7f00:1::', '2001::1'],
    ['no address at all', '', 'localhost', '127.1', '[::1]'],
  ])('that is %s is not outside', (_kind, ...addresses) => {
    for (const address of addresses) expect([address, isOutside(address)]).toEqual([address, false]);
  });

  it('of the internet is outside, up to the edges of what is not', () => {
    const outside = [
      ...[
        '8.8.8.8',
        '1.1.1.1',
        '9.255.255.255',
        '11.0.0.0',
        '100.63.255.255',
        '100.128.0.0',
        '126.255.255.255',
      ],
      ...['128.0.0.0', '169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255'],
      ...['192.169.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255', '168.63.129.15'],
      ...['2001:4860:4860::8888', '2606:4700:4700::1111', '2003::1', '3fff::1'],
    ];
    for (const address of outside) expect([address, isOutside(address)]).toEqual([address, true]);
  });
});
