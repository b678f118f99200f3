/** An authenticator app in a test: reads the picture's address, and never shows the same code twice. */
import { URI } from 'otpauth';

const PERIOD_MS = 30_000;

export class AuthenticatorApp {
  readonly #uri: string;
  #lastStep = 0;

  /** `uri` as in the QR code. */
  constructor(uri: string) {
    this.#uri = uri;
  }

  /** One that was just read off a page of the hosted login. */
  static ofPage(html: string): AuthenticatorApp {
    const [, uri] = /href="(otpauth:[^"]+)"/.exec(html) ?? [];
    if (uri === undefined) throw new Error(`no authenticator app in:\n${html.slice(0, 2500)}`);
    return new AuthenticatorApp(uri.replaceAll('&amp;', '&'));
  }

  /** The next code: of this period, or of the one after it, which the server takes as well. */
  code(now = Date.now()): string {
    const totp = URI.parse(this.#uri);
    if (!('period' in totp)) throw new Error('not time based');
    const step = Math.max(Math.floor(now / PERIOD_MS), this.#lastStep + 1);
    this.#lastStep = step;
    return totp.generate({ timestamp: step * PERIOD_MS });
  }
}
