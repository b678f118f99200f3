/** Lines of a stream, numbered, within a limit of length, without holding more than a chunk of them. */
export interface InputLine {
  /** 1 for the first. */
  readonly number: number;
  /** Undefined for one that is too long. */
  readonly text: string | undefined;
  /** Bytes read so far, up to and with this line. */
  readonly bytes: number;
}

export const MAX_LINE = 1024 * 1024;

export async function* readLines(input: NodeJS.ReadableStream): AsyncGenerator<InputLine> {
  let [rest, number, bytes, tooLong] = ['', 0, 0, false];
  const decoder = new TextDecoder('utf-8');
  for await (const chunk of input) {
    const pieces = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      bytes += Buffer.byteLength(piece) + 1;
      yield { number: ++number, text: tooLong || piece.length > MAX_LINE ? undefined : piece, bytes };
      tooLong = false;
    }
    if (rest.length > MAX_LINE) [rest, tooLong] = ['', true];
  }
  if (rest.trim() !== '' || tooLong)
    yield { number: ++number, text: tooLong ? undefined : rest, bytes: bytes + Buffer.byteLength(rest) };
}
