/**
 * Leads a browser through the service providers of a session that is over, one after the other (SAML profiles 4.4.3), and
 * then to where the sign-out began. Each step has an unguessable name of its own, the relay state, and is taken once.
 */
import { invalid } from '../base/errors.ts';
import type { ClientId, TenantId } from '../base/ids.ts';
import { hashSecret, newSecret } from '../base/secrets.ts';
import type { SamlClient } from '../clients/client.ts';
import { samlEndpoints } from '../clients/saml-client.ts';
import type { EphemeralStore, ItemKey } from '../storage/ephemeral-store.ts';
import type { LogoutAnswer } from './logout-answer.ts';
import { DONE, type LogoutStatus, logoutRequest, logoutResponse } from './logout-message.ts';
import { newMessageId } from './message.ts';
import { type Dispatch, dispatch } from './outgoing.ts';
import type { Participant } from './participants.ts';
import type { ResponseSigner } from './response.ts';
import { SECOND_STATUS, SUCCESS } from './saml-names.ts';

/** The provider that has asked, and what it needs to know its request again. */
export interface Asker {
  readonly clientId: ClientId;
  readonly requestId: string;
  readonly relayState?: string;
}

export type Visit = Pick<Participant, 'clientId' | 'sessionIndex' | 'nameId'>;

export interface Chain {
  readonly asker?: Asker;
  /** Where a sign-out that began on the OIDC side ends. */
  readonly next?: string;
  /** Pages of OIDC clients that are told in the browser; before all others, in one step. */
  readonly frames?: readonly string[];
  readonly waiting: readonly Visit[];
  /** A provider did not confirm. */
  readonly isPartial: boolean;
}

/** Where the browser goes now. */
export type Move =
  | { readonly kind: 'visit'; readonly step: string }
  | { readonly kind: 'answer'; readonly dispatch: Dispatch }
  | { readonly kind: 'next'; readonly url: string }
  | { readonly kind: 'end'; readonly isPartial: boolean };

/** A provider that is asked now, or pages of clients that are loaded. */
export type ShownStep = ShownRequest | { readonly frames: readonly URL[] };
export interface ShownRequest {
  readonly name: string;
  readonly dispatch: Dispatch;
  /** The browser was here before: the provider has not answered. */
  readonly isRepeated: boolean;
}

interface Step extends Chain {
  /** Absent where frames are shown. */
  readonly visit?: Visit;
  readonly requestId: string;
  readonly isShown: boolean;
}

export interface ChainParts {
  readonly tenantId: TenantId;
  readonly origin: string;
  readonly ephemeral: Pick<EphemeralStore, 'put' | 'get' | 'replace' | 'consume'>;
  readonly findSamlClient: (clientId: string) => Promise<SamlClient | undefined>;
  readonly signerOf: (client: SamlClient) => Promise<ResponseSigner>;
}

const STEP_SECONDS = 3600;

export class LogoutChain {
  readonly #parts: ChainParts;
  constructor(parts: ChainParts) {
    this.#parts = parts;
  }

  /** To the next provider that can be visited, or to the end; a provider without a logout URL has not confirmed. */
  async goOn({ frames = [], ...chain }: Chain): Promise<Move> {
    if (frames.length > 0) return this.#step({ ...chain, frames });
    const [visit, ...waiting] = chain.waiting;
    if (!visit) return this.#end(chain);
    const client = await this.#parts.findSamlClient(visit.clientId);
    if (!client?.settings.sp_slo_url) return this.goOn({ ...chain, waiting, isPartial: true });
    return this.#step({ ...chain, waiting, visit });
  }

  /** The request for the provider of this step. @throws 400 for a step that is unknown or over */
  async show(secret: unknown): Promise<ShownStep> {
    const step = await this.#find(secret);
    const { visit, frames = [] } = step;
    if (!visit) return { frames: frames.map((frame) => new URL(frame)) };
    const client = await this.#parts.findSamlClient(visit.clientId);
    if (!client?.settings.sp_slo_url) throw invalid(GONE);
    const options = { ttlSeconds: STEP_SECONDS };
    await this.#parts.ephemeral.replace(this.#at(secret), { ...step, isShown: true }, options);
    return {
      name: client.name,
      isRepeated: step.isShown,
      dispatch: await this.#request(client, { ...step, visit }, String(secret)),
    };
  }

