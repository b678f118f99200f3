/** The tenant's token signing keys: made once, sealed at rest, read again when a row changes. */
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { AppId, TenantId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import type { Database } from '../storage/database.ts';
import type { SigningAlg } from '../storage/tables.ts';
import type { KeyMaterial } from './application-key.ts';
import { ApplicationKeyStore } from './application-key-store.ts';
import type { Sealer } from './sealer.ts';

export const SIGNING_ALGS: readonly SigningAlg[] = ['RS256', 'PS256', 'ES256', 'EdDSA'];

export interface HeldApplicationKey {
  readonly appId: AppId;
  /** Signs for its application now; others only verify. */
  readonly signs: boolean;
  readonly publicJwk: JWK;
  /** Another text for another key, even under the same kid, and for another use of it. */
  readonly version: string;
  /** Unseals the private half. */
  openPrivate(): JWK;
}

export class KeyRing {
  readonly #db: Database;
  readonly #sealer: Sealer;
  constructor(parts: { db: Database; sealer: Sealer }) {
    this.#db = parts.db;
    this.#sealer = parts.sealer;
  }

  /** Makes one key per algorithm that has none. RSA keys have 2048 bits. */
  async ensure(db: Database, tenantId: TenantId): Promise<void> {
    const rows = await db
      .selectFrom('signing_keys')
      .select('alg')
      .where('tenant_id', '=', tenantId)
      .where('status', '=', 'signing')
      .execute();
    const missing = SIGNING_ALGS.filter((alg) => !rows.some((row) => row.alg === alg));
    const keys = await Promise.all(missing.map((alg) => makeKey(alg)));
    for (const { kid, alg, publicJwk, privateJwk } of keys)
      await db
        .insertInto('signing_keys')
        .values({
          tenant_id: tenantId,
          kid,
          alg,
          status: 'signing',
          public_jwk: JSON.stringify(publicJwk),
          sealed_private_jwk: this.#sealer.seal(JSON.stringify(privateJwk), kid),
        })
        .execute();
  }

  /** The keys that applications have of their own, by age; disabled keys are left out. */
  async loadApplicationKeys(tenantId: TenantId): Promise<HeldApplicationKey[]> {
    const keys = await new ApplicationKeyStore(this.#db).listInUse(tenantId);
    return keys.map(({ keyId, appId, kid, signs, publicJwk, sealedPrivateJwk }) => ({
      appId,
      signs,
      publicJwk,
      version: `${keyId} ${signs}`,
      openPrivate: () => JSON.parse(this.#sealer.open(sealedPrivateJwk, kid)) as JWK,
    }));
  }

  /** Private JWKs in use, the signing ones first; disabled keys are left out. */
  async load(tenantId: TenantId): Promise<JWK[]> {
    const rows = await this.#db
      .selectFrom('signing_keys')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('status', '!=', 'disabled')
      .orderBy('status')
      .orderBy('created_at')
      .execute();
    return rows.map((row) => JSON.parse(this.#sealer.open(row.sealed_private_jwk, row.kid)) as JWK);
  }
}

/** A new pair under a name of ours; RSA keys have 2048 bits. */
export async function makeKey(alg: SigningAlg): Promise<KeyMaterial> {
  const pair = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
  const kid = newId<string>();
  const head = { kid, alg, use: 'sig' };
  return {
    kid,
    alg,
    publicJwk: { ...(await exportJWK(pair.publicKey)), ...head },
    privateJwk: { ...(await exportJWK(pair.privateKey)), ...head },
  };
}
