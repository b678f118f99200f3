/** The catalogue of kinds: every entry agrees with itself, with the others and with the API's own schemas. */
import { z } from 'zod';
import { updateOidcClient } from '../../../src/admin/client-schema.ts';
import { updateSamlClient } from '../../../src/admin/saml-client-schema.ts';
import { AppError } from '../../../src/base/errors.ts';
import { CLIENT } from '../../../src/cli/apply/client-kind.ts';
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
    // One by one: a client has those of OIDC or those of SAML.
    const problems = own.flatMap((member) => problemsOf(kind, { [member]: undefined }));
    expect(problems.filter((problem) => problem.includes('is not a known field'))).toEqual([]);
    expect(problemsOf(kind, { nothing_like_it: 1 })).toEqual(['nothing_like_it is not a known field']);
  });
});

describe('clients of a file', () => {
  it.each([
    ['OIDC', updateOidcClient.shape],
    ['SAML', updateSamlClient.shape],
  ])('may say all that the API takes of an %s client (sections 5 and 6)', (_protocol, shape) => {
    const refused = ['sp_metadata'];
    const takenOver = Object.entries(shape).filter(
      ([, schema]) => z.globalRegistry.get(schema.unwrap())?.readOnly !== true,
    );
    const taken = takenOver.map(([member]) => member).filter((member) => !refused.includes(member));
    expect(taken.length).toBeGreaterThan(15);
    expect(taken.filter((member) => !CLIENT.members.includes(member))).toEqual([]);
  });

  it('need what their protocol needs, and a SAML client says which one it is', () => {
    expect(CLIENT.requiredBy?.({ name: 'A' })).toEqual(['redirect_uris']);
    expect(CLIENT.requiredBy?.({ sp_acs_url: 'x' })).toEqual(['authentication_protocol', 'sp_entity_id']);
  });

  it('cannot say what the server makes, nor what it never shows', () => {
    expect(CLIENT.elsewhere?.x509_certificate).toBe('the server makes it');
    expect(problemsOf(CLIENT, { authentication_protocol: 'saml', supported_prompts: ['login'] })).toEqual([
      expect.stringMatching(/^supported_prompts: no SAML client shows it/),
    ]);
  });
});

describe('organizations of a file', () => {
  it('get and lose applications one by one, as the API has it (section 13)', async () => {
    const calls: unknown[] = [];
    const note = (method: string) => async (path: string, body?: unknown, etag?: string) => {
      calls.push([method, path, body, etag]);
      return { body: undefined };
    };
    const api = { post: note('POST'), put: note('PUT'), delete: note('DELETE') };
    const [path, etag] = ['/v1/organizations/o', '"1"'];
    await ORGANIZATION.apart?.write(api, path, { wanted: ['a', 'b'], present: ['b', 'c'], etag });
    await ORGANIZATION.apart?.write(api, path, { wanted: ['a'], present: ['a', 'c'], etag });
    await ORGANIZATION.apart?.write(api, path, { wanted: ['a'], present: ['a'], etag });
    expect(calls).toEqual([
      ['PUT', '/v1/organizations/o/apps', { app_ids: ['a'] }, etag],
      ['DELETE', '/v1/organizations/o/apps', { app_ids: ['c'] }, undefined],
      ['DELETE', '/v1/organizations/o/apps', { app_ids: ['c'] }, etag],
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
