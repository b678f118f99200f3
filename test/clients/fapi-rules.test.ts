import { DEFAULT_SETTINGS, type OidcClientSettings } from '../../src/clients/client.ts';
import { fapiProblems } from '../../src/clients/fapi-rules.ts';

const settings = (
  method: OidcClientSettings['authentication_configuration']['method'],
  changes: Partial<OidcClientSettings> = {},
): OidcClientSettings => ({
  ...DEFAULT_SETTINGS,
  fapi_version_compliancy: true,
  pkce: 'enforcePkceAlongsideClientCredentials',
  authentication_configuration: { method },
  ...changes,
});

describe('the rules of the FAPI flag (contract/oidc.md 7)', () => {
  it.each(['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'] as const)(
    'has nothing against %s',
    (method) => {
      expect(fapiProblems(settings(method), undefined)).toEqual([]);
      expect(fapiProblems(settings(method), true)).toEqual([]);
    },
  );

  it('has one sentence for each contradiction, and none without the flag', () => {
    const weak = settings('client_secret_basic', { pkce: 'enforcePkceInsteadOfClientCredentials' });
    expect(fapiProblems(weak, false)).toEqual([
      expect.stringMatching(/method/),
      expect.stringMatching(/pkce/),
      expect.stringMatching(/enforce_par/),
    ]);
    expect(fapiProblems({ ...weak, fapi_version_compliancy: false }, false)).toEqual([]);
  });

  it('wants a key that can sign what FAPI allows', () => {
    const withKeys = (...keys: Record<string, unknown>[]) =>
      fapiProblems(
        settings('private_key_jwt', {
          authentication_configuration: { method: 'private_key_jwt', jwks: { keys } },
        }),
        undefined,
      );
    expect(withKeys({ kty: 'RSA', alg: 'RS256' })).toHaveLength(1);
    expect(withKeys({ kty: 'RSA', alg: 'PS256', use: 'enc' })).toHaveLength(1);
    expect(withKeys({ kty: 'RSA', alg: 'RS256' }, { kty: 'EC', alg: 'ES256' })).toEqual([]);
    expect(withKeys({ kty: 'RSA' })).toEqual([]);
  });
});
