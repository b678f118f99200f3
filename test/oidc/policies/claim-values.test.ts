/** What claims say, and that a claim without a value is left out. */
import type { RoleId } from '../../../src/base/ids.ts';
import { type ClaimFacts, claimValues } from '../../../src/oidc/policies/claim-values.ts';
import type { User } from '../../../src/users/user.ts';

const user = {
  userId: 'u',
  tenantId: 't',
  status: 'Active',
  profile: { custom_data: { a: 1, b: { c: 2 } }, address: {} },
  hasPassword: false,
  createdAt: new Date(1000),
  updatedAt: new Date(2000),
} as unknown as User;
const role = (roleId: string, ...permissions: string[]) => ({
  roleId: roleId as RoleId,
  name: `${roleId}!`,
  permissions,
});
const facts: ClaimFacts = {
  user,
  membership: undefined,
  roles: [role('r1', 'x:read'), role('r2', 'x:read', 'x:edit')],
  groups: [],
  passkeys: [],
  appId: 'a',
  appName: 'Shop',
};
const values = (selection: Record<string, Record<string, unknown> | null>, more: Partial<ClaimFacts> = {}) =>
  claimValues({ ...facts, ...more }, new Map(Object.entries(selection)));

describe('the values of claims', () => {
  it('are those of the selection only, and of what has a value', () => {
    expect(values({})).toEqual({});
    expect(
      values({ email: null, fname: null, address: null, custom_app_data: null, toString: null }),
    ).toEqual({});
    expect(values({ app_name: null, created_at: null, ts_roles: null })).toEqual({
      app_name: 'Shop',
      created_at: 1000,
      ts_roles: [],
    });
  });
  it('tell roles by id, by name and by what they permit together (R160)', () => {
    expect(values({ roles: null, role_values: null, permissions: null })).toEqual({
      roles: ['r1', 'r2'],
      role_values: ['r1!', 'r2!'],
      permissions: ['x:read', 'x:edit'],
    });
  });
  it('hold the fields that were asked for, and nothing where none of them is there', () => {
    expect(values({ custom_data: { fields: ['b', 'toString', '__proto__'] } })).toEqual({
      custom_data: { b: { c: 2 } },
    });
    expect(values({ custom_data: { fields: ['z'] } })).toEqual({});
    expect(values({ custom_data: { essential: true } })).toEqual({ custom_data: { a: 1, b: { c: 2 } } });
  });
  it('repeat approval data only where a request brought some', () => {
    expect(values({ approval_data: null })).toEqual({});
    expect(values({ approval_data: null }, { approvalData: { amount: 1 } })).toEqual({
      approval_data: { amount: 1 },
    });
  });
});
