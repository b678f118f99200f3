/** What openid-client gets to see of a provider, and where it does not come at all. */
import { foreignFetch } from '../../src/federation/foreign-fetch.ts';
import type { OutsideRequest } from '../../src/http/outbound.ts';

const ANSWER = { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from('{"a":1}') };

function way(status = 200) {
  const sent: [string, OutsideRequest][] = [];
  const fetchOutside = async (url: string, request: OutsideRequest) => {
    sent.push([url, request]);
    return { ...ANSWER, status };
  };
  return { sent, fetch: foreignFetch({ fetchOutside, allowedInternalHosts: ['idp.internal'] }) };
}
const GET = { method: 'GET' as const, headers: {}, body: undefined, redirect: 'manual' as const };

describe('the way to a foreign provider', () => {
  it.each([
    'http://idp.example.com/token',
    'http://idp.internal.evil.example/token',
    'ftp://idp.internal/token',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '',
  ])('is without TLS for listed hosts only: %s', async (address) => {
    const { sent, fetch } = way();
    await expect(fetch(address, GET)).rejects.toThrow('without TLS');
    expect(sent).toEqual([]);
  });

  it('leads with limits to those with TLS, and to the listed ones', async () => {
    const { sent, fetch } = way();
    const body = new URLSearchParams({ code: 'x y' });
    const post = { ...GET, method: 'POST' as const, headers: { authorization: 'Basic x' }, body };
    const answer = await fetch('https://idp.example.com/token', post);
    expect([answer.status, await answer.json()]).toEqual([200, { a: 1 }]);
    await fetch('http://idp.internal/jwks', GET);
    const limits = { timeoutMs: expect.any(Number), maxBytes: expect.any(Number) };
    expect(sent).toEqual([
      [
        'https://idp.example.com/token',
        { method: 'POST', headers: { authorization: 'Basic x' }, body: 'code=x+y', ...limits },
      ],
      ['http://idp.internal/jwks', { method: 'GET', headers: {}, ...limits }],
    ]);
  });

  it('gives an answer without a body as it is, and a redirect as an answer', async () => {
    for (const status of [204, 302, 304, 500])
      expect((await way(status).fetch('https://idp.example.com/', GET)).status).toBe(status);
  });
});
