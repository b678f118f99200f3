/** Makes signing certificates for SAML, with the private key sealed before it goes anywhere. */
import pLimit from 'p-limit';
import { newId } from '../base/secrets.ts';
import { makeSelfSigned } from './certificate.ts';
import type { Sealer } from './sealer.ts';

/** RSA keys are slow to make; the threads are shared with the file system and the password hashes. */
const AT_A_TIME = 2;

export interface SamlCertificate {
  readonly certificateId: string;
  readonly pem: string;
  /** Opens with the certificate id as context. */
  readonly sealedPrivateKey: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export class SamlCertificates {
  readonly #sealer: Pick<Sealer, 'seal'>;
  readonly #limit = pLimit(AT_A_TIME);

  constructor(parts: { sealer: Pick<Sealer, 'seal'> }) {
    this.#sealer = parts.sealer;
  }

  /** A fresh key with its certificate. Takes a while; call it outside of transactions. */
  async make(name: string): Promise<SamlCertificate> {
    const { privateKey, ...certificate } = await this.#limit(() => makeSelfSigned(name));
    const certificateId = newId<string>();
    const sealedPrivateKey = this.#sealer.seal(privateKey.reveal(), certificateId);
    return { ...certificate, certificateId, sealedPrivateKey };
  }
}
