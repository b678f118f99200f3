/** Hands text messages to the operator's gateway: one POST of `{ to, text, sender_id? }` each. */
import type { Secret } from '../base/secrets.ts';
import { type Delivery, DeliveryError, type Transport } from './delivery.ts';
import type { OutgoingText } from './message.ts';

export interface SmsGatewayParts {
  readonly url: Secret;
  /** Sent as bearer token. */
  readonly token?: Secret;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 15_000;
/** Refusals that another attempt may overcome: the gateway was slow, or wants fewer messages at a time. */
const WORTH_ANOTHER = [408, 429];

export class SmsGateway implements Transport<OutgoingText> {
  readonly #parts: SmsGatewayParts;

  constructor(parts: SmsGatewayParts) {
    this.#parts = parts;
  }

  /** 2xx means accepted; any other 4xx than 408 and 429 refuses for good. A redirect is not followed. */
  async send(message: Delivery<OutgoingText>, signal: AbortSignal): Promise<void> {
    const status = await this.#post(message, signal);
    if (status >= 200 && status < 300) return;
    throw new DeliveryError(`The SMS gateway answered ${status}`, {
      isPermanent: status >= 400 && status < 500 && !WORTH_ANOTHER.includes(status),
    });
  }

  close(): void {}

  async #post(
    { to, text, senderId, messageId }: Delivery<OutgoingText>,
    signal: AbortSignal,
  ): Promise<number> {
    const { url, token, timeoutMs = TIMEOUT_MS } = this.#parts;
    try {
      const answer = await fetch(url.reveal(), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          // The same at every attempt, so that the gateway can recognise a message that it has.
          'idempotency-key': messageId,
          ...(token && { authorization: `Bearer ${token.reveal()}` }),
        },
        body: JSON.stringify({ to, text, ...(senderId !== undefined && { sender_id: senderId }) }),
        // Another address would get the code, and the token with it.
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      await answer.body?.cancel();
      return answer.status;
    } catch (cause) {
      // The message of the cause may name the URL, which may hold a secret.
      const { code } = (cause as { cause?: { code?: string } }).cause ?? {};
      throw new DeliveryError(`The SMS gateway did not answer${code === undefined ? '' : ` (${code})`}`);
    }
  }
}
