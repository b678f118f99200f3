/** xml-crypto with nothing in it but the algorithms of our lists; keys work on the thread pool, and every key is ours. */
import { type BinaryLike, createHash, type KeyLike, KeyObject } from 'node:crypto';
import {
  type ErrorFirstCallback,
  type SignatureAlgorithm as Method,
  SignedXml,
  type SignedXmlOptions,
} from 'xml-crypto';
import { ExclusiveForm } from './exclusive-form.ts';
import {
  DIGESTS,
  HASHES,
  type Hash,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
  signOctets,
} from './signature-algorithms.ts';
import { ENVELOPED, EXCLUSIVE } from './signature-shape.ts';

/** Whether the octets of a SignedInfo carry a signature that counts. */
type Verdict = (octets: string) => boolean;

/** @param verdict for verifying; who signs needs none. */
export function strictSignedXml(
  algorithm: SignatureAlgorithm,
  options: SignedXmlOptions,
  verdict: Verdict = () => false,
): SignedXml {
  const strict = new SignedXml(options);
  const enveloped = strict.CanonicalizationAlgorithms[ENVELOPED];
  if (!enveloped) throw new Error('xml-crypto has no enveloped signatures');
  strict.CanonicalizationAlgorithms = { [EXCLUSIVE]: ExclusiveForm, [ENVELOPED]: enveloped };
  strict.HashAlgorithms = Object.fromEntries(HASHES.map((hash) => [DIGESTS[hash], digestOf(hash)]));
  strict.SignatureAlgorithms = { [SIGNATURE_ALGORITHMS[algorithm]]: methodOf(algorithm, verdict) };
  return strict;
}

function digestOf(hash: Hash) {
  return class {
    getAlgorithmName = (): string => DIGESTS[hash];
    getHash = (octets: string): string => createHash(hash).update(octets, 'utf8').digest('base64');
  };
}

function methodOf(algorithm: SignatureAlgorithm, verdict: Verdict): new () => Method {
  return class implements Method {
    getAlgorithmName = (): string => SIGNATURE_ALGORITHMS[algorithm];

    getSignature(octets: BinaryLike, key: KeyLike, callback?: ErrorFirstCallback<string>): string {
      if (!callback || !(key instanceof KeyObject))
        throw new Error('signatures are made asynchronously, with a KeyObject');
      signOctets(String(octets), key, algorithm).then(
        (signature) => callback(null, signature),
        (fault: Error) => callback(fault),
      );
      return '';
    }

    verifySignature(octets: string): boolean {
      return verdict(octets);
    }
  };
}
