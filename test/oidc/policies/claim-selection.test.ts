/** Which claims go out, decided without a server. */
import { type ClaimQuestion, selectClaims } from '../../../src/oidc/policies/claim-selection.ts';

const settings = { idTokenClaims: ['tid', 'email'], userInfoClaims: ['app_name'], isThirdParty: false };
const chosen = (question: Partial<ClaimQuestion>): string[] =>
  [
    ...selectClaims({ use: 'id_token', scopes: ['openid'], requested: {}, settings, ...question }).keys(),
  ].sort();

describe('the selection of claims', () => {
  it('takes the list of the use, whatever is asked (R70)', () => {
    expect(chosen({})).toEqual(['email', 'tid']);
    expect(chosen({ use: 'userinfo' })).toEqual(['app_name']);
  });
  it('reads scopes for UserInfo only (D18)', () => {
    const scopes = ['openid', 'phone', 'unknown', 'toString'];
    expect(chosen({ scopes })).toEqual(['email', 'tid']);
    expect(chosen({ scopes, use: 'userinfo' })).toEqual([
      'app_name',
      'phone_number',
      'phone_number_verified',
    ]);
  });
  it('adds what is named, and lets a request narrow a listed claim (R73)', () => {
    const requested = { fname: null, email: { essential: true } };
    expect(chosen({ requested })).toEqual(['email', 'fname', 'tid']);
    const selection = selectClaims({ use: 'id_token', scopes: [], requested, settings });
    expect(selection.get('email')).toEqual({ essential: true });
  });
  it('lets a third party name only what its scopes tell (R97)', () => {
    const requested = {
      email: null,
      phone_number: null,
      fname: null,
      custom_data: null,
      roles: null,
      app_name: null,
    };
    const third = { ...settings, idTokenClaims: [], isThirdParty: true };
    expect(chosen({ requested, settings: third })).toEqual(['app_name']);
    expect(chosen({ requested, settings: third, scopes: ['openid', 'phone', 'profile'] })).toEqual([
      'app_name',
      'fname',
      'phone_number',
    ]);
    expect(chosen({ settings: { ...third, idTokenClaims: ['custom_data'] } })).toEqual(['custom_data']);
  });
});
