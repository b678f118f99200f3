import { ApplicationStore } from '../../src/applications/application-store.ts';
import { passwordSettings } from '../../src/applications/sign-in-settings.ts';
import { AuditLog } from '../../src/audit/audit-log.ts';
import type { UserId } from '../../src/base/ids.ts';
import { Secret } from '../../src/base/secrets.ts';
import { FirstProof } from '../../src/users/first-proof.ts';
import { GuessLimiter } from '../../src/users/guess-limiter.ts';
import { PasswordHasher } from '../../src/users/password.ts';
import type { PasswordSettings } from '../../src/users/password-policy.ts';
import { PasswordRules } from '../../src/users/password-rules.ts';
import { PasswordService } from '../../src/users/password-service.ts';
import { PasswordSignIn } from '../../src/users/password-sign-in.ts';
import type { User } from '../../src/users/user.ts';
import { UserStore } from '../../src/users/user-store.ts';
import { type EmbeddedTenant, embeddedTenant } from '../support/embedded-tenant.ts';

const FIRST = 'Correct-Horse-7-Battery';
const choice = (n: number): string => `Another-Zebra-${n}-Walks`;

describe('password service (authentication.md 5)', () => {
  const hasher = new PasswordHasher({ concurrency: 2, queueLimit: 50 });
  const audit = new AuditLog();
  const ended: [UserId, string | undefined][] = [];
  const told: UserId[] = [];
  let tenant: EmbeddedTenant;
  let service: PasswordService;
  let door: PasswordSignIn;
  let settings: PasswordSettings;
  let user: User;
  beforeAll(async () => {
    tenant = await embeddedTenant({ blockPreviousPasswords: 3, notifyOnPasswordUpdate: true });
    const { db } = tenant;
    settings = passwordSettings(await new ApplicationStore(db).find(tenant.tenantId, tenant.appId));
    const limiter = new GuessLimiter({ db, secret: new Secret('k'), perAddress: 0 });
    const rules = new PasswordRules({ db, hasher, breached: { has: async (one) => one.includes('Leaked') } });
    service = new PasswordService({
      db,
      hasher,
      audit,
      rules,
      limiter,
      firstProof: new FirstProof({ audit }),
      endSessions: async (userId, exceptUid) => ended.push([userId, exceptUid]),
      onPasswordUpdated: async (_db, { userId }) => void told.push(userId),
    });
    door = new PasswordSignIn({ db, hasher, audit, limiter });
  });
  afterAll(() => tenant.close());
  let serial = 0;
  beforeEach(async () => {
    user = await tenant.addUser(`u${serial++}@example.com`, await hasher.hash(FIRST));
    ended.splice(0);
    told.splice(0);
  });
  const who = () => ({ tenantId: user.tenantId, userId: user.userId, appId: tenant.appId });
  const change = (current: string, next: string) =>
    service.change({ ...who(), keepSession: 'mine' }, { current, next }, settings);
  const signIn = async (password: string): Promise<string> => {
    const at = { tenantId: tenant.tenantId, appId: tenant.appId, identifier: String(user.email) };
    return (await door.signIn({ ...at, password, settings })).outcome;
  };

  it('changes a password for who knows the old one: other sessions end, and the user is told', async () => {
    expect(await change(FIRST, choice(1))).toMatchObject({
      outcome: 'right',
      value: { userId: user.userId },
    });
    expect([await signIn(FIRST), await signIn(choice(1))]).toEqual(['wrong', 'ok']);
    expect(ended).toEqual([[user.userId, 'mine']]);
    expect(told).toEqual([user.userId]);
  });

  it('changes nothing for who guesses, and counts it with the guesses at the sign-in', async () => {
    for (let n = 0; n < 3; n++) expect((await change('Wrong', choice(1))).outcome).toBe('wrong');
    expect([await signIn('Wrong'), await signIn('Wrong'), await signIn(FIRST)]).toEqual([
      'wrong',
      'wrong',
      'locked',
    ]);
    expect((await change(FIRST, choice(1))).outcome).toBe('locked');
    expect([ended, told]).toEqual([[], []]);
  });

  it('lets only one of two changes at once succeed', async () => {
    const both = await Promise.allSettled([change(FIRST, choice(1)), change(FIRST, choice(2))]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('resets a password: the lock, the temporary mark and every session end', async () => {
    await new UserStore(tenant.db).update(user, { passwordMustChange: true });
    expect(await signIn(FIRST)).toBe('temporary');
    for (let n = 0; n < 5; n++) await signIn('Wrong');
    expect(await signIn(FIRST)).toBe('locked');
    await service.reset(tenant.tenantId, user.userId, choice(1), { settings, appId: tenant.appId });
    expect([await signIn(FIRST), await signIn(choice(1))]).toEqual(['wrong', 'ok']);
    expect(ended).toEqual([[user.userId, undefined]]);
  });

  it.each([
    ['weak', 'short', 'auth_password_weak'],
    ['breached', 'Leaked-Horse-7-Battery', 'auth_password_breached'],
    ['the present one', FIRST, 'auth_password_recently_used'],
  ])('refuses a new password that is %s, at a change and at a reset', async (_what, next, textCode) => {
    const strict = { ...settings, policy: { ...settings.policy, checkBreached: true } };
    const at = { current: FIRST, next };
    await expect(service.change(who(), at, strict)).rejects.toMatchObject({ status: 400, textCode });
    const options = { settings: strict, appId: tenant.appId };
    await expect(service.reset(tenant.tenantId, user.userId, next, options)).rejects.toMatchObject({
      textCode,
    });
    expect(await signIn(FIRST)).toBe('ok');
  });

  it('remembers as many passwords as an application asks for, and no more (blockPreviousPasswords)', async () => {
    const reset = (next: string) => service.reset(tenant.tenantId, user.userId, next, { settings });
    for (const n of [1, 2]) await reset(choice(n));
    await expect(reset(FIRST)).rejects.toMatchObject({ textCode: 'auth_password_recently_used' });
    for (const n of [3, 4]) await reset(choice(n));
    await expect(reset(choice(2))).rejects.toMatchObject({ textCode: 'auth_password_recently_used' });
    await reset(choice(1));
    const rows = await tenant.db
      .selectFrom('password_history')
      .selectAll()
      .where('user_id', '=', user.userId)
      .execute();
    expect(rows).toHaveLength(3);
    await new UserStore(tenant.db).delete(tenant.tenantId, user.userId);
    await expect(reset(choice(9))).rejects.toMatchObject({ status: 404 });
  });
});
