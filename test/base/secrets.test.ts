/** Ids and secrets (src/base/secrets.ts). */
import { newId } from '../../src/base/secrets.ts';

describe('an id', () => {
  const ids = Array.from({ length: 2000 }, () => newId<string>());

  it('is 24 characters that are safe in a URL, and never the same twice', () => {
    for (const id of ids) expect(id).toMatch(/^[\w-]{24}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('does not begin with a hyphen, which a command line would take for an option', () => {
    expect(ids.filter((id) => id.startsWith('-'))).toEqual([]);
  });
});
