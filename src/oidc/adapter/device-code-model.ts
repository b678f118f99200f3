/** Device codes: found by the code itself and by what the user types; and the interactions that lead to one. */
import { type AdapterPayload, errors } from 'oidc-provider';
import type { TenantId } from '../../base/ids.ts';
import { hashSecret } from '../../base/secrets.ts';
import type { Sealer } from '../../keys/sealer.ts';
import type { EphemeralStore } from '../../storage/ephemeral-store.ts';
import { EphemeralModel } from './ephemeral-model.ts';

interface Parts {
  readonly ephemeral: EphemeralStore;
  readonly tenantId: TenantId;
  readonly sealer: Sealer;
}

export class DeviceCodeModel extends EphemeralModel {
  readonly #parts: Parts;
  constructor(own: ConstructorParameters<typeof EphemeralModel>[0], parts: Parts) {
    super(own);
    this.#parts = parts;
  }

  override async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    const isAnswered = payload.accountId !== undefined || payload.error !== undefined;
    if (payload.inFlight === true && !isAnswered) await this.#claim(id, expiresIn);
    await super.upsert(id, payload, expiresIn);
    // The user code leads to the device code, which is a credential: it is sealed under the user code.
    await this.#parts.ephemeral.put(
      this.#at('DeviceUserCode', String(payload.userCode)),
      { sealed: this.#parts.sealer.seal(id, String(payload.userCode)) },
      { ttlSeconds: expiresIn },
    );
  }

  override async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    const pointer = await this.#parts.ephemeral.get(this.#at('DeviceUserCode', userCode));
    if (!pointer) return undefined;
    return this.find(this.#parts.sealer.open(String(pointer.value.sealed), userCode));
  }

  /** Of any number of people who approve at the same moment, one goes on. The engine looks first and writes later. */
  async #claim(id: string, expiresIn: number): Promise<void> {
    const at = this.#at('DeviceApproval', id);
    if (!(await this.#parts.ephemeral.putIfAbsent(at, {}, { ttlSeconds: expiresIn })))
      throw new errors.InvalidRequest('this code is being used in another browser');
  }

  #at(kind: string, secret: string) {
    return { tenantId: this.#parts.tenantId, kind, key: hashSecret(secret) };
  }
}

/** An interaction of the device flow names the device code, which nobody may read in the store. */
export class InteractionModel extends EphemeralModel {
  readonly #sealer: Sealer;
  constructor(own: ConstructorParameters<typeof EphemeralModel>[0], { sealer }: Pick<Parts, 'sealer'>) {
    super(own);
    this.#sealer = sealer;
  }

  override upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    const code = payload.deviceCode;
    const stored =
      typeof code === 'string' ? { ...payload, deviceCode: this.#sealer.seal(code, id) } : payload;
    return super.upsert(id, stored, expiresIn);
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    const payload = await super.find(id);
    const sealed = payload?.deviceCode;
    return typeof sealed === 'string' ? { ...payload, deviceCode: this.#sealer.open(sealed, id) } : payload;
  }
}
