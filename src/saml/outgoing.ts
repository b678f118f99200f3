/** Puts a message of ours into its binding, signed (SAML bindings 3.4.4.1, 3.5.4). */
import { deflateRawSync } from 'node:zlib';
import { SIGNATURE_ALGORITHMS, signOctets, signXml } from '../xml/xml-signature.ts';
import type { IncomingMessage } from './incoming.ts';
import type { ResponseSigner } from './response.ts';

export interface OutgoingMessage {
  readonly kind: IncomingMessage['kind'];
  /** Of the root of `xml`. */
  readonly id: string;
  readonly xml: string;
  readonly destination: string;
  readonly relayState: string | undefined;
}

/** What the browser is to do. */
export type Dispatch =
  | { readonly binding: 'redirect'; readonly url: string }
  | { readonly binding: 'post'; readonly action: string; readonly fields: Readonly<Record<string, string>> };

export function dispatch(
  message: OutgoingMessage,
  { binding, signer }: { readonly binding: Dispatch['binding']; readonly signer: ResponseSigner },
): Promise<Dispatch> {
  return binding === 'redirect' ? byRedirect(message, signer) : byPost(message, signer);
}

const queryOf = (parameters: readonly (readonly [string, string])[]): string =>
  parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');

async function byRedirect(
  { kind, xml, destination, relayState }: OutgoingMessage,
  { privateKey, algorithm }: ResponseSigner,
): Promise<Dispatch> {
  // In this order, and signed exactly as it is sent.
  const octets = queryOf([
    [kind, deflateRawSync(xml).toString('base64')],
    ...(relayState === undefined ? [] : [['RelayState', relayState] as const]),
    ['SigAlg', SIGNATURE_ALGORITHMS[algorithm]],
  ]);
  const signature = queryOf([['Signature', await signOctets(octets, privateKey, algorithm)]]);
  const joint = destination.includes('?') ? '&' : '?';
  return { binding: 'redirect', url: `${destination}${joint}${octets}&${signature}` };
}

async function byPost(
  { kind, id, xml, destination, relayState }: OutgoingMessage,
  signer: ResponseSigner,
): Promise<Dispatch> {
  const signed = await signXml(xml, { id, ...signer });
  const fields = {
    [kind]: Buffer.from(signed).toString('base64'),
    ...(relayState !== undefined && { RelayState: relayState }),
  };
  return { binding: 'post', action: destination, fields };
}
