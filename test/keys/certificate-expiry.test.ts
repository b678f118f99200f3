import { AuditLog } from '../../src/audit/audit-log.ts';
import type { ServiceProviderId } from '../../src/base/ids.ts';
import { newId } from '../../src/base/secrets.ts';
import { CertificateExpiry, daysLeft } from '../../src/keys/certificate-expiry.ts';
import { SamlCertificateStore } from '../../src/keys/saml-certificate-store.ts';
import { ServiceProviderStore } from '../../src/service-providers/service-provider-store.ts';
import { type EmbeddedTenant, embeddedTenant } from '../support/embedded-tenant.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('the look for certificates that end (issue 6: expiry warned)', () => {
  let tenant: EmbeddedTenant;
  let now = Date.parse('2030-01-01T00:00:00Z');
  const logged: { fields: Record<string, unknown>; message: string }[] = [];
  const log = {
    warn: (fields: object, message: string) =>
      logged.push({ fields: fields as Record<string, unknown>, message }),
  };
  const id = newId<ServiceProviderId>();
  const expiryOf = (db = tenant.db) =>
    new CertificateExpiry({ db, audit: new AuditLog(), log, now: () => new Date(now) });
  beforeAll(async () => {
    tenant = await embeddedTenant();
    await new ServiceProviderStore(tenant.db).insert(tenant.tenantId, id, {
      name: 'Payroll',
      description: '',
      assertionConsumerServiceUrl: 'https://sp.example.com/acs',
      entityId: 'https://sp.example.com',
      nameQualifier: '',
    });
    const store = new SamlCertificateStore(tenant.db);
    for (const [status, days] of [
      ['current', 31.5],
      ['next', 300],
      ['previous', 2],
    ] as const)
      await store.insert(
        tenant.tenantId,
        { serviceProviderId: id },
        {
          certificateId: status,
          pem: 'PEM',
          sealedPrivateKey: 'sealed',
          notBefore: new Date(now),
          notAfter: new Date(now + days * DAY),
        },
        status,
      );
  });
  afterAll(() => tenant.close());

  const trail = () =>
    tenant.db
      .selectFrom('audit_events')
      .select(['subject', 'details'])
      .where('type', '=', 'saml_certificate.expires_soon')
      .execute();

  it('tells the log once a day from 30 days before the end on, the trail once, and nobody of a previous one', async () => {
    const expiry = expiryOf();
    await expiry.lookDaily();
    expect([logged, await trail()]).toEqual([[], []]);
    now += HOUR;
    await expiry.lookDaily();
    now += 2 * DAY;
    await Promise.all([expiry.lookDaily(), expiryOf().lookDaily()]);
    expect(logged.splice(0)).toEqual([
      {
        fields: expect.objectContaining({ certificate_id: 'current', expires_in_days: 29 }),
        message: expect.any(String),
      },
      {
        fields: expect.objectContaining({ service_provider_id: id }),
        message: expect.stringContaining('ends soon'),
      },
    ]);
    now += 23 * HOUR;
    await expiry.lookDaily();
    expect(logged).toEqual([]);
    now += HOUR;
    await expiry.lookDaily();
    expect(logged.splice(0)).toHaveLength(1);
    now += 60 * DAY;
    await expiry.lookDaily();
    expect(logged.splice(0)).toMatchObject([{ message: expect.stringContaining('has ended') }]);
    expect(await trail()).toMatchObject([{ subject: 'current', details: { service_provider_id: id } }]);
  });

  it('never fails: where the database does not answer it looks again a round later', async () => {
    const expiry = expiryOf({} as never);
    await expiry.lookDaily();
    await expiry.lookDaily();
    expect(logged.splice(0).map(({ message }) => message)).toEqual(
      Array(2).fill('SAML signing certificates could not be looked through'),
    );
  });

  it('counts whole days: 0 on the last one, less after the end', () => {
    const at = new Date(now);
    expect([1.5, 0.5, 0, -0.5].map((days) => daysLeft(new Date(now + days * DAY), at))).toEqual([
      1, 0, 0, -1,
    ]);
  });
});
