/** Where a handoff may lead the browser back to (issue 5: open redirect). */
import { pathOnOrigin } from '../../../src/oidc/sessions/login-handoff.ts';

const ORIGIN = 'https://login.example.com/oidc';

describe('the way back from a sign-in', () => {
  it.each(['/account', '/account/emails?done=saved', '/account/a%20b'])('is %s as it stands', (path) => {
    expect(pathOnOrigin(path, ORIGIN)).toBe(path);
  });

  it.each([
    'https://evil.example/account',
    '//evil.example/account',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    'javascript:alert(1)',
    'account',
    '',
  ])('is never %j', (path) => {
    expect(pathOnOrigin(path, ORIGIN)).toBeUndefined();
  });
});
