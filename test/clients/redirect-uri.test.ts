/** Which redirect URIs can be registered (contract C20, R33 to R38). */
import { redirectUriProblem } from '../../src/clients/redirect-uri.ts';

const LOCAL = [
  'http://localhost:3000/cb',
  'http://127.0.0.1:3000/cb',
  'http://[::1]/cb',
  'http://app.localhost/cb',
  'http://127.8.9.1',
  'https://localhost/cb?x=1',
];
const REFUSED = [
  'http://www.example.com/cb',
  'http://localhost.evil.com/cb',
  'http://localhost@evil.com/',
  'https://user:pass@example.com/cb',
  'https://user@example.com',
  'https://example.com/cb#part',
  'https://example.com/#',
  'https://*.example.com/cb',
  'https://example.com/*',
  'https://%2a.example.com/',
  'HTTPS://example.com/cb',
  'Https://example.com',
  'javascript:alert(1)',
  'javascript://x.com/%0aalert(1)',
  'data:text/html,x',
  'data://x.y/z',
  'file:///etc/passwd',
  'vbscript://a.b',
  'blob:https://example.com/x',
  'http://0x7f.1/cb',
  'http://2130706433/',
  'http://evil-localhost/',
  'http://127.0.0.1.evil.com/',
  'https:/example.com',
  'https:example.com',
  'https:///example.com',
  '//example.com/cb',
  '/cb',
  '',
  'https://example.com\\@evil.com',
  'https://example.com/ cb',
  ' https://example.com',
  'https://exa\tmple.com',
  'https://example.com:99999/',
  'https://example.com/a/../cb',
  'https://example.com/./cb',
  'https://example.com/a/%2e%2E/cb',
  'https://example.com/a/..',
  'https://exämple.com/',
  'myapp://callback',
  'com.example.app:/callback',
  'Com.Example.App://callback',
  'com.example.app://',
  'com..app://x',
  'https://',
];

describe('redirect URIs of a web client', () => {
  it.each(['https://app.example.com/cb', 'https://example.com', 'https://example.com:8443/cb?a=b', ...LOCAL])(
    'takes %s',
    (uri) => {
      expect(redirectUriProblem(uri, 'web')).toBeUndefined();
    },
  );
  it.each([...REFUSED, 'com.example.app://callback'])('refuses %j', (uri) => {
    expect(redirectUriProblem(uri, 'web')).toEqual(expect.any(String));
  });
});

describe('redirect URIs of a native client', () => {
  it.each([
    'https://app.example.com/cb',
    'com.example.app://callback',
    'com.example.my-app://oauth/cb',
    ...LOCAL,
  ])('takes %s', (uri) => {
    expect(redirectUriProblem(uri, 'native')).toBeUndefined();
  });
  it.each([...REFUSED, 'javascript.x://a/b'])('refuses %j', (uri) => {
    expect(redirectUriProblem(uri, 'native')).toEqual(expect.any(String));
  });
});
