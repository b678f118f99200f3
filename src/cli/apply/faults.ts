/** What stops `apply` and `diff`: one sentence per fault, all of one stage together. */
import { StartError } from '../../base/start-error.ts';

export class Faults extends StartError {
  readonly faults: readonly string[];
  constructor(...faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

// Control and format characters, the ones that turn the direction of text among them: a name must not steer the terminal.
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text of somebody else's, on one line and without anything that a terminal would obey. */
export const onOneLine = (text: string): string =>
  text.replace(STEERING, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);

/** A name in quotes, as a sentence holds it. */
export const quoted = (name: string): string => onOneLine(JSON.stringify(name));
