/** Decides which pictures may travel with a mail: what the bytes are counts, not what the sender calls them. */
import { invalid } from '../base/errors.ts';
import type { InlineImage } from './message.ts';

const KINDS: readonly (readonly [mediaType: string, ...beginnings: readonly string[]])[] = [
  ['image/png', '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', '\xff\xd8\xff'],
  ['image/gif', 'GIF87a', 'GIF89a'],
];
const DATA_URL = /^data:image\/[\w.+-]+;base64,/;

/**
 * @param base64 the picture, as a data URL or without its beginning
 * @throws 400 for anything but a PNG, JPEG or GIF; an SVG can carry scripts.
 */
export function toInlineImage(base64: string, contentId: string): InlineImage {
  const text = base64.replace(DATA_URL, '').replace(/\s+/g, '');
  const beginning = Buffer.from(text.slice(0, 24), 'base64').toString('latin1');
  const kind = KINDS.find(([, ...starts]) => starts.some((start) => beginning.startsWith(start)));
  if (!kind || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    throw invalid('base64logo must be a PNG, JPEG or GIF picture in base64');
  return { contentId, mediaType: kind[0], base64: text };
}
