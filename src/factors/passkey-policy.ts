/** Decides whether an application wants this kind of passkey (contract/authentication.md 6). */
import type { RelyingParty } from './passkey-party.ts';

export interface NewPasskeyKind {
  /** Attestation statement format; `none` says nothing about the authenticator. */
  readonly format: string;
  /** Model of the authenticator. */
  readonly aaguid: string;
  readonly deviceType: 'singleDevice' | 'multiDevice';
}

/** What to ask the browser for: a list of models is of no use without a statement about the model. */
export const attestationOf = ({ policy }: RelyingParty): 'none' | 'indirect' | 'direct' =>
  policy.attestation === 'none' && (policy.enforceAttestation || policy.allowedModels || policy.blockedModels)
    ? 'direct'
    : policy.attestation;

/** A sentence, or undefined where nothing speaks against it. */
export function passkeyFault({ policy }: RelyingParty, kind: NewPasskeyKind): string | undefined {
  const model = kind.aaguid.toLowerCase();
  if (policy.enforceAttestation && kind.format === 'none')
    return 'The application requires an attestation, and the authenticator gave none';
  if (policy.allowedModels && !policy.allowedModels.includes(model))
    return 'The application does not allow this model of authenticator';
  if (policy.blockedModels?.includes(model)) return 'The application blocks this model of authenticator';
  if (!policy.allowSynced && kind.deviceType === 'multiDevice')
    return 'The application does not allow passkeys that are synced between devices';
  return undefined;
}
