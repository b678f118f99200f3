/** What an application has set for authenticator apps, with the defaults of contract/authentication.md 6. */
import type { Application } from '../applications/application.ts';
import type { AttemptLimit } from './attempts.ts';
import type { TotpParameters } from './totp.ts';

export interface TotpSettings extends TotpParameters {
  /** How many steps a clock may be off, either way. */
  readonly window: number;
  readonly issuer: string;
  readonly maxPerUser: number;
  readonly limit: AttemptLimit;
}

/** The stored document, which the edge has checked. */
interface Stored extends Partial<TotpParameters> {
  readonly window?: number;
  readonly issuer?: string;
  readonly maxTotpPerUser?: number;
  readonly failuresExpireIn?: number;
  readonly lockoutTiers?: readonly { readonly attempts: number; readonly duration: number }[];
  readonly maxFailures?: number;
  readonly lockoutDuration?: number;
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
    limit: limitOf(stored),
  };
}

/** The first tier, or the deprecated pair that stood for it; the longer of the two times, as one serves both. */
function limitOf({ lockoutTiers = [], failuresExpireIn = 15, ...stored }: Stored): AttemptLimit {
  const [tier] = lockoutTiers;
  return {
    failures: tier?.attempts ?? stored.maxFailures ?? 5,
    minutes: Math.max(tier?.duration ?? stored.lockoutDuration ?? 15, failuresExpireIn),
  };
}
