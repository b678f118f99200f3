/** Seals small secrets with AES-256-GCM under the master key, and derives keys from it. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Secret } from '../base/secrets.ts';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class Sealer {
  readonly #key: Buffer;

  /** @param masterKey 32 bytes, base64url */
  constructor(masterKey: Secret) {
    this.#key = Buffer.from(masterKey.reveal(), 'base64url');
  }

  /** @param context what the text is for; opening needs the same words. @returns base64url of nonce, text, tag. */
  seal(text: string, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce).setAAD(Buffer.from(context));
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  }

  /** @throws Error when the text was sealed under another key or for another context, or was changed. */
  open(sealed: string, context: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([
      decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)),
      decipher.final(),
    ]).toString('utf8');
  }

  /** A key for one purpose (RFC 5869), base64url. */
  derive(purpose: string): string {
    return Buffer.from(hkdfSync('sha256', this.#key, '', purpose, 32)).toString('base64url');
  }
}
