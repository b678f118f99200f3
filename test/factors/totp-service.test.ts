/** Authenticator apps and recovery codes, as the services keep them; the codes are made by another instance of the algorithm. */
import { URI } from 'otpauth';
import { Secret } from '../../src/base/secrets.ts';
import { FactorLocked } from '../../src/factors/factor-faults.ts';
import { TotpService } from '../../src/factors/totp-service.ts';
import { GuessLimiter } from '../../src/users/guess-limiter.ts';
import { UserStore } from '../../src/users/user-store.ts';
import { policyStorages } from '../support/engines.ts';
import { type FactorScene, setFactorScene } from '../support/factor-scene.ts';

const WRONG = { status: 400, textCode: 'auth_invalid_credentials' };

/** What an app shows this many steps from now. */
const codeOf = (uri: string, stepsAhead = 0): string => {
  const totp = URI.parse(uri);
  if (!('period' in totp)) throw new Error('not time based');
  return totp.generate({ timestamp: Date.now() + stepsAhead * totp.period * 1000 });
};
const wrongFor = (uri: string): string => {
  const close = [-2, -1, 0, 1, 2].map((step) => codeOf(uri, step));
  return (
    ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !close.includes(code)) ?? ''
  );
};

describe.each(policyStorages)('authenticator apps ($name)', (storage) => {
  let scene: FactorScene;
  let totp: TotpService;
  const owner = () => ({ tenantId: scene.tenantId, appId: scene.appId, userId: scene.ada });
  const other = () => ({ ...owner(), userId: scene.bob });

  beforeAll(async () => {
    scene = await setFactorScene(storage);
    totp = serviceOf(scene);
  });
  afterAll(() => scene?.close());
  beforeEach(async () => {
    await scene.setMethods({ totp: {} });
    await scene.db.deleteFrom('totp_authenticators').execute();
    await scene.db.deleteFrom('recovery_codes').execute();
    await scene.db.deleteFrom('failure_counts').execute();
    await scene.ephemeral.removeByTenant(scene.tenantId);
    await scene.trail();
  });

  /** Another node: nothing in common but the stores. */
  const serviceOf = ({ db, ephemeral, sealer, audit }: FactorScene): TotpService =>
    new TotpService({
      db,
      ephemeral,
      sealer,
      audit,
      limiter: new GuessLimiter({ db, secret: new Secret('k'), perAddress: 0 }),
    });

  async function enrol(): Promise<{ uri: string; totpId: string; recoveryCodes: string[] }> {
    const { totpId, uri } = await totp.start(owner());
    const { recoveryCodes = [] } = await totp.confirm(owner(), totpId, codeOf(uri));
    return { uri, totpId, recoveryCodes };
  }

  it('have a secret of 160 bits that is sealed at rest, and a URI with issuer, account and the settings (authentication.md 6)', async () => {
    await scene.setMethods({ totp: { algorithm: 'sha256', digits: 8, period: 60, issuer: 'Shop & Co' } });
    const { totpId, uri, secret } = await totp.start(owner());
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    const parameters = Object.fromEntries(new URL(uri).searchParams);
    expect(parameters).toMatchObject({
      issuer: 'Shop & Co',
      algorithm: 'SHA256',
      digits: '8',
      period: '60',
      secret,
    });
    expect(decodeURIComponent(new URL(uri).pathname)).toContain('Shop & Co:ada@example.com');
    await totp.confirm(owner(), totpId, codeOf(uri));
    const rows = await scene.db.selectFrom('totp_authenticators').selectAll().execute();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  it('do not exist before the first right code, and no one else can give it', async () => {
    const { totpId, uri } = await totp.start(owner());
    await expect(totp.confirm(owner(), totpId, wrongFor(uri))).rejects.toMatchObject(WRONG);
    await expect(totp.confirm(other(), totpId, codeOf(uri))).rejects.toMatchObject({ status: 404 });
    expect(await totp.list(owner())).toEqual([]);
    await expect(totp.verify(owner(), codeOf(uri))).rejects.toMatchObject(WRONG);
    await totp.confirm(owner(), totpId, codeOf(uri));
    await expect(totp.confirm(owner(), totpId, codeOf(uri, 1))).rejects.toMatchObject({ status: 404 });
    expect(await totp.list(owner())).toMatchObject([{ totpId }]);
    expect(await scene.trail()).toEqual(['user.totp_refused', 'user.totp_added']);
  });

  it('are as many as the application allows, even when two are confirmed at once (maxTotpPerUser)', async () => {
    const [first, second] = [await totp.start(owner()), await totp.start(owner())];
    const results = await Promise.allSettled(
      [first, second].map(({ totpId, uri }) => totp.confirm(owner(), totpId, codeOf(uri))),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(totp.start(owner())).rejects.toMatchObject({ status: 409, textCode: 'totp_limit_reached' });
    await scene.setMethods({ totp: { maxTotpPerUser: 2 } });
    const { totpId, uri } = await totp.start(owner());
    expect(await totp.confirm(owner(), totpId, codeOf(uri))).toEqual({});
  });

  it('need settings of the application (authentication.md 6)', async () => {
    await scene.setMethods({});
    const missing = { status: 403, textCode: 'auth_login_preferences_missing' };
    await expect(totp.start(owner())).rejects.toMatchObject(missing);
  });

  it('never take a code twice, neither the one of the enrolment nor one of 20 at once over two nodes (RFC 6238 5.2)', async () => {
    const { uri } = await enrol();
    await expect(totp.verify(owner(), codeOf(uri))).rejects.toMatchObject(WRONG);
    await scene.setMethods({ totp: { maxFailures: 50 } });
    const [next, node] = [codeOf(uri, 1), serviceOf(scene)];
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? node : totp).verify(owner(), next)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toEqual([
      { status: 'fulfilled', value: 'otp' },
    ]);
    await expect(totp.verify(owner(), next)).rejects.toMatchObject(WRONG);
  });

  it('take no code out of the window, and none of another user', async () => {
    const { uri } = await enrol();
    await expect(totp.verify(owner(), codeOf(uri, 3))).rejects.toMatchObject(WRONG);
    await expect(totp.verify(other(), codeOf(uri, 1))).rejects.toMatchObject(WRONG);
    const code = codeOf(uri, 1);
    expect(await totp.verify(owner(), `${code.slice(0, 3)} ${code.slice(3)}`)).toBe('otp');
  });

  it('cannot be guessed: 20 parallel guesses on two nodes are five attempts, then even the right code waits (maxFailures)', async () => {
    const { uri } = await enrol();
    const node = serviceOf(scene);
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? node : totp).verify(owner(), wrongFor(uri))),
    );
    const codes = results.map((result) => (result.status === 'rejected' ? result.reason.textCode : 'in'));
    expect(codes.filter((code) => code === 'auth_invalid_credentials')).toHaveLength(5);
    expect(codes.filter((code) => code === 'auth_locked')).toHaveLength(15);
    const locked = { status: 403, textCode: 'auth_locked' };
    await expect(serviceOf(scene).verify(owner(), codeOf(uri, 1))).rejects.toMatchObject(locked);
    await expect(totp.verifyRecoveryCode(owner(), 'x')).rejects.toMatchObject(locked);
    // Another user is not locked out by it.
    await expect(totp.verify(other(), '000000')).rejects.toMatchObject(WRONG);
  });

  it('lock longer from tier to tier, recovery codes counted with the others (lockoutTiers, authentication.md 6)', async () => {
    const { uri } = await enrol();
    await scene.setMethods({
      totp: {
        lockoutTiers: [
          { attempts: 2, duration: 1 },
          { attempts: 3, duration: 60 },
        ],
      },
    });
    const minutesLocked = async (): Promise<number> => {
      const fault = await totp.verify(owner(), codeOf(uri, 1)).catch((error: unknown) => error);
      if (!(fault instanceof FactorLocked)) throw fault;
      return Math.round((fault.until.getTime() - Date.now()) / 60_000);
    };
    await expect(totp.verify(owner(), wrongFor(uri))).rejects.toMatchObject(WRONG);
    await expect(totp.verifyRecoveryCode(owner(), 'x')).rejects.toMatchObject(WRONG);
    expect(await minutesLocked()).toBe(1);
    await scene.db.updateTable('failure_counts').set({ locked_until: new Date() }).execute();
    // One more, not two: the count goes on after the first lock.
    await expect(totp.verify(owner(), wrongFor(uri))).rejects.toMatchObject(WRONG);
    expect(await minutesLocked()).toBe(60);
    await scene.db.updateTable('failure_counts').set({ locked_until: new Date() }).execute();
    expect(await totp.verify(owner(), codeOf(uri, 1))).toBe('otp');
  });

  it('forget the failures with a right code', async () => {
    const { uri } = await enrol();
    for (let failed = 0; failed < 4; failed++)
      await expect(totp.verify(owner(), wrongFor(uri))).rejects.toMatchObject(WRONG);
    expect(await totp.verify(owner(), codeOf(uri, 1))).toBe('otp');
    for (let failed = 0; failed < 4; failed++)
      await expect(totp.verify(owner(), wrongFor(uri))).rejects.toMatchObject(WRONG);
  });

  describe('recovery codes', () => {
    it('are ten, kept as hashes, and good for one of 20 uses at once', async () => {
      const { recoveryCodes } = await enrol();
      expect(new Set(recoveryCodes).size).toBe(10);
      const rows = JSON.stringify(await scene.db.selectFrom('recovery_codes').selectAll().execute());
      expect(
        recoveryCodes.filter((code) => rows.includes(code) || rows.includes(code.replaceAll('-', ''))),
      ).toEqual([]);
      await scene.setMethods({ totp: { maxFailures: 50 } });
      const [code = ''] = recoveryCodes;
      const node = serviceOf(scene);
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => (index % 2 ? node : totp).verifyRecoveryCode(owner(), code)),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await totp.countRecoveryCodes(owner())).toBe(9);
    });

    it('can be typed in capitals and without hyphens, and are nobody else’s', async () => {
      const { recoveryCodes } = await enrol();
      const typed = ` ${recoveryCodes[1]?.toUpperCase().replaceAll('-', ' ')}`;
      await expect(totp.verifyRecoveryCode(other(), typed)).rejects.toMatchObject(WRONG);
      expect(await totp.verifyRecoveryCode(owner(), typed)).toBe('otp');
    });

    it('are worth nothing once they are replaced, or once the last authenticator is gone', async () => {
      const { recoveryCodes, totpId } = await enrol();
      const renewed = await totp.regenerateRecoveryCodes(owner());
      await expect(totp.verifyRecoveryCode(owner(), recoveryCodes[0] ?? '')).rejects.toMatchObject(WRONG);
      expect(await totp.verifyRecoveryCode(owner(), renewed[0] ?? '')).toBe('otp');
      await totp.remove(owner(), totpId);
      await expect(totp.verifyRecoveryCode(owner(), renewed[1] ?? '')).rejects.toMatchObject(WRONG);
      await expect(totp.regenerateRecoveryCodes(owner())).rejects.toMatchObject({ status: 400 });
    });
  });

  it('cannot be removed by another user, and go with their user', async () => {
    const { totpId } = await enrol();
    await expect(totp.remove(other(), totpId)).rejects.toMatchObject({ status: 404 });
    expect(await totp.list(owner())).toHaveLength(1);
    const leaver = await new UserStore(scene.db).insert(scene.tenantId, 'leaver' as never, {
      status: 'Active',
    });
    await scene.db.updateTable('totp_authenticators').set({ user_id: leaver.userId }).execute();
    await scene.db.updateTable('recovery_codes').set({ user_id: leaver.userId }).execute();
    await scene.db.deleteFrom('users').where('user_id', '=', leaver.userId).execute();
    expect(await scene.db.selectFrom('totp_authenticators').selectAll().execute()).toEqual([]);
    expect(await scene.db.selectFrom('recovery_codes').selectAll().execute()).toEqual([]);
  });
});
