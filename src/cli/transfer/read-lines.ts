/** Lines of a stream, numbered, within a limit of length, without holding more than a chunk of them. */
export interface InputLine {
  /** 1 for the first. */
  readonly number: number;
  readonly text: string;
  /** Why the text cannot be used; it is empty then. */
  readonly fault?: string;
  /** Bytes read so far, up to and with this line. */
  readonly bytes: number;
}

export const MAX_LINE = 1024 * 1024;
const NEWLINE = 0x0a;

export async function* readLines(input: NodeJS.ReadableStream): AsyncGenerator<InputLine> {
  let pieces: Buffer[] = [];
  let [length, number, bytes] = [0, 0, 0];
  // Of a line that is too long nothing more is kept than that it is.
  const keep = (piece: Buffer): void => {
    length += piece.length;
    if (length <= MAX_LINE) pieces.push(piece);
    else pieces = [];
  };
  const line = (): InputLine => {
    const content = Buffer.concat(pieces);
    const tooLong = length > MAX_LINE;
    [pieces, length] = [[], 0];
    number++;
    if (tooLong) return { number, bytes, text: '', fault: `the line is longer than ${MAX_LINE} bytes` };
    return { number, bytes, ...decode(content) };
  };
  for await (const chunk of input) {
    let rest = chunk as Buffer;
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
      keep(rest.subarray(0, at));
      bytes += at + 1;
      yield line();
      rest = rest.subarray(at + 1);
    }
    bytes += rest.length;
    keep(Buffer.from(rest));
  }
  if (length > 0) yield line();
}

function decode(content: Buffer): { text: string; fault?: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(content) };
  } catch {
    return { text: '', fault: 'the line is not UTF-8' };
  }
}
