/** Which hosts the operator lets the server call for a client. */
import { readConfig } from '../../src/config/config.ts';

const hosts = (env: Record<string, string>) => readConfig(env).clientHosts;

describe('PRIVATE_CLIENT_HOSTS', () => {
  it('names hosts beside the public internet; a local server may call every one', () => {
    expect(hosts({})).toEqual({ isLocal: true, privateHosts: [] });
    expect(
      hosts({ PUBLIC_URL: 'https://id.example.com', PRIVATE_CLIENT_HOSTS: 'Shop.internal, 10.0.0.7,' }),
    ).toEqual({ isLocal: false, privateHosts: ['shop.internal', '10.0.0.7'] });
  });

  it.each(['https://shop.internal', 'shop.internal:443', '*.internal', 'shop internal'])(
    'is refused where it says %s',
    (value) => {
      expect(() => hosts({ PRIVATE_CLIENT_HOSTS: value })).toThrow(
        'PRIVATE_CLIENT_HOSTS must list host names',
      );
    },
  );
});
