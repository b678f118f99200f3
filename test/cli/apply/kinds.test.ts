/** The catalogue of kinds: every entry agrees with itself, with the others and with the API's own schemas. */
import { AppError } from '../../../src/base/errors.ts';
import type { Kind } from '../../../src/cli/apply/kind.ts';
import { KINDS, kindOf } from '../../../src/cli/apply/kinds.ts';
import { ORGANIZATION } from '../../../src/cli/apply/organization-kind.ts';

const named = KINDS.map((kind) => [kind.section, kind] as const);

function problemsOf(kind: Kind, members: Record<string, unknown>): readonly string[] {
  try {
    kind.check?.(members);
    return [];
  } catch (error) {
    if (error instanceof AppError) return error.problems ?? [error.message];
    throw error;
  }
}

describe('the catalogue of kinds', () => {
  it.each(named)('%s: names no member that it does not have', (_section, kind) => {
    const { members, key, required, sets, documents = [], orders = [], references, apart } = kind;
    const used = [key, ...required, ...sets, ...documents, ...orders, ...Object.keys(references)];
    expect(used.filter((member) => !members.includes(member))).toEqual([]);
    expect(apart === undefined || members.includes(apart.member)).toBe(true);
    expect(Object.keys(kind.elsewhere ?? {}).filter((member) => members.includes(member))).toEqual([]);
  });

  it.each(named)('%s: points only to what is made before it', (_section, kind) => {
    const later = Object.values(kind.references).filter(
      (section) => KINDS.indexOf(kindOf(section)) >= KINDS.indexOf(kind),
    );
    expect(later).toEqual([]);
  });

  it.each(named)('%s: offers no member that the management API does not know', (_section, kind) => {
    const own = kind.members.filter((member) => !Object.hasOwn(kind.references, member));
    const problems = problemsOf(kind, Object.fromEntries(own.map((member) => [member, undefined])));
    expect(problems.filter((problem) => problem.includes('is not a known field'))).toEqual([]);
    if (kind.check && kind !== ORGANIZATION)
      expect(problemsOf(kind, { nothing_like_it: 1 })).toEqual(['nothing_like_it is not a known field']);
  });
});

describe('organizations of a file', () => {
  it('get and lose applications one by one, as the API has it (section 13)', async () => {
    const calls: unknown[] = [];
    const note = (method: string) => async (path: string, body?: unknown) => {
      calls.push([method, path, body]);
      return { body: undefined };
    };
    const api = { post: note('POST'), put: note('PUT'), delete: note('DELETE') };
    await ORGANIZATION.apart?.write(api, '/v1/organizations/o', { wanted: ['a', 'b'], present: ['b', 'c'] });
    await ORGANIZATION.apart?.write(api, '/v1/organizations/o', { wanted: ['a'], present: ['a'] });
    expect(calls).toEqual([
      ['PUT', '/v1/organizations/o/apps', { app_ids: ['a'] }],
      ['DELETE', '/v1/organizations/o/apps', { app_ids: ['c'] }],
    ]);
  });

  it('are not those that other organizations manage, and domains know no cases', () => {
    expect(ORGANIZATION.isForeign?.({ managing_organization_id: 'o' })).toBe(true);
    expect(ORGANIZATION.isForeign?.({})).toBe(false);
    expect(ORGANIZATION.check?.({ name: 'A', domains: ['A.Example.COM'] })).toMatchObject({
      domains: ['a.example.com'],
    });
  });
});
