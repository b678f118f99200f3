/** The document and the page around it, as anybody gets them. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { ownDocument } from '../support/documented.ts';
import { type App, startApp } from '../support/start-app.ts';

const NODE_MODULES = join(import.meta.dirname, '..', '..', 'node_modules');
const { version } = JSON.parse(
  readFileSync(join(NODE_MODULES, 'swagger-ui-dist', 'package.json'), 'utf8'),
) as { version: string };

describe('the reference', () => {
  let app: App;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
  });
  const get = (path: string, options: RequestInit = {}) =>
    fetch(app.url + path, { redirect: 'manual', ...options });

  /** Unlike fetch, this sends the path as it stands, and no `cache-control` with conditions. */
  async function plain(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
    const sent = request({ host: '127.0.0.1', port: app.port, path, headers }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    return answer;
  }

  it.each(['/openapi.json', '/cis/openapi.json'])(
    'is a document at %s that needs no token (D1)',
    async (path) => {
      const answer = await get(path);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        'application/json; charset=utf-8',
      ]);
      const document = (await answer.json()) as typeof ownDocument;
      expect(document).toEqual({
        ...ownDocument,
        info: { ...ownDocument.info, version: expect.stringMatching(/^\d/) },
      });
      expect(document.openapi).toMatch(/^3\.1\./);
    },
  );

  it('is not sent again while it is the same (RFC 9110 13.1.2)', async () => {
    const first = await get('/openapi.json');
    const etag = String(first.headers.get('etag'));
    expect(etag).toMatch(/^"[\w-]{20,}"$/);
    const again = await plain('/openapi.json', { 'if-none-match': etag });
    expect([again.statusCode, again.headers['content-length']]).toEqual([304, undefined]);
    expect((await plain('/openapi.json', { 'if-none-match': '"other"' })).statusCode).toBe(200);
    const head = await get('/openapi.json', { method: 'HEAD' });
    expect([head.status, head.headers.get('etag')]).toEqual([200, etag]);
  });

  it.each(['/openapi.json', '/docs'])('answers 405 to another method at %s', async (path) => {
    expect((await get(path, { method: 'POST' })).status).toBe(405);
    expect((await get(path, { method: 'DELETE' })).status).toBe(405);
  });

  it.each(['/docs', '/cis/docs'])('is a page at %s that runs nothing but its own scripts', async (path) => {
    const [answer, other] = [await get(path), await get(path)];
    const policy = String(answer.headers.get('content-security-policy'));
    const text = await answer.text();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1];
    const scripts = [...text.matchAll(/<script[^>]*>/g)].map(([tag]) => tag);
    expect(scripts).toHaveLength(2);
    for (const tag of scripts) expect(tag).toContain(`nonce="${nonce}"`);
    expect(other.headers.get('content-security-policy')).not.toBe(policy);
  });

  it.each([
    ['swagger-ui.css', 'text/css; charset=utf-8'],
    ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
    ['favicon-32x32.png', 'image/png'],
  ])('serves %s of the viewer for good', async (file, type) => {
    for (const prefix of ['', '/cis']) {
      const answer = await get(`${prefix}/docs/${version}/${file}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      const bytes = Buffer.from(await answer.arrayBuffer());
      expect(bytes.equals(readFileSync(join(NODE_MODULES, 'swagger-ui-dist', file)))).toBe(true);
    }
  });

  it.each([
    `/docs/${version}/package.json`,
    `/docs/${version}/swagger-initializer.js`,
    `/docs/${version}/oauth2-redirect.html`,
    `/docs/${version}/swagger-ui-bundle.js.map`,
    `/docs/${version}/..%2fpackage.json`,
    `/docs/${version}/%2e%2e/%2e%2e/package.json`,
    `/docs/${version}/`,
    '/docs/0.0.0/swagger-ui.css',
    '/docs/swagger-ui.css',
  ])('serves nothing at %s', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  it('serves nothing outside of its folder, however the path is written', async () => {
    for (const path of [`/docs/${version}/../package.json`, `/docs/${version}//package.json`]) {
      const answer = await plain(path);
      expect([path, answer.statusCode]).toEqual([path, 404]);
    }
  });

  it('sends a path with a slash to the page', async () => {
    const answer = await get('/docs/');
    expect(answer.status).toBe(302);
    expect(new URL(String(answer.headers.get('location')), `${app.url}/docs/`).pathname).toBe('/docs');
  });
});
