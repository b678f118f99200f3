/** Pages as text: a template tag that escapes by default, and the one way to send a page. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';

/** Text that is already HTML. Only `html` and `raw` make it. */
export class Html {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

/** A whole document, with the nonce its style element carries. */
export class Page extends Html {
  readonly nonce: string;
  constructor(text: string, nonce: string) {
    super(text);
    this.nonce = nonce;
  }
}

/** What a template may hold; `undefined`, `null` and `false` print nothing. */
export type Piece = Html | string | number | undefined | null | false | readonly Piece[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Escapes text for element content and for quoted attribute values. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"'`]/g, (sign) => ENTITIES[sign] ?? sign);

function print(piece: Piece): string {
  if (piece === undefined || piece === null || piece === false) return '';
  if (piece instanceof Html) return piece.toString();
  if (Array.isArray(piece)) return piece.map(print).join('');
  return escapeHtml(String(piece));
}

/** html`<p>${name}</p>` escapes `name`. Attribute values must stand in double quotes. */
export const html = (parts: TemplateStringsArray, ...pieces: readonly Piece[]): Html =>
  new Html(parts.reduce((text, part, index) => text + print(pieces[index - 1]) + part));

/** Trusts the text as HTML: for constants of ours only. */
export const raw = (text: string): Html => new Html(text);

export interface PageParts {
  readonly title: string;
  readonly body: Html;
  /** BCP 47, of the words in it. */
  readonly lang: string;
  /** More for the head; what it loads carries the nonce. */
  readonly head?: Html;
  /** Style sheet text of ours. */
  readonly style?: string;
  /** Made here if absent. */
  readonly nonce?: string;
}

/** For one answer only. */
export const newNonce = (): string => randomBytes(16).toString('base64');

/** A bare document around a body. `layout` (layout.ts) is the one with the house look. */
export function page(parts: PageParts): Page {
  const nonce = parts.nonce ?? newNonce();
  const style =
    parts.style === undefined ? undefined : html`<style nonce="${nonce}">${raw(parts.style)}</style>`;
  const document = html`<!doctype html>
<html lang="${parts.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${parts.title}</title>
${style}${parts.head}
</head>
<body>
${parts.body}
</body>
</html>
`;
  return new Page(document.toString(), nonce);
}

export interface SendOptions {
  /** More CSP sources a form on this page may end at, redirects included. */
  readonly formActions?: readonly string[];
  /** More CSP directives, each for what `default-src 'none'` forbids. */
  readonly policy?: readonly string[];
}

/** Sends a page that nobody may frame, store or, unless `policy` says so, run script in. */
export function sendPage(ctx: Context, status: number, content: Page, options: SendOptions = {}): void {
  const formAction = ["'self'", ...(options.formActions ?? [])].join(' ');
  ctx.status = status;
  ctx.type = 'text/html; charset=utf-8';
  ctx.set({
    'Content-Security-Policy': [
      "default-src 'none'",
      `style-src 'nonce-${content.nonce}'`,
      `form-action ${formAction}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
      ...(options.policy ?? []),
    ].join('; '),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    // Not no-referrer: browsers then send `Origin: null` with our own forms, and form-guard compares it.
    'Referrer-Policy': 'same-origin',
  });
  ctx.body = content.toString();
}
