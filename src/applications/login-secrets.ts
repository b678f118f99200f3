/** Keeps the secrets of the ways to sign in sealed under the master key, apart from the settings that are shown. */
import type { AppId, TenantId } from '../base/ids.ts';
import type { Sealer } from '../keys/sealer.ts';
import type { Database } from '../storage/database.ts';
import { partMethod } from './login-secret.ts';
import { type LoginMethod, LoginSecretStore } from './login-secret-store.ts';

export class LoginSecrets {
  readonly #sealer: Pick<Sealer, 'seal' | 'open'>;

  constructor(parts: { sealer: Pick<Sealer, 'seal' | 'open'> }) {
    this.#sealer = parts.sealer;
  }

  /**
   * Keeps the secrets of these methods, as the bodies name them: one that is left out stays as it is, null removes it,
   * and one goes together with what held it.
   * @returns the methods without anything secret
   */
  async replace(
    trx: Database,
    at: { readonly tenantId: TenantId; readonly appId: AppId },
    methods: Readonly<Record<string, unknown>>,
  ): Promise<Record<string, unknown>> {
    const entries = Object.entries(methods).map(
      ([method, given]) => [method, partMethod(method, given)] as const,
    );
    for (const [method, { secrets }] of entries) {
      const { tenantId, appId } = at;
      const place: LoginMethod = { tenantId, appId, method };
      const staying = secrets.filter(({ value }) => value !== null);
      const store = new LoginSecretStore(trx);
      await store.keepOnly(
        place,
        staying.map(({ name }) => name),
      );
      for (const { name, value } of staying)
        if (value !== undefined) await store.put(place, name, this.#seal(place, name, value));
    }
    return Object.fromEntries(entries.map(([method, { settings }]) => [method, settings]));
  }

  /** What was given for it. @throws Error where it was sealed under another master key */
  async find(db: Database, place: LoginMethod, name: string): Promise<unknown> {
    const sealed = await new LoginSecretStore(db).find(place, name);
    return sealed === undefined ? undefined : JSON.parse(this.#sealer.open(sealed, contextOf(place, name)));
  }

  #seal(place: LoginMethod, name: string, value: unknown): string {
    return this.#sealer.seal(JSON.stringify(value), contextOf(place, name));
  }
}

/** A sealed text opens in its own place only. */
const contextOf = ({ appId, method }: LoginMethod, name: string): string =>
  `login secret ${appId} ${method} ${name}`;
