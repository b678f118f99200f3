/** Requests to URLs that others wrote down: no way into the networks around the server, no redirects, an end in time and size. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type OutsideRequest, outbound } from '../../src/http/outbound.ts';

const INTERNAL = /internal address/;
const GET: OutsideRequest = { method: 'GET', timeoutMs: 2000, maxBytes: 1000 };
/** TEST-NET-3 (RFC 5737): routed nowhere. */
const NOWHERE = { address: '203.0.113.7', family: 4 };
const LOOPBACK = { address: '127.0.0.1', family: 4 };

describe('a request to the outside', () => {
  let server: Server;
  let port: number;
  let requests: string[];
  let answer: RequestListener;
  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.headers.host} ${request.url}`);
      answer(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  beforeEach(() => {
    requests = [];
    answer = (_request, response) => response.end('hello');
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const strict = outbound({ allowedInternalHosts: [] });
  const allowing = (...allowedInternalHosts: string[]) => outbound({ allowedInternalHosts });

  it('refuses internal addresses however they are written, and connects to none', async () => {
    const hosts = ['127.0.0.1', '127.1', '2130706433', '0x7f.0.0.1', '0177.0.0.1', '0', '[::1]', '[::]'];
    const others = ['[::ffff:127.0.0.1]', '[64:ff9b::7f00:1]', '169.254.169.254', '10.0.0.1', 'localhost'];
    for (const host of [...hosts, ...others])
      await expect(strict(`http://${host}:${port}/`, GET)).rejects.toThrow(INTERNAL);
    expect(requests).toEqual([]);
  });

  it('refuses a name with an internal address, also beside one of the internet', async () => {
    for (const addresses of [[LOOPBACK], [NOWHERE, LOOPBACK], []]) {
      const fetchOutside = outbound({ allowedInternalHosts: [], resolve: async () => addresses });
      await expect(fetchOutside(`http://evil.example:${port}/`, GET)).rejects.toThrow(INTERNAL);
    }
    expect(requests).toEqual([]);
  });

  it('connects to the very address that was examined, whatever a second answer of the name server says (DNS rebinding)', async () => {
    const answers = [[NOWHERE], [LOOPBACK], [LOOPBACK]];
    let asked = 0;
    const resolve = async () => answers[asked++] ?? [];
    const fetchOutside = outbound({ allowedInternalHosts: [], resolve });
    await expect(
      fetchOutside(`http://rebinding.example:${port}/`, { ...GET, timeoutMs: 400 }),
    ).rejects.toThrow();
    expect([asked, requests]).toEqual([1, []]);
    // The next request is examined anew.
    await expect(fetchOutside(`http://rebinding.example:${port}/`, GET)).rejects.toThrow(INTERNAL);
    expect([asked, requests]).toEqual([2, []]);
  });

  it('reaches a listed host, with its own name in the request, and no other name of the same address', async () => {
    const resolve = async () => [LOOPBACK];
    const fetchOutside = outbound({ allowedInternalHosts: ['ocsp.internal'], resolve });
    const found = await fetchOutside(`http://ocsp.internal:${port}/a?b=c`, GET);
    expect([found.status, found.body.toString()]).toEqual([200, 'hello']);
    expect(requests).toEqual([`GET ocsp.internal:${port} /a?b=c`]);
    await expect(fetchOutside(`http://other.internal:${port}/`, GET)).rejects.toThrow(INTERNAL);
    await expect(fetchOutside(`http://127.0.0.1:${port}/`, GET)).rejects.toThrow(INTERNAL);
    expect((await allowing('127.0.0.1')(`http://127.0.0.1:${port}/`, GET)).status).toBe(200);
    expect((await allowing('localhost')(`http://localhost:${port}/`, GET)).status).toBe(200);
  });

  it('sends method, headers and bytes as they are', async () => {
    answer = async (request, response) =>
      response
        .writeHead(201, {
          'x-was': `${request.headers['content-type']} ${request.headers['content-length']}`,
        })
        .end(await buffer(request));
    const bytes = new Uint8Array([0, 255, 10, 13]);
    const sent = { method: 'POST', headers: { 'content-type': 'application/x' }, body: bytes } as const;
    const found = await allowing('127.0.0.1')(`http://127.0.0.1:${port}/`, { ...GET, ...sent });
    expect([found.status, found.headers['x-was'], [...found.body]]).toEqual([
      201,
      'application/x 4',
      [...bytes],
    ]);
  });

  it('follows no redirect', async () => {
    answer = (_request, response) => response.writeHead(302, { location: '/secret' }).end();
    expect((await allowing('127.0.0.1')(`http://127.0.0.1:${port}/`, GET)).status).toBe(302);
    expect(requests).toHaveLength(1);
  });

  it('ends in time where nobody answers, where the body never ends, and where the name server is silent', async () => {
    const soon = { ...GET, timeoutMs: 300 };
    const here = allowing('127.0.0.1');
    answer = () => undefined;
    await expect(here(`http://127.0.0.1:${port}/`, soon)).rejects.toThrow();
    answer = (_request, response) => void response.write('a');
    await expect(here(`http://127.0.0.1:${port}/`, soon)).rejects.toThrow();
    const silent = outbound({ allowedInternalHosts: [], resolve: () => new Promise(() => undefined) });
    await expect(silent('http://silent.example/', soon)).rejects.toThrow(/timeout/);
  });

  it('ends where the answer is too large', async () => {
    answer = (_request, response) => response.end('x'.repeat(1001));
    await expect(allowing('127.0.0.1')(`http://127.0.0.1:${port}/`, GET)).rejects.toThrow('too large');
  });

  it.each(['file:///etc/passwd', 'ftp://a.example/', 'data:,x', 'x', 'http://user:word@a.example/'])(
    'refuses %s',
    async (url) => {
      await expect(strict(url, GET)).rejects.toThrow(/not an http|credentials/);
    },
  );
});
