/** Makes signing certificates for SAML, seals their private keys, and opens the one that signs now. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import type { TenantId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import type { Database } from '../storage/database.ts';
import { makeSelfSigned, VALIDITY_YEARS } from './certificate.ts';
import { makeElliptic } from './certificate-elliptic.ts';
import type { SelfSigned } from './certificate-fields.ts';
import type { KeyKind } from './certificate-key.ts';
import { readUpload, type Upload } from './certificate-upload.ts';
import {
  type CertificateOwner,
  type SamlCertificate,
  SamlCertificateStore,
  type SealedSigner,
} from './saml-certificate-store.ts';
import type { Sealer } from './sealer.ts';

/** RSA keys are slow to make; the threads are shared with the file system and the password hashes. */
const AT_A_TIME = 2;
/** Opened keys that are kept; opening one costs more than signing with it. */
const MAX_OPEN = 1000;

/** What signs for an owner. */
export interface Signer {
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly certificate: string;
  /** The owner's `signature_algorithm` follows it (`fitting`): a switch may happen between two reads. */
  readonly keyType: 'rsa' | 'ec';
}

export class SamlCertificates {
  readonly #db: Database;
  readonly #sealer: Pick<Sealer, 'seal' | 'open'>;
  readonly #limit = pLimit(AT_A_TIME);
  readonly #open = new LRUCache<string, Signer>({ max: MAX_OPEN });

  constructor(parts: { db: Database; sealer: Pick<Sealer, 'seal' | 'open'> }) {
    this.#db = parts.db;
    this.#sealer = parts.sealer;
  }

  /** A fresh key with its certificate. Takes a while; call it outside of transactions. */
  async make(name: string, kind: KeyKind = 'rsa'): Promise<SamlCertificate> {
    return this.#seal(
      await (kind === 'rsa'
        ? this.#limit(() => makeSelfSigned(name))
        : makeElliptic(name, kind, VALIDITY_YEARS)),
    );
  }

  /** A certificate that somebody brings with its key. @throws 400 where it cannot sign here */
  take(upload: Upload): SamlCertificate {
    return this.#seal(readUpload(upload));
  }

  /**
   * The current certificate of a SAML client or service provider with its opened key. Which one is current is read
   * every time, so a switch counts at once on every node; what belongs to an id never changes.
   * @throws Error where the owner is not there: it is made together with its certificate.
   */
  async signer(tenantId: TenantId, owner: CertificateOwner): Promise<Signer> {
    const current = await new SamlCertificateStore(this.#db).findCurrent(tenantId, owner);
    if (!current) throw new Error(`${JSON.stringify(owner)} has no SAML signing certificate`);
    const found = this.#open.get(current.certificateId);
    if (found) return found;
    const signer = this.#unseal(current);
    this.#open.set(current.certificateId, signer);
    return signer;
  }

  #seal({ privateKey, ...certificate }: SelfSigned): SamlCertificate {
    const certificateId = newId<string>();
    const sealedPrivateKey = this.#sealer.seal(privateKey.reveal(), certificateId);
    return { ...certificate, certificateId, sealedPrivateKey };
  }

  #unseal({ certificateId, pem, sealedPrivateKey }: SealedSigner): Signer {
    const privateKey = createPrivateKey(this.#sealer.open(sealedPrivateKey, certificateId));
    return { privateKey, certificate: pem, keyType: privateKey.asymmetricKeyType === 'ec' ? 'ec' : 'rsa' };
  }
}
