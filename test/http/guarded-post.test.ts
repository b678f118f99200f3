/** Calls at the wish of a client do not reach into the operator's own network. */
import { guardedPost, type Reach } from '../../src/http/guarded-post.ts';
import { isPublicAddress } from '../../src/http/public-address.ts';
import { LogoutReceiver } from '../support/logout-receiver.ts';

describe('public addresses', () => {
  it.each(['1.1.1.1', '93.184.216.34', '172.32.0.1', '192.167.1.1', '2606:4700:4700::1111', '2a00:1450::1'])(
    '%s is one',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.9.9.9',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fc00::1',
    'fd12:3456::1',
    'fec0::1',
    'ff02::1',
    '2002:7f00:1::1',
    '2001:db8::1',
    'localhost',
    '',
  ])('%s is none', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('a guarded post', () => {
  let receiver: LogoutReceiver;
  beforeEach(async () => {
    receiver = await LogoutReceiver.listen();
  });
  afterEach(() => receiver.close());

  const GUARDED: Reach = { isLocal: false, privateHosts: [] };
  const post = (reach: Reach, url: string) =>
    guardedPost(reach)({ url, form: new URLSearchParams({ logout_token: 'x' }) });

  it.each([
    ['a name that leads to a private address', 'https://localhost:PORT/'],
    ['a private address', 'https://127.0.0.1:PORT/'],
    ['a private address written as a number', 'https://2130706433:PORT/'],
    ['the local IPv6 address', 'https://[::1]:PORT/'],
    ['an IPv4 address inside of an IPv6 one', 'https://[::ffff:127.0.0.1]:PORT/'],
    ['the metadata service of a cloud', 'https://169.254.169.254/latest'],
  ])('is not sent to %s', async (_what, url) => {
    await expect(post(GUARDED, url.replace('PORT', String(receiver.port)))).rejects.toThrow(
      'its address is not a public one',
    );
    expect(receiver.received).toHaveLength(0);
  });

  it('is not sent without TLS, unless the host is named or the server is local', async () => {
    const url = receiver.uri;
    await expect(post(GUARDED, url)).rejects.toThrow('must be called with https');
    await expect(post({ ...GUARDED, privateHosts: ['127.0.0.1'] }, url)).rejects.toThrow('with https');
    expect(await post({ ...GUARDED, privateHosts: ['localhost'] }, url)).toBe(200);
    expect(await post({ ...GUARDED, isLocal: true }, url)).toBe(200);
    expect(receiver.received.map(({ token }) => token)).toEqual(['x', 'x']);
  });

  it('follows no redirect', async () => {
    receiver.status = 302;
    expect(await post({ ...GUARDED, isLocal: true }, receiver.uri)).toBe(302);
    expect(receiver.received).toHaveLength(1);
  });
});
