/** Which fields belong to which kind of client. */
import { forOidc, forSaml, speaksSaml } from '../../src/clients/client-input.ts';

describe('a body of a client', () => {
  it('speaks SAML where it says so, or has a field that only SAML clients have', () => {
    const saml = [
      { authentication_protocol: 'saml' },
      { sp_entity_id: 'x' },
      { sign_assertion: false },
      { sp_metadata: '' },
    ];
    expect(saml.map(speaksSaml)).toEqual([true, true, true, true]);
    const either = [
      {},
      { name: 'x' },
      { description: 'x' },
      { supported_prompts: [] },
      { redirect_uris: [] },
    ];
    expect(either.map(speaksSaml)).toEqual([false, false, false, false, false]);
  });

  it('of fields that both kinds have fits both', () => {
    const body = { name: 'x', description: 'y', resources: [], client_group_id: '', supported_prompts: [] };
    expect(forOidc(body)).toEqual(body);
    expect(forSaml(body)).toEqual(body);
  });

  it('of the other kind is refused, with every field by name', () => {
    expect(() => forSaml({ redirect_uris: [], pkce: 'allowPkceAlongsideClientCredentials' })).toThrow(
      'redirect_uris is not a field of a SAML client; pkce is not a field of a SAML client',
    );
    expect(() => forOidc({ sp_acs_url: '', sign_assertion: true })).toThrow(
      'sp_acs_url is not a field of an OIDC client; sign_assertion is not a field of an OIDC client',
    );
  });

  it('cannot change the protocol (R110)', () => {
    expect(() => forSaml({ authentication_protocol: 'oidc' })).toThrow('cannot be changed');
    expect(() => forOidc({ authentication_protocol: 'saml' })).toThrow('cannot be changed');
    expect(forSaml({ authentication_protocol: 'saml', name: 'x' })).toEqual({ name: 'x' });
  });
});
