import { AuditLog } from '../../src/audit/audit-log.ts';
import { Admission, type Arrival } from '../../src/users/admission.ts';
import { FirstProof } from '../../src/users/first-proof.ts';
import { PasskeyStore } from '../../src/users/passkey-store.ts';
import type { User } from '../../src/users/user.ts';
import { UserStore } from '../../src/users/user-store.ts';
import { type EmbeddedTenant, embeddedTenant } from '../support/embedded-tenant.ts';

describe('the first proof of an address', () => {
  const audit = new AuditLog();
  const told: string[] = [];
  const ended: [string, string | undefined][] = [];
  let tenant: EmbeddedTenant;
  let admission: Admission;
  let arrival: Arrival;
  beforeAll(async () => {
    tenant = await embeddedTenant();
    const onCredentialsRemoved = async (_db: unknown, { userId }: User) => void told.push(userId);
    admission = new Admission({
      db: tenant.db,
      audit,
      firstProof: new FirstProof({ audit, onCredentialsRemoved }),
      endSessions: async (userId, exceptUid) => ended.push([userId, exceptUid]),
    });
    arrival = { tenantId: tenant.tenantId, appId: tenant.appId, factor: 'eotp', sessionUid: 'this one' };
  });
  afterAll(() => tenant.close());
  beforeEach(() => {
    told.splice(0);
    ended.splice(0);
  });

  let serial = 0;
  const withPasskey = async (): Promise<User & { email: string }> => {
    const email = `u${serial++}@example.com`;
    const { userId } = await tenant.addUser(email, 'hash');
    await new PasskeyStore(tenant.db).insert(tenant.tenantId, {
      ...{ credentialId: `key-${email}`, userId, rpId: 'localhost', appId: undefined, username: email },
      ...{ userHandle: 'h', publicKey: 'k', counter: 0, transports: [], aaguid: '' },
      ...{ deviceType: 'singleDevice', backedUp: false },
    });
    const user = await new UserStore(tenant.db).find(tenant.tenantId, userId);
    return { ...(user as User), email };
  };
  const events = async () => {
    const rows = await tenant.db.deleteFrom('audit_events').returning(['type', 'details']).execute();
    return rows.filter(({ type }) => type === 'user.unproved_credentials_removed');
  };
  const passkeysOf = ({ userId }: User) => new PasskeyStore(tenant.db).list(tenant.tenantId, userId);

  it('removes passkeys and password, writes it down, tells the user, and ends all sessions but the present one', async () => {
    const user = await withPasskey();
    const signedIn = await admission.signedIn(arrival, user.userId, { email: user.email });
    expect(signedIn).toMatchObject({ hasPassword: false, emailVerifiedAt: expect.any(Date) });
    expect(await passkeysOf(user)).toEqual([]);
    expect(await events()).toEqual([
      {
        type: 'user.unproved_credentials_removed',
        details: { password: true, passkeys: 1, authenticators: 0, appId: tenant.appId },
      },
    ]);
    expect([told, ended]).toEqual([[user.userId], [[user.userId, 'this one']]]);
  });

  it('does it once: what is set after the proof stays, also when another address is proved', async () => {
    const user = await withPasskey();
    await admission.signedIn(arrival, user.userId, { email: user.email });
    const store = new UserStore(tenant.db);
    const now = (await store.find(tenant.tenantId, user.userId)) as User;
    await store.update(now, { passwordHash: 'own', phoneNumber: '+14155550001' });
    const again = await admission.signedIn(arrival, user.userId, { phoneNumber: '+14155550001' });
    expect(again).toMatchObject({ hasPassword: true, phoneNumberVerifiedAt: expect.any(Date) });
    expect([told, ended]).toEqual([[user.userId], [[user.userId, 'this one']]]);
  });

  it('counts a verified secondary address as a proof', async () => {
    const user = await withPasskey();
    const profile = { secondary_emails: [{ value: `second-${user.email}`, email_verified: true }] };
    await new UserStore(tenant.db).update(user, { profile });
    await admission.signedIn(arrival, user.userId, { email: user.email });
    expect([await passkeysOf(user), told, ended]).toEqual([[expect.anything()], [], []]);
  });

  it('keeps everything for who has just shown a credential in the same session', async () => {
    const user = await withPasskey();
    const signedIn = await admission.signedIn({ ...arrival, isContinued: true }, user.userId, {
      email: user.email,
    });
    expect(signedIn).toMatchObject({ hasPassword: true, emailVerifiedAt: expect.any(Date) });
    expect([await passkeysOf(user), told, ended]).toEqual([[expect.anything()], [], []]);
  });
});