  /** The person goes on without this provider, or has seen the frames. @throws 400 for a step that is unknown or over */
  async skip(secret: unknown): Promise<Move> {
    const step = await this.#find(secret);
    return this.#leave(secret, { ...step, isPartial: step.isPartial || step.visit !== undefined });
  }

  /**
   * The provider has answered.
   * @param relayState names the step.
   * @throws 400 for an answer of another provider, to another request, or to one that was answered
   */
  async answered(
    client: SamlClient,
    answer: Pick<LogoutAnswer, 'inResponseTo' | 'isDone'>,
    relayState: string | undefined,
  ): Promise<Move> {
    const step = await this.#find(relayState);
    if (step.visit?.clientId !== client.clientId)
      throw invalid('Another service provider was asked to sign the user out than the one that answers');
    if (step.requestId !== answer.inResponseTo)
      throw invalid('The InResponseTo of the LogoutResponse is not the ID of the request that was sent');
    return this.#leave(relayState, { ...step, isPartial: step.isPartial || !answer.isDone });
  }

  /** The signed answer to the provider that asked; undefined where it has no place for it. */
  async answer(asker: Asker, status: LogoutStatus): Promise<Dispatch | undefined> {
    const client = await this.#parts.findSamlClient(asker.clientId);
    if (!client?.settings.sp_slo_url) return undefined;
    const envelope = this.#envelope(client, newMessageId());
    const xml = logoutResponse(envelope, { inResponseTo: asker.requestId, status });
    return this.#dispatch(client, {
      kind: 'SAMLResponse',
      ...envelope,
      xml,
      relayState: asker.relayState,
    });
  }

  async #end({ asker, next, isPartial }: Chain): Promise<Move> {
    const status = isPartial ? { top: SUCCESS, second: SECOND_STATUS.partialLogout } : DONE;
    const answer = asker && (await this.answer(asker, status));
    if (answer) return { kind: 'answer', dispatch: answer };
    return next === undefined ? { kind: 'end', isPartial } : { kind: 'next', url: next };
  }

  /** Once: of two answers to one step the second is refused. */
  async #leave(secret: unknown, { asker, next, waiting, isPartial }: Step): Promise<Move> {
    if (!(await this.#parts.ephemeral.consume(this.#at(secret)))) throw invalid(OVER);
    return this.goOn({ ...(asker && { asker }), ...(next !== undefined && { next }), waiting, isPartial });
  }

  async #step(chain: Chain & Pick<Step, 'visit'>): Promise<Move> {
    const step = newSecret();
    const value: Step = { ...chain, requestId: newMessageId(), isShown: false };
    await this.#parts.ephemeral.put(this.#at(step), { ...value }, { ttlSeconds: STEP_SECONDS });
    return { kind: 'visit', step };
  }

  async #find(secret: unknown): Promise<Step> {
    const item = typeof secret === 'string' ? await this.#parts.ephemeral.get(this.#at(secret)) : undefined;
    if (!item || item.consumed) throw invalid(OVER);
    return item.value as unknown as Step;
  }

  #request(
    client: SamlClient,
    { visit, requestId }: Step & { readonly visit: Visit },
    relayState: string,
  ): Promise<Dispatch> {
    const envelope = this.#envelope(client, requestId);
    const xml = logoutRequest(envelope, visit);
    return this.#dispatch(client, { kind: 'SAMLRequest', ...envelope, xml, relayState });
  }

  #envelope({ clientId, settings }: SamlClient, id: string) {
    const issuer = samlEndpoints(this.#parts.origin, clientId).entityId;
    return { id, issuer, destination: settings.sp_slo_url, now: new Date() };
  }

  async #dispatch(client: SamlClient, message: Parameters<typeof dispatch>[0]): Promise<Dispatch> {
    const signer = await this.#parts.signerOf(client);
    return dispatch(message, { binding: client.settings.sp_slo_binding, signer });
  }

  #at(secret: unknown): ItemKey {
    return { tenantId: this.#parts.tenantId, kind: 'SamlLogoutStep', key: hashSecret(String(secret)) };
  }
}

const OVER =
  'This step of the sign-out is over or was never begun, or the RelayState was changed on its way: you are signed out here';
const GONE = 'This application can no longer be told of the sign-out: go back to the one where you began';
