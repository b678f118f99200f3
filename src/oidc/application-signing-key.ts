/** A signing key that the engine chooses for the clients of one application only. */
import { constants, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import Provider, { ExternalSigningKey } from 'oidc-provider';
import type { AppId } from '../base/ids.ts';
import type { HeldApplicationKey } from '../keys/key-ring.ts';
import type { SigningAlg } from '../storage/tables.ts';
import { settingsOf } from './policies/client-settings.ts';
import { requestState } from './request-state.ts';

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
  readonly #held: HeldApplicationKey;
  readonly #public: KeyObject;
  /** Opened at the first signature: most keys of a tenant never sign in this process. */
  #private: KeyObject | undefined;
  #isPublished = false;

  constructor(held: HeldApplicationKey) {
    super();
    this.appId = held.appId;
    this.#held = held;
    this.#public = createPublicKey({ key: held.publicJwk as never, format: 'jwk' });
  }

  override get kid(): string {
    return this.#held.publicJwk.kid as string;
  }

  override get alg(): string {
    return this.#held.publicJwk.alg as string;
  }

  /** Call it when the engine has read what it publishes; from then on each use is asked for. */
  published(): void {
    this.#isPublished = true;
  }

  /**
   * Asked whenever a key is chosen: it signs in requests of its application's clients and in what they are told of
   * logouts; what else comes into being outside of any request is the tenant's. Whom it verifies for: `refuseForeignHints`.
   */
  override get key_ops(): string[] | undefined {
    // What is published names no operations.
    if (!this.#isPublished) return undefined;
    const client = requestState().speaksTo ?? Provider.ctx?.oidc?.client;
    const isOwner = client !== undefined && settingsOf(client).appId === this.appId;
    return this.#held.signs && isOwner ? ['sign', 'verify'] : ['verify'];
  }

  override keyObject(): KeyObject {
    return this.#public;
  }

  override async sign(content: Uint8Array): Promise<Uint8Array> {
    const { digest, options } = FORMS[this.alg as SigningAlg];
    this.#private ??= createPrivateKey({ key: this.#held.openPrivate() as never, format: 'jwk' });
    return signAsync(digest, Buffer.from(content), { key: this.#private, ...options });
  }
}
