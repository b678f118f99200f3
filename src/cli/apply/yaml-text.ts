/** Reads the text of a file, YAML 1.2 or JSON, into a value that remembers where everything stands. */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { Faults } from './faults.ts';

export type Path = readonly (string | number)[];

export interface Parsed {
  readonly value: unknown;
  /** `file:line:column` of the member at this path, or of the nearest one around it that exists. */
  placeOf(path: Path): string;
}

/** An anchor used more often than this is a bomb, not a configuration. */
const MAX_ALIASES = 100;

/** @throws Faults naming the place of everything that is no YAML, duplicate keys included. */
export function parseText(fileName: string, text: string): Parsed {
  const lines = new LineCounter();
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${fileName}:${line}:${col}`;
  };
  try {
    const document = parseDocument(text, { version: '1.2', lineCounter: lines, prettyErrors: false });
    const problems = [...document.errors, ...document.warnings];
    if (problems.length > 0)
      throw new Faults(
        ...problems.map(({ pos, message }) => `${at(pos[0])}: ${message.replace(/\s+/g, ' ')}`),
      );
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { value, placeOf: (path) => at(offsetOf(document, path)) };
  } catch (error) {
    if (error instanceof Faults) throw error;
    throw new Faults(`${fileName}: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  const { message } = error as Error;
  if (/alias count/i.test(message)) return `uses its aliases more than ${MAX_ALIASES} times; write it out`;
  return error instanceof RangeError ? 'is nested too deeply' : message;
}

function offsetOf(document: Document, path: Path): number {
  let node = document.contents as Node | null;
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    const found = memberOf(isAlias(node) ? node.resolve(document) : node, step);
    if (!found) break;
    offset = found.offset ?? offset;
    node = found.node;
  }
  return offset;
}

/** The member and the place of its name; for an entry of a list, its own place. */
function memberOf(
  node: unknown,
  step: string | number,
): { node: Node | null; offset: number | undefined } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)] as Node | undefined;
    return item && { node: item, offset: item.range?.[0] };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
  return pair && { node: pair.value as Node | null, offset: (pair.key as Node).range?.[0] };
}
