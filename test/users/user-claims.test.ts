import { describe, expect, it } from '@jest/globals';
import type { TenantId, UserId } from '../../src/base/ids.ts';
import type { User } from '../../src/users/user.ts';
import { userClaims } from '../../src/users/user-claims.ts';

const bare: User = {
  tenantId: 't' as TenantId,
  userId: 'u' as UserId,
  status: 'Active',
  profile: {},
  hasPassword: false,
  passwordMustChange: false,
  createdAt: new Date(5000),
  updatedAt: new Date(7999),
};

describe('user claims', () => {
  it('leaves out what has no value', () => {
    expect(userClaims(bare)).toEqual({
      tid: 't',
      created_at: 5000,
      updated_at: 7,
      ts_roles: [],
      ts_permissions: [],
    });
  });

  it('says each value under its product name and its OpenID Connect name', () => {
    const claims = userClaims(
      {
        ...bare,
        email: 'ada@example.com',
        profile: {
          name: { first_name: 'Ada', last_name: 'Lovelace' },
          birthday: '1815-12-10',
          language: 'en',
          address: { city: 'London', type: 'Home' },
        },
      },
      'ada',
    );
    expect(claims).toMatchObject({
      email: 'ada@example.com',
      email_verified: false,
      fname: 'Ada',
      given_name: 'Ada',
      lname: 'Lovelace',
      family_name: 'Lovelace',
      name: 'Ada Lovelace',
      birthday: '1815-12-10',
      birthdate: '1815-12-10',
      language: 'en',
      locale: 'en',
      city: 'London',
      address: { city: 'London', type: 'Home' },
      address_type: 'Home',
      username: 'ada',
      preferred_username: 'ada',
    });
    expect(claims).not.toHaveProperty('phone_number_verified');
  });
});
