/** Which bytes may be a logo. */
import { toLogo } from '../../src/organizations/logo.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('a logo', () => {
  it.each([
    ['image/png', '\x89PNG\r\n\x1a\n....'],
    ['image/jpeg', '\xff\xd8\xff\xe0....'],
    ['image/gif', 'GIF87a....'],
    ['image/gif', 'GIF89a....'],
    ['image/webp', 'RIFF\x04\x00\x00\x00WEBPVP8 '],
  ])('is %s by its first bytes', (mediaType, text) => {
    expect(toLogo(bytes(text)).mediaType).toBe(mediaType);
  });

  it.each([
    '',
    '<svg onload="alert(1)">',
    '<html>',
    'RIFF\x04\x00\x00\x00WAVE',
    'GIF88a',
    ' \x89PNG\r\n\x1a\n',
    '%PDF-1.7',
  ])('is not what begins with %j', (text) => {
    expect(() => toLogo(bytes(text))).toThrow('logo must be a PNG, JPEG, GIF or WebP picture');
  });

  it('is looked at in its own bytes where these are a part of a larger buffer', () => {
    const whole = bytes('\x89PNG\r\n\x1a\n<svg>');
    expect(() => toLogo(whole.subarray(8))).toThrow('logo must be');
  });

  it('has at most 200 KB', () => {
    const of = (size: number) => Buffer.concat([bytes('GIF89a'), Buffer.alloc(size - 6)]);
    expect(toLogo(of(204_800)).content).toHaveLength(204_800);
    expect(() => toLogo(of(204_801))).toThrow('logo is larger than 204800 bytes');
  });
});
