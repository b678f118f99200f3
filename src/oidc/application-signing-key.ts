/** A signing key that the engine chooses for the clients of one application only. */
import { constants, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import Provider, { ExternalSigningKey } from 'oidc-provider';
import type { AppId } from '../base/ids.ts';
import type { SigningAlg } from '../storage/tables.ts';
import { settingsOf } from './policies/client-settings.ts';

const signAsync = promisify(sign) as (digest: string | null, content: Buffer, key: object) => Promise<Buffer>;

/** How node:crypto makes the signature of each JWS algorithm (RFC 7518 3, RFC 8037 3.1). */
const FORMS: Readonly<Record<SigningAlg, { digest: string | null; options: object }>> = {
  RS256: { digest: 'sha256', options: { padding: constants.RSA_PKCS1_PADDING } },
  PS256: {
    digest: 'sha256',
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  },
  ES256: { digest: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  EdDSA: { digest: null, options: {} },
};

export class ApplicationSigningKey extends ExternalSigningKey {
  readonly appId: AppId;
  readonly #signs: boolean;
  readonly #jwk: JWK;
  readonly #private: KeyObject;
  readonly #public: KeyObject;

  constructor({ appId, signs, jwk }: { appId: AppId; signs: boolean; jwk: JWK }) {
    super();
    this.appId = appId;
    this.#signs = signs;
    this.#private = createPrivateKey({ key: jwk as never, format: 'jwk' });
    this.#public = createPublicKey(this.#private);
    this.#jwk = jwk;
  }

  override get kid(): string {
    return this.#jwk.kid as string;
  }

  override get alg(): string {
    return this.#jwk.alg as string;
  }

  /** Asked whenever a key is chosen: it signs in requests of its application's clients, and verifies in all. */
  override get key_ops(): string[] | undefined {
    // Outside a request the key set is being built; what is published names no operations.
    const { ctx } = Provider;
    if (ctx === undefined) return undefined;
    const client = ctx.oidc?.client;
    const isOwner = client !== undefined && settingsOf(client).appId === this.appId;
    return this.#signs && isOwner ? ['sign', 'verify'] : ['verify'];
  }

  override keyObject(): KeyObject {
    return this.#public;
  }

  override async sign(content: Uint8Array): Promise<Uint8Array> {
    const { digest, options } = FORMS[this.alg as SigningAlg];
    return signAsync(digest, Buffer.from(content), { key: this.#private, ...options });
  }
}
