/** Which settings of a SAML client are refused. */
import { DEFAULT_SAML_SETTINGS, samlEndpoints } from '../../src/clients/saml-client.ts';
import { encryptionCertificateOf, mergeSamlSettings } from '../../src/clients/saml-client-rules.ts';
import { makeSelfSigned } from '../../src/keys/certificate.ts';
import { selfSigned } from '../support/certificates.ts';

const created = (input: Parameters<typeof mergeSamlSettings>[1]) =>
  mergeSamlSettings(DEFAULT_SAML_SETTINGS, input);

describe('settings of a SAML client', () => {
  it('replace what they name and leave the rest', () => {
    const settings = created({ sign_assertion: false });
    expect(settings).toEqual({ ...DEFAULT_SAML_SETTINGS, sign_assertion: false });
    expect(mergeSamlSettings(settings, { clock_skew_seconds: 5, sign_assertion: undefined })).toEqual({
      ...settings,
      clock_skew_seconds: 5,
    });
  });

  it('may name URLs on local hosts without TLS, and nowhere else (C20)', () => {
    for (const host of ['localhost:8080', 'sp.localhost', '127.0.0.1', '[::1]'])
      expect(created({ sp_acs_url: `http://${host}/acs` }).sp_acs_url).toContain(host);
    expect(() => created({ sp_acs_url: 'http://10.0.0.1/acs', sp_slo_url: 'http://sp.example.com' })).toThrow(
      /sp_acs_url must use https.*sp_slo_url must use https/,
    );
  });

  it('are checked as a whole: the last certificate does not go while signatures are wanted', async () => {
    const { cert } = await selfSigned('provider');
    const settings = created({ sp_certificates: [cert], want_authn_requests_signed: true });
    expect(() => mergeSamlSettings(settings, { sp_certificates: [] })).toThrow('needs sp_certificates');
  });

  it('encrypt to the certificate for encryption, else to the first RSA certificate', async () => {
    const [ec, rsa, other] = [
      (await selfSigned('provider')).cert,
      (await makeSelfSigned('provider')).pem,
      (await makeSelfSigned('provider')).pem,
    ];
    const certificates = { sp_certificates: [ec, rsa], sp_encryption_certificate: '' };
    expect(encryptionCertificateOf(certificates)).toBe(rsa);
    expect(encryptionCertificateOf({ ...certificates, sp_encryption_certificate: other })).toBe(other);
    expect(encryptionCertificateOf({ ...certificates, sp_certificates: [ec] })).toBeUndefined();
  });

  it('have endpoints below the public URL, the metadata URL being the entity ID (D17)', () => {
    expect(samlEndpoints('https://id.example.com', 'abc' as never)).toEqual({
      metadataUrl: 'https://id.example.com/saml/abc/metadata',
      ssoUrl: 'https://id.example.com/saml/abc/sso',
      sloUrl: 'https://id.example.com/saml/abc/slo',
      entityId: 'https://id.example.com/saml/abc/metadata',
    });
  });
});
