/** Versions of objects and the check of `If-Match`. */
import { assertUnchanged, versionOf } from '../../src/base/version.ts';

describe('versions (RFC 9110 8.8, 13.1.1)', () => {
  const model = { name: 'a', updatedAt: new Date(0) };

  it('is a quoted text that any change of the object changes', () => {
    expect(versionOf(model)).toMatch(/^"[\w-]{27}"$/);
    expect(versionOf({ ...model })).toBe(versionOf(model));
    expect(versionOf({ ...model, updatedAt: new Date(1) })).not.toBe(versionOf(model));
  });

  it('lets a writer pass who has seen this state, any state, or does not ask', () => {
    for (const ifMatch of [undefined, '*', versionOf(model), `"other", ${versionOf(model)}`])
      expect(() => assertUnchanged(ifMatch === undefined ? {} : { ifMatch }, model)).not.toThrow();
  });

  it('refuses a writer who has seen another state with 412', () => {
    for (const ifMatch of ['"other"', 'W/"x"', '']) {
      const attempt = () => assertUnchanged({ ifMatch }, model);
      expect(attempt).toThrow(expect.objectContaining({ status: 412 }));
    }
  });
});
