/** What roles permit together, and which permissions a client role can have. */
import { clientPermissionProblems, effectivePermissions } from '../../src/roles/role.ts';

describe('roles', () => {
  it('permit together what each of them permits, once', () => {
    const roles = [
      { permissions: ['a:read', 'b:read'] },
      { permissions: [] },
      { permissions: ['b:read', 'c:edit'] },
    ];
    expect(effectivePermissions(roles)).toEqual(['a:read', 'b:read', 'c:edit']);
    expect(effectivePermissions([])).toEqual([]);
  });

  it('of clients speak of a resource or an application, and of an action that exists (D15)', () => {
    const words = [
      'apps:create',
      'users:read',
      'service-providers:edit',
      'kX3_-9:delete',
      'apps:list',
      'auth:execute',
    ];
    expect(clientPermissionProblems(words)).toEqual([]);
    for (const word of [
      'apps',
      'apps:',
      ':read',
      'apps:fly',
      '[appId]:read',
      'apps:read:x',
      'a b:read',
      '*:read',
    ])
      expect(clientPermissionProblems(['apps:read', word])).toEqual([
        expect.stringContaining('permissions.1 must be'),
      ]);
  });
});
