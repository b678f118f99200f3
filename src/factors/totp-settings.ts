/** What an application has set for authenticator apps, with the defaults of contract/authentication.md 6. */
import type { Application } from '../applications/application.ts';
import { totpSettings as methodSettings } from '../applications/sign-in-settings.ts';
import type { Lockout } from '../users/lockout.ts';
import type { TotpParameters } from './totp.ts';

export interface TotpSettings extends TotpParameters {
  /** How many steps a clock may be off, either way. */
  readonly window: number;
  readonly issuer: string;
  readonly maxPerUser: number;
  readonly lockout: Lockout;
}

/** The stored document, which the edge has checked. */
interface Stored extends Partial<TotpParameters> {
  readonly window?: number;
  readonly issuer?: string;
  readonly maxTotpPerUser?: number;
}

const storedOf = ({ settings }: Pick<Application, 'settings'>): Stored | undefined =>
  settings.login_preferences.auth_methods.totp as Stored | undefined;

export const hasTotpSettings = (application: Pick<Application, 'settings'>): boolean =>
  storedOf(application) !== undefined;

export function totpSettings(application: Pick<Application, 'settings' | 'name'>): TotpSettings {
  const stored = storedOf(application) ?? {};
  return {
    algorithm: stored.algorithm ?? 'sha1',
    digits: stored.digits ?? 6,
    period: stored.period ?? 30,
    window: stored.window ?? 1,
    issuer: stored.issuer || application.name,
    maxPerUser: stored.maxTotpPerUser ?? 1,
    lockout: methodSettings(application).lockout,
  };
}
