/** Serves the script of the pages with passkeys: ours, and the library that it imports, both as files of our own origin. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Router from '@koa/router';
import { type Html, html } from './html.ts';

const library = new URL('../dist/bundle/index.umd.min.js', import.meta.resolve('@simplewebauthn/browser'));
const FILES: Readonly<Record<string, string>> = {
  'page.js': readFileSync(new URL('passkey-page.js', import.meta.url), 'utf8'),
  'library.js': readFileSync(fileURLToPath(library), 'utf8'),
};
/** In the address, so that what is there never changes. */
const VERSION = hash('sha256', Object.values(FILES).join('\n'), 'hex').slice(0, 16);
const FOLDER = `/hosted/passkey/${VERSION}`;

/** GET `/hosted/passkey/<version>/page.js` and `library.js`. */
export function createPasskeyScriptRouter(): Router {
  const router = new Router();
  for (const [name, text] of Object.entries(FILES))
    router.get(`${FOLDER}/${name}`, (ctx) => {
      ctx.set({
        'Cache-Control': 'public, max-age=31536000, immutable',
        'X-Content-Type-Options': 'nosniff',
      });
      ctx.type = 'text/javascript; charset=utf-8';
      ctx.body = text;
    });
  return router;
}

/** For the head of a page. */
export const passkeyScript = (nonce: string): Html =>
  html`<script type="module" nonce="${nonce}" src="${FOLDER}/page.js"></script>`;

/** What it needs of the content policy: itself, what it imports, and the start of the ceremony. */
export const passkeyPolicy = (nonce: string): string[] => [
  `script-src 'nonce-${nonce}'`,
  "connect-src 'self'",
];
