/** Decides whether a message that was read is the service provider's own, meant for us, and new (pitfalls, samlify). */
import { invalid } from '../base/errors.ts';
import type { TenantId } from '../base/ids.ts';
import { hashSecret } from '../base/secrets.ts';
import type { SamlClient } from '../clients/client.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import { readXml, XmlFault } from '../xml/read-xml.ts';
import { SignatureFault, signatureOf, verifiedElement, verifyOctets } from '../xml/xml-signature.ts';
import type { MessageHead } from './authn-request.ts';
import type { IncomingMessage } from './incoming.ts';

/** Seconds that a message may be on its way: people read sign-in pages of the provider first. */
const MAX_AGE_SECONDS = 300;
const SHOWN_CHARACTERS = 200;

export interface TrustedRoot {
  readonly root: Element;
  /** A registered certificate of the provider has signed what `root` says. */
  readonly isSigned: boolean;
}

/**
 * The message's root; where a signature was checked, that of the bytes that were signed.
 * Without a registered certificate a signature is not evaluated (saml.md 1.5).
 * @throws 400 for XML that is not accepted, a bad signature, or a missing one that is asked for.
 */
export function trustedRoot(message: IncomingMessage, { settings }: SamlClient): TrustedRoot {
  const { sp_certificates: certificates, want_authn_requests_signed: isAsked } = settings;
  return withReason(() => {
    const root = readXml(message.xml);
    if (certificates.length === 0) return { root, isSigned: false };
    const { querySignature } = message;
    if (querySignature) verifyOctets(querySignature.octets, { ...querySignature, certificates });
    if (signatureOf(root)) return { root: verifiedElement(root, root, certificates), isSigned: true };
    if (!querySignature && isAsked && message.kind === 'SAMLRequest')
      throw new SignatureFault('the request is not signed, and this client asks for signed requests');
    return { root, isSigned: querySignature !== undefined };
  });
}

/** What these readers refuse is the sender's fault: 400 with their sentence. */
export function withReason<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof XmlFault || error instanceof SignatureFault)
      throw invalid(`The SAML message was refused: ${error.message}`);
    throw error;
  }
}

/** Who sends: a SAML client, or a service provider of the older form. */
export interface Sender {
  readonly clientId: string;
  readonly spEntityId: string;
  readonly settings: Pick<SamlClient['settings'], 'clock_skew_seconds'>;
}

export interface Expectation {
  readonly tenantId: TenantId;
  readonly client: Sender;
  /** The address of ours that the message must be meant for; undefined where it was sent to somebody who passed it on. */
  readonly destination: string | undefined;
  readonly now: Date;
  readonly ephemeral: Pick<EphemeralStore, 'putIfAbsent'>;
}

/** Every address of ours exists below `/cis`, too (contract D1). */
const isMeant = (received: string, destination: string): boolean => {
  const { origin, pathname } = new URL(destination);
  return [destination, `${origin}/cis${pathname}`].includes(received);
};

const shown = (text: string): string => JSON.stringify(text.slice(0, SHOWN_CHARACTERS));

/** @throws 400 saying which check failed, with what was expected and what came. */
export function assertAddressed(head: MessageHead, { client, destination, now }: Expectation): void {
  const { clock_skew_seconds: skew } = client.settings;
  if (head.issuer !== client.spEntityId)
    throw invalid(
      `The Issuer is ${shown(head.issuer)}, but this client belongs to the service provider ${shown(client.spEntityId)}`,
    );
  if (head.destination !== undefined && destination !== undefined && !isMeant(head.destination, destination))
    throw invalid(
      `The Destination is ${shown(head.destination)}, but the message came to ${shown(destination)}`,
    );
  const age = (now.getTime() - head.issueInstant.getTime()) / 1000;
  if (age < -skew)
    throw invalid(
      'The IssueInstant lies in the future: compare the clocks of both sides, or raise clock_skew_seconds',
    );
  if (age > MAX_AGE_SECONDS + skew)
    throw invalid('The request is too old: go back to the application and start there again');
}

/** @throws 400 for the second message with this ID. */
export async function assertNew(
  head: MessageHead,
  { tenantId, client, ephemeral }: Expectation,
): Promise<void> {
  const key = hashSecret(`${client.clientId} ${head.id}`);
  const ttlSeconds = MAX_AGE_SECONDS + 2 * client.settings.clock_skew_seconds + 60;
  const isFirst = await ephemeral.putIfAbsent({ tenantId, kind: 'SamlMessage', key }, {}, { ttlSeconds });
  if (!isFirst)
    throw invalid('This request was used before: go back to the application and start there again');
}
