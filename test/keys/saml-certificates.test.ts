import { createPrivateKey, generateKeyPairSync, sign, verify, X509Certificate } from 'node:crypto';
import type { ClientId } from '../../src/base/ids.ts';
import { newId, newSecret, Secret } from '../../src/base/secrets.ts';
import { ClientStore } from '../../src/clients/client-store.ts';
import { DEFAULT_SAML_SETTINGS } from '../../src/clients/saml-client.ts';
import { SamlCertificateStore } from '../../src/keys/saml-certificate-store.ts';
import { SamlCertificates } from '../../src/keys/saml-certificates.ts';
import { Sealer } from '../../src/keys/sealer.ts';
import { type EmbeddedTenant, embeddedTenant } from '../support/embedded-tenant.ts';

describe('what signs for a SAML client (contract/saml.md 1.5, rotation)', () => {
  const sealer = new Sealer(new Secret(newSecret()));
  const clientId = newId<ClientId>();
  let tenant: EmbeddedTenant;
  let certificates: SamlCertificates;
  let store: SamlCertificateStore;
  beforeAll(async () => {
    tenant = await embeddedTenant();
    certificates = new SamlCertificates({ db: tenant.db, sealer });
    store = new SamlCertificateStore(tenant.db);
    await new ClientStore(tenant.db).insert({
      tenantId: tenant.tenantId,
      clientId,
      appId: tenant.appId,
      isDefault: false,
      protocol: 'saml',
      name: 'Payroll',
      spEntityId: 'https://sp.example.com',
      settings: DEFAULT_SAML_SETTINGS,
    });
  });
  afterAll(() => tenant.close());

  it('is the current certificate with its opened key, at once another one after a switch', async () => {
    const { tenantId } = tenant;
    const owner = { clientId };
    await expect(certificates.signer(tenantId, owner)).rejects.toThrow('no SAML signing certificate');
    const [first, second] = [await certificates.make('Payroll'), await certificates.make('Payroll', 'p-384')];
    await store.insert(tenantId, owner, first, 'current');
    await store.insert(tenantId, owner, second, 'next');
    const before = await certificates.signer(tenantId, owner);
    expect(before).toMatchObject({ certificate: first.pem, keyType: 'rsa' });
    expect((await certificates.signer(tenantId, owner)).privateKey).toBe(before.privateKey);
    await store.setStatus(tenantId, first.certificateId, 'previous');
    await store.setStatus(tenantId, second.certificateId, 'current');
    const after = await certificates.signer(tenantId, owner);
    expect(after).toMatchObject({ certificate: second.pem, keyType: 'ec' });
    for (const { certificate, privateKey } of [before, after]) {
      const text = Buffer.from('assertion');
      const { publicKey } = new X509Certificate(certificate);
      expect(verify('sha256', text, publicKey, sign('sha256', text, privateKey))).toBe(true);
    }
    expect((await store.list(tenantId, owner)).map(({ status, pem }) => [status, pem])).toEqual([
      ['current', second.pem],
      ['previous', first.pem],
    ]);
    await expect(certificates.signer(newId(), owner)).rejects.toThrow('no SAML signing certificate');
  });

  it('takes what is brought with its key, sealed for its id alone', async () => {
    const made = await certificates.make('Brought', 'p-256');
    const key = sealer.open(made.sealedPrivateKey, made.certificateId);
    const taken = certificates.take({ certificate: `junk\n${made.pem}\nmore`, privateKey: key });
    expect(taken.pem).toBe(made.pem);
    expect([taken.notBefore, taken.notAfter]).toEqual([made.notBefore, made.notAfter]);
    expect(taken.certificateId).not.toBe(made.certificateId);
    const opened = createPrivateKey(sealer.open(taken.sealedPrivateKey, taken.certificateId));
    expect(opened.equals(createPrivateKey(key))).toBe(true);
    expect(() => sealer.open(taken.sealedPrivateKey, made.certificateId)).toThrow();
    const { privateKey: foreign } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const text = String(foreign.export({ type: 'pkcs8', format: 'pem' }));
    expect(() => certificates.take({ certificate: made.pem, privateKey: text })).toThrow(
      'private_key is not the key of certificate',
    );
  });
});
