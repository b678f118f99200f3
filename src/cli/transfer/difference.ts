/** Compares what is stored with what a line wants it to be. */

/** One text for equal values, whatever the order of their members and the type of their dates. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

export const isSame = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);
