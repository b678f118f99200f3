/** Which named claims a third-party client gets (R97). */
import { claimsWithin } from '../../src/oidc/policies/claims-of-scopes.ts';

describe('claims named by a third-party client', () => {
  it('are those that its scopes stand for; the others are left out (R97)', () => {
    const named = ['email', 'phone_number', 'custom_data', '__proto__'];
    expect(claimsWithin(['openid', 'email', 'constructor'], named)).toEqual({
      within: ['email'],
      beyond: ['phone_number', 'custom_data', '__proto__'],
    });
  });
});
