/** How bodies become settings, and which settings are refused. */
import { generateKeyPairSync } from 'node:crypto';
import { authenticationMethod, DEFAULT_SETTINGS } from '../../src/clients/client.ts';
import { mergeSettings } from '../../src/clients/client-rules.ts';

const created = (input: Parameters<typeof mergeSettings>[1]) => mergeSettings(DEFAULT_SETTINGS, input);

describe('settings of an OIDC client', () => {
  it('makes a public client of one that enforces PKCE instead of credentials (D10)', () => {
    const settings = created({ pkce: 'enforcePkceInsteadOfClientCredentials' });
    expect(authenticationMethod({ settings })).toBe('none');
  });
  it('keeps token_endpoint_auth_method in step', () => {
    const settings = created({ token_endpoint_auth_method: 'none' });
    expect(settings.pkce).toBe('enforcePkceInsteadOfClientCredentials');
    expect(mergeSettings(settings, { token_endpoint_auth_method: 'client_secret_basic' }).pkce).toBe(
      DEFAULT_SETTINGS.pkce,
    );
  });
  it('needs keys for private_key_jwt, and x5c for self-signed mTLS (R46, R48)', () => {
    const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x, y }] };
    expect(() => created({ token_endpoint_auth_method: 'private_key_jwt' })).toThrow('jwks is required');
    expect(() =>
      created({ authentication_configuration: { method: 'private_key_jwt', jwks } }),
    ).not.toThrow();
    expect(() =>
      created({ authentication_configuration: { method: 'self_signed_tls_client_auth', jwks } }),
    ).toThrow('x5c');
  });
  it('refuses private keys', () => {
    const jwks = { keys: [{ kty: 'EC', d: 'secret' }] };
    expect(() => created({ authentication_configuration: { method: 'private_key_jwt', jwks } })).toThrow(
      'public',
    );
  });
  it('checks the stored URIs again when the type changes (R41)', () => {
    const native = created({ client_type: 'native', redirect_uris: ['com.example.app://callback'] });
    expect(() => mergeSettings(native, { client_type: 'web' })).toThrow('redirect_uris.0 must use https');
  });
  it('keeps null lifetimes and fills absent ones (D3)', () => {
    expect(created({ token_expiration: { access_token_ttl: null } }).token_expiration).toEqual({
      access_token_ttl: null,
      refresh_token_ttl: 1_209_600,
      max_refresh_rotate: 1_209_600,
    });
  });
  it('gives no roles to a third-party client (R97)', () => {
    expect(() => created({ is_third_party: true, role_ids: ['r'] })).toThrow(
      'role_ids cannot be given to a third-party client',
    );
  });
  it('replaces the consent list by one entry (C11)', () => {
    const settings = created({ consent_uris: ['https://a.example/1', 'https://a.example/2'] });
    expect(mergeSettings(settings, { consent_uri: 'https://a.example/3' }).consent_uris).toEqual([
      'https://a.example/3',
    ]);
  });
});
