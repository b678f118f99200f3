/** Decides which pictures may be logos: what the bytes are counts, not what the sender calls them. */
import { invalid } from '../base/errors.ts';

export interface Logo {
  readonly mediaType: string;
  readonly content: Uint8Array;
}

const MAX_BYTES = 200 * 1024;

const begins = (content: Uint8Array, at: number, text: string): boolean =>
  Buffer.from(content.buffer, content.byteOffset, content.byteLength)
    .subarray(at, at + text.length)
    .equals(Buffer.from(text, 'latin1'));

/** Pixels only: an SVG can carry scripts. */
const KINDS: readonly [mediaType: string, isOne: (content: Uint8Array) => boolean][] = [
  ['image/png', (content) => begins(content, 0, '\x89PNG\r\n\x1a\n')],
  ['image/jpeg', (content) => begins(content, 0, '\xff\xd8\xff')],
  ['image/gif', (content) => begins(content, 0, 'GIF87a') || begins(content, 0, 'GIF89a')],
  ['image/webp', (content) => begins(content, 0, 'RIFF') && begins(content, 8, 'WEBP')],
];

/** @throws 400 for a picture of another kind, or one that is too large. */
export function toLogo(content: Uint8Array): Logo {
  if (content.byteLength > MAX_BYTES) throw invalid(`logo is larger than ${MAX_BYTES} bytes`);
  const kind = KINDS.find(([, isOne]) => isOne(content));
  if (!kind) throw invalid('logo must be a PNG, JPEG, GIF or WebP picture');
  return { mediaType: kind[0], content };
}
