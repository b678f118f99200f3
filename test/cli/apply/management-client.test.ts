/** How the command line speaks with the server: tokens that end, and waiting. */
import { Secret } from '../../../src/base/secrets.ts';
import { ManagementClient, waitSeconds } from '../../../src/cli/apply/management-client.ts';
import { interferingProxy, type ProxyAnswer, type Proxy as Server } from '../../support/interfering-proxy.ts';

const CREDENTIALS = { clientId: 'me', clientSecret: new Secret('hush') };
const json = (body: unknown, status = 200): ProxyAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe('a management client', () => {
  let server: Server;
  afterEach(() => server.close());
  const clientOf = async (answer: (call: string) => ProxyAnswer): Promise<ManagementClient> => {
    server = await interferingProxy('', answer);
    return new ManagementClient(new URL(server.url), CREDENTIALS);
  };
  const tokens = (): number => server.calls.filter((call) => call === 'POST /oidc/token').length;

  it('asks for one token, and for another before it ends', async () => {
    let life = 3600;
    const client = await clientOf((call) =>
      json(call.includes('token') ? { access_token: 't', expires_in: life } : {}),
    );
    await client.get('/v1/roles');
    await client.get('/v1/roles');
    expect(tokens()).toBe(1);
    await server.close();

    life = 0;
    const short = await clientOf((call) =>
      json(call.includes('token') ? { access_token: 't', expires_in: life } : {}),
    );
    await short.get('/v1/roles');
    await short.get('/v1/roles');
    expect(tokens()).toBe(2);
  });

  it('takes one new token where the server no longer accepts the first, and no third', async () => {
    let refusals = 1;
    const client = await clientOf((call) => {
      if (call.includes('token')) return json({ access_token: 't', expires_in: 3600 });
      refusals -= 1;
      return refusals >= 0 ? json({ message: 'Invalid token' }, 401) : json({ result: 1 });
    });
    expect((await client.get('/v1/roles')).body).toEqual({ result: 1 });
    refusals = 2;
    await expect(client.get('/v1/roles')).rejects.toThrow('does not accept the token that it gave');
    expect(tokens()).toBe(3);
  });

  it('follows no redirect with its credentials', async () => {
    const client = await clientOf(() => ({ status: 302, headers: { location: 'http://localhost:1/' } }));
    await expect(client.get('/v1/roles')).rejects.toThrow('The server gives no token: 302');
    expect(server.calls).toEqual(['POST /oidc/token']);
  });

  it('gives up on a server that stays busy, with its words', async () => {
    const busy = { ...json({ message: 'too many' }, 429), headers: { 'retry-after': '0' } };
    const client = await clientOf((call) =>
      call.includes('token') ? json({ access_token: 't', expires_in: 60 }) : busy,
    );
    await expect(client.get('/v1/roles')).rejects.toThrow('too many (429)');
    expect(server.calls.filter((call) => call === 'GET /v1/roles')).toHaveLength(5);
  });
});

describe('the wait before another try (RFC 9110 10.2.3)', () => {
  it.each([
    ['7', 1, 7],
    ['100000', 1, 120],
    [null, 1, 1],
    [null, 3, 4],
    ['nonsense', 2, 2],
    ['Mon, 01 Jan 2001 00:00:00 GMT', 1, 0],
  ])('for Retry-After %s at try %i is %i s', (header, attempt, seconds) => {
    expect(waitSeconds(header, attempt)).toBe(seconds);
  });
});
