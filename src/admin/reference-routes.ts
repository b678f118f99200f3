/** The OpenAPI document at /openapi.json, and the page at /docs that shows it with the viewer's own files. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import Router from '@koa/router';
import type Koa from 'koa';
import { versionOf } from '../base/version.ts';
import { sendPage } from '../http/html.ts';
import { type Described, openapiDocument } from './openapi-document.ts';
import { referencePage } from './reference-page.ts';

const require = createRequire(import.meta.url);
const { version } = require('../../package.json') as { version: string };
const viewer = require('swagger-ui-dist/package.json') as { version: string };
const VIEWER_FOLDER = dirname(require.resolve('swagger-ui-dist/package.json'));
/** All that is served of the package; the version is in the address, so that what is there never changes. */
const FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];
const FILES_AT = `docs/${viewer.version}`;

/** Open to everybody: the document holds no secret, and the page asks for a token of its own. */
export function referenceRoutes(rows: readonly Described[]): Koa.Middleware {
  const router = new Router({ strict: true });
  const text = once(async () => JSON.stringify(openapiDocument(rows, version)));
  router.get('/openapi.json', async (ctx) => sendDocument(ctx as unknown as Koa.Context, await text()));
  router.get('/docs', (ctx) => sendReference(ctx as unknown as Koa.Context));
  router.get('/docs/', (ctx) => ctx.redirect('../docs'));
  for (const file of FILES) {
    const content = once(() => readFile(join(VIEWER_FOLDER, file)));
    router.get(`/${FILES_AT}/${file}`, async (ctx) => {
      ctx.set('cache-control', 'public, max-age=31536000, immutable');
      ctx.type = extname(file);
      ctx.body = await content();
    });
  }
  const routes = router.routes() as unknown as Koa.Middleware;
  const methods = router.allowedMethods() as unknown as Koa.Middleware;
  return (ctx, next) => routes(ctx, () => methods(ctx, next));
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Stored by browsers, asked for again each time; 304 while it is the same. */
function sendDocument(ctx: Koa.Context, text: string): void {
  ctx.set({ 'cache-control': 'no-cache', etag: versionOf({ text }) });
  ctx.status = 200;
  ctx.type = 'application/json';
  ctx.body = text;
  if (ctx.fresh) ctx.status = 304;
}

function sendReference(ctx: Koa.Context): void {
  const page = referencePage(FILES_AT);
  sendPage(ctx, 200, page, {
    policy: [
      `script-src 'nonce-${page.nonce}'`,
      // The document, and the calls that "Try it out" makes.
      "connect-src 'self'",
      // The viewer's icons stand in its style sheet.
      "img-src 'self' data:",
    ],
  });
}
