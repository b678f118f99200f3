/** Compares what a file says about an object with what the server has: named members only, sets without order. */
import type { Kind, Members } from './kind.ts';

export interface Change {
  readonly member: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** The members of the file that the server has otherwise; `to` is what has to be written. */
export function changesBetween(kind: Kind, wanted: Members, present: Members): Change[] {
  return Object.entries(wanted)
    .filter(([member]) => !kind.orders?.includes(member))
    .filter(([member, value]) => !agrees(kind, member, value, present[member]))
    .map(([member, value]) => ({
      member,
      from: present[member],
      to: kind.documents?.includes(member) ? value : laidOver(present[member], value),
    }));
}

function agrees(kind: Kind, member: string, wanted: unknown, present: unknown): boolean {
  if (kind.sets.includes(member) && Array.isArray(wanted) && Array.isArray(present))
    return setText(wanted) === setText(present);
  return kind.documents?.includes(member) ? textOf(wanted) === textOf(present) : contains(present, wanted);
}

/** An object agrees where every named member does; everything else has to be equal. */
function contains(present: unknown, wanted: unknown): boolean {
  if (!isObject(wanted) || !isObject(present)) return textOf(wanted) === textOf(present);
  return Object.entries(wanted).every(([name, value]) => contains(present[name], value));
}

// The API replaces objects as a whole: members that the file does not name go along as they are.
function laidOver(present: unknown, wanted: unknown): unknown {
  if (!isObject(wanted) || !isObject(present)) return wanted;
  const named = Object.entries(wanted).map(([name, value]) => [name, laidOver(present[name], value)]);
  return Object.fromEntries([...Object.entries(present), ...named]);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const setText = (items: readonly unknown[]): string => [...new Set(items.map(textOf))].sort().join();

/** The same text for the same value, whatever the order of members. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  ) ?? 'undefined';
