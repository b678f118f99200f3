import { DEFAULT_APPLICATION_SETTINGS } from '../../src/applications/application.ts';
import * as settings from '../../src/applications/sign-in-settings.ts';

const withMethods = (auth_methods: Record<string, unknown>) => ({
  settings: { ...DEFAULT_APPLICATION_SETTINGS, login_preferences: { auth_methods } },
});
const single = (attempts: number, durationSeconds: number) => ({
  tiers: [{ attempts, durationSeconds }],
  failuresExpireSeconds: 900,
});

describe('settings of the ways to sign in (authentication.md 5 and 6)', () => {
  it('have the published defaults where nothing is set, for an application that is gone, too', () => {
    const password = {
      configured: false,
      policy: {
        minLength: 14,
        complexity: 5,
        checkDictionary: false,
        checkBreached: false,
        blockPrevious: 0,
      },
      lockout: single(5, 900),
      expiresInDays: 90,
      resetValidityMinutes: 5,
      codeLength: 6,
      requireMfa: false,
      notifyOnUpdate: false,
    };
    expect(settings.passwordSettings(undefined)).toEqual(password);
    expect(settings.passwordSettings(withMethods({}))).toEqual(password);
    const code = {
      configured: false,
      expiresInMinutes: 5,
      codeLength: 6,
      crossClientsAllowed: false,
      lockout: single(5, 900),
      message: {},
    };
    expect(settings.emailCodeSettings(withMethods({}))).toEqual(code);
    expect(settings.smsCodeSettings(withMethods({}))).toEqual(code);
    expect(settings.magicLinkSettings(withMethods({}))).toEqual({
      configured: false,
      expiresInMinutes: 15,
      linksPerUserAndMinute: 5,
      message: {},
    });
    expect(settings.passkeySettings(withMethods({}))).toMatchObject({
      configured: false,
      webOrigins: [],
      replaceExisting: false,
      allowSynced: true,
      enforceAttestation: false,
      attestationType: 'none',
      lockout: single(5, 900),
    });
    expect(settings.totpSettings(withMethods({}))).toMatchObject({
      configured: false,
      algorithm: 'sha1',
      digits: 6,
      periodSeconds: 30,
      window: 1,
      maxPerUser: 1,
      lockout: single(5, 900),
    });
  });

  it('say what was set', () => {
    const given = withMethods({
      password: { ignoreExpiration: true, passwordExpiresIn: 30, checkHibp: true, blockPreviousPasswords: 4 },
      sms: { expiresIn: 2, maxFailures: 3, lockoutDuration: 4, codeLength: 8, crossClientsAllowed: true },
      webauthn_api: { rpId: 'a.example', rpWebOrigins: ['https://a.example'], rpOrigin: 'https://b.example' },
    });
    const { expiresInDays, policy, configured } = settings.passwordSettings(given);
    expect([expiresInDays, policy.checkBreached, policy.blockPrevious, configured]).toEqual([
      undefined,
      true,
      4,
      true,
    ]);
    expect(settings.smsCodeSettings(given)).toMatchObject({
      configured: true,
      expiresInMinutes: 2,
      codeLength: 8,
      crossClientsAllowed: true,
      lockout: single(3, 240),
    });
    expect(settings.passkeySettings(given).webOrigins).toEqual(['https://a.example', 'https://b.example']);
  });

  it('prefer tiers to the older numbers, in the order of their attempts', () => {
    const tiers = [
      { attempts: 9, duration: 60 },
      { attempts: 3, duration: 1 },
      { attempts: 3, duration: 2 },
    ];
    const given = withMethods({
      totp: { maxFailures: 7, lockoutDuration: 7, failuresExpireIn: 1, lockoutTiers: tiers },
    });
    expect(settings.totpSettings(given).lockout).toEqual({
      tiers: [
        { attempts: 3, durationSeconds: 120 },
        { attempts: 9, durationSeconds: 3600 },
      ],
      failuresExpireSeconds: 60,
    });
    const none = withMethods({ totp: { maxFailures: 7, lockoutTiers: [] } });
    expect(settings.totpSettings(none).lockout).toEqual(single(7, 900));
  });
});
