/** Secrets that travel in a link: 256 bits, kept as hashes, good once. */
import type { TenantId } from '../base/ids.ts';
import { hashSecret, newSecret } from '../base/secrets.ts';
import type { EphemeralStore, ItemKey } from '../storage/ephemeral-store.ts';

export interface NewLink<Payload> {
  readonly tenantId: TenantId;
  /** What the link is good for, and nothing else. */
  readonly purpose: string;
  readonly minutes: number;
  readonly payload: Payload;
  /** Lets the link end with the user. */
  readonly userId?: string;
}

const KIND = 'OneTimeLink';

export class OneTimeLinks {
  readonly #store: Pick<EphemeralStore, 'put' | 'get' | 'consume'>;
  constructor(parts: { ephemeral: Pick<EphemeralStore, 'put' | 'get' | 'consume'> }) {
    this.#store = parts.ephemeral;
  }

  /** @returns the secret for the link, URL-safe. */
  async issue<Payload extends object>({
    tenantId,
    purpose,
    minutes,
    payload,
    userId,
  }: NewLink<Payload>): Promise<string> {
    const secret = newSecret();
    const options = { ttlSeconds: minutes * 60, ...(userId !== undefined && { userId }) };
    await this.#store.put(
      at(tenantId, purpose, secret),
      { ...(payload as Record<string, unknown>) },
      options,
    );
    return secret;
  }

  /** What a link is about, without using it; undefined where it is unknown, used or expired. */
  async find<Payload>(tenantId: TenantId, purpose: string, secret: string): Promise<Payload | undefined> {
    const item = await this.#store.get(at(tenantId, purpose, secret));
    return item && !item.consumed ? (item.value as Payload) : undefined;
  }

  /** For a visitor who is led on in any case: what the link is about, and whether this is its one use. */
  async visit<Payload>(
    tenantId: TenantId,
    purpose: string,
    secret: string,
  ): Promise<{ payload: Payload; isFirst: boolean } | undefined> {
    const item = await this.#store.get(at(tenantId, purpose, secret));
    if (!item) return undefined;
    return {
      payload: item.value as Payload,
      isFirst: await this.#store.consume(at(tenantId, purpose, secret)),
    };
  }

  /** For exactly one of any number of callers; undefined for the others, and for what is unknown or expired. */
  async redeem<Payload>(tenantId: TenantId, purpose: string, secret: string): Promise<Payload | undefined> {
    const payload = await this.find<Payload>(tenantId, purpose, secret);
    if (payload === undefined) return undefined;
    return (await this.#store.consume(at(tenantId, purpose, secret))) ? payload : undefined;
  }
}

const at = (tenantId: TenantId, purpose: string, secret: string): ItemKey => ({
  tenantId,
  kind: KIND,
  key: hashSecret(`${purpose}\n${secret}`),
});
