/** The permission check of management-api.md section 0, without a server. */

import type { Caller } from '../../src/base/caller.ts';
import { assertMayCall } from '../../src/http/permission.ts';

const row = { tokens: ['client', 'admin'], permissions: ['apps:edit', '[appId]:edit'] } as const;
const head = { tenantId: 't', clientId: 'c', appId: 'own' };
const caller = (rest: object): Caller => ({ ...head, ...rest }) as unknown as Caller;
const client = (...permissions: string[]): Caller =>
  caller({ kind: 'client', permissions: new Set(permissions) });

describe('the permission check (D15)', () => {
  it.each([
    ['an administrator', caller({ kind: 'admin' })],
    ['a client without roles', caller({ kind: 'client' })],
    ['a client with one of the permissions', client('users:read', 'apps:edit')],
    ['a client with the permission for its application', client('own:edit')],
  ])('lets %s pass', (_, who) => {
    expect(() => assertMayCall(row, who, {})).not.toThrow();
  });

  it.each([
    ['no permission at all', client()],
    ['the same resource but another action', client('apps:read', 'own:read')],
    ['another application', client('other:edit')],
    ['the placeholder itself', client('[appId]:edit')],
    ['a longer or shorter word', client('apps:edit2', 'apps:edi', 'xapps:edit')],
  ])('refuses a client with %s, and names what would do', (_, who) => {
    expect(() => assertMayCall(row, who, {})).toThrow(
      expect.objectContaining({
        status: 403,
        message: 'The roles of this client permit none of: apps:edit, own:edit',
      }),
    );
  });

  it('reads [appId] as the application that the path names', () => {
    expect(() => assertMayCall(row, client('named:edit'), { appId: 'named' })).not.toThrow();
    expect(() => assertMayCall(row, client('own:edit'), { appId: 'named' })).toThrow('named:edit');
  });

  it('refuses the wrong kind of token before it looks at anything else', () => {
    expect(() => assertMayCall(row, caller({ kind: 'user' }), {})).toThrow('This kind of token');
  });

  it('closes rows for users to tokens that an outside service got (R97, C25)', () => {
    const rows = { tokens: ['user'], permissions: [] } as const;
    const user = (isThirdParty: boolean) =>
      caller({ kind: 'user', userId: 'u', scopes: new Set(), isThirdParty });
    expect(() => assertMayCall(rows, user(false), {})).not.toThrow();
    expect(() => assertMayCall(rows, user(true), {})).toThrow('third-party');
  });
});
