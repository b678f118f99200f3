/** Single sign-on (contract/saml.md 1.2): a request or an administrator's link, the login of the engine, the response. */
import type { Context } from 'koa';
import { invalid } from '../base/errors.ts';
import type { TenantId } from '../base/ids.ts';
import { hashSecret, newSecret } from '../base/secrets.ts';
import type { SamlClient } from '../clients/client.ts';
import { samlEndpoints } from '../clients/saml-client.ts';
import type { LoginAnswer, LoginHandoff } from '../oidc/sessions/login-handoff.ts';
import type { EphemeralStore, ItemKey } from '../storage/ephemeral-store.ts';
import { type AuthnRequest, type RequestedContexts, readAuthnRequest } from './authn-request.ts';
import { consumerUrl, defaultConsumerUrl, isConsumerUrl } from './consumer.ts';
import type { IncomingMessage } from './incoming.ts';
import { assertAddressed, assertNew, trustedRoot, withReason } from './request-trust.ts';
import { PASSWORD_CONTEXT, POST_BINDING, UNSPECIFIED_CONTEXT } from './saml-names.ts';
import { SamlStatus } from './saml-status.ts';
import { requestedType } from './subject.ts';

/** Seconds for which a sign-in may take, as at the handoff. */
const PENDING_SECONDS = 3600;
const PURPOSE = 'saml';
const CENTRALIZED = 'urn:transmit:centralized';
/** RFC 8176. */
const PASSWORD = 'pwd';

/** What was asked for, while the user signs in. */
export interface PendingSignOn {
  readonly clientId: string;
  readonly acsUrl: string;
  readonly inResponseTo?: string;
  readonly relayState?: string;
  readonly forceAuthn: boolean;
  readonly isPassive: boolean;
  readonly nameIdFormat?: string;
  readonly spNameQualifier?: string;
  readonly subject?: string;
  readonly contexts?: RequestedContexts;
  readonly protocolBinding?: string;
  /** The user was sent to the sign-in again, for the asked context. */
  readonly isRetried?: boolean;
}

export interface SignOnParts {
  readonly tenantId: TenantId;
  readonly origin: string;
  readonly handoff: LoginHandoff;
  readonly ephemeral: Pick<EphemeralStore, 'put' | 'get' | 'consume' | 'putIfAbsent'>;
}

/** What became of a sign-in: who it is, or what the provider is told instead. */
export interface EndedSignOn {
  readonly pending: PendingSignOn;
  readonly answer: LoginAnswer | SamlStatus;
}

export class SignOn {
  readonly #parts: SignOnParts;
  constructor(parts: SignOnParts) {
    this.#parts = parts;
  }

  /**
   * Takes a request of the provider. @returns what it asks for
   * @throws 400 before the provider is proven: nothing is sent anywhere then
   */
  async accept(client: SamlClient, message: IncomingMessage): Promise<PendingSignOn> {
    if (message.kind !== 'SAMLRequest') throw invalid('Send a SAMLRequest to the SSO URL');
    const { root } = trustedRoot(message, client);
    const request = withReason(() => readAuthnRequest(root));
    const { tenantId, origin, ephemeral } = this.#parts;
    const destination = samlEndpoints(origin, client.clientId).ssoUrl;
    const expectation = { tenantId, client, destination, now: new Date(), ephemeral };
    assertAddressed(request, expectation);
    const acsUrl = consumerUrl(client, request);
    await assertNew(request, expectation);
    return pendingOf(client, request, { acsUrl, relayState: message.relayState });
  }

  /** Begins without a request. @throws 400 where the client does not want that */
  unasked(client: SamlClient, relayState: string | undefined): PendingSignOn {
    if (!client.settings.idp_initiated)
      throw invalid('This application does not accept a sign-in that it did not ask for: start there');
    return {
      clientId: client.clientId,
      acsUrl: defaultConsumerUrl(client.settings),
      ...(relayState !== undefined && { relayState }),
      forceAuthn: false,
      isPassive: false,
    };
  }

  /** Keeps it, for the next request of the browser: one that carries our cookies, which a post of another site does not. */
  async keep(pending: PendingSignOn): Promise<string> {
    const secret = newSecret();
    await this.#parts.ephemeral.put(this.#at(secret), { ...pending }, { ttlSeconds: PENDING_SECONDS });
    return secret;
  }

  /** @throws 400 for one that is unknown, over, or of another client */
  async find(clientId: string, secret: unknown): Promise<PendingSignOn> {
    const item = typeof secret === 'string' ? await this.#parts.ephemeral.get(this.#at(secret)) : undefined;
    const pending = item?.value as unknown as PendingSignOn | undefined;
    if (!pending || item?.consumed || pending.clientId !== clientId)
      throw invalid(
        'This sign-in is over or was never begun: go back to the application and sign in from there again',
      );
    return pending;
  }

  /** Sends the browser to the login. @throws SamlStatus for what this client's sign-in never does */
  async begin(ctx: Context, client: SamlClient, pending: PendingSignOn, secret: string): Promise<void> {
    assertSupported(client, pending);
    const wantsAnew = pending.forceAuthn || pending.isRetried;
    await this.#parts.handoff.start(ctx, {
      returnTo: `/saml/${encodeURIComponent(client.clientId)}/respond?${new URLSearchParams({ request: secret })}`,
      purpose: PURPOSE,
      samlClientId: client.clientId,
      ...(pending.isPassive ? { prompt: 'none' as const } : wantsAnew && { prompt: 'login' as const }),
      ...(pending.subject !== undefined && { loginHint: pending.subject }),
      ...(isForHub(client) && { acrValues: CENTRALIZED }),
    });
  }

  /**
   * Takes the answer of the login, once, and the request that it belongs to.
   * @returns `again` where the user has to sign in another way first.
   * @throws 400 for an answer that belongs to another browser or request
   */
  async finish(ctx: Context): Promise<EndedSignOn | { readonly again: PendingSignOn }> {
    const outcome = await this.#parts.handoff.answer(ctx, PURPOSE);
    if (outcome.outcome === 'foreign')
      throw invalid(
        'This sign-in was begun in another browser, or is over: go back to the application and sign in from there again',
      );
    const { clientId, secret } = whereTo(outcome.returnTo);
    const pending = await this.find(clientId, secret);
    if (!(await this.#parts.ephemeral.consume(this.#at(secret))))
      throw invalid(
        'This sign-in was answered already: go back to the application and sign in from there again',
      );
    if (outcome.outcome === 'refused') return { pending, answer: refusalOf(outcome.error, pending) };
    const unmet = unmetContext(pending.contexts, outcome.answer.amr);
    if (!unmet) return { pending, answer: outcome.answer };
    if (pending.isRetried || pending.isPassive || pending.forceAuthn) return { pending, answer: unmet };
    return { again: { ...pending, isRetried: true } };
  }

  #at(secret: string): ItemKey {
    return { tenantId: this.#parts.tenantId, kind: 'SamlSignOn', key: hashSecret(secret) };
  }
}

/** Whether the place where an answer may go is still registered; the client may have been changed meanwhile. */
export function assertStillRegistered(client: SamlClient, { acsUrl }: PendingSignOn): void {
  if (!isConsumerUrl(client, acsUrl))
    throw invalid(
      'The assertion consumer URL of this sign-in is not registered any more: start again at the application',
    );
}

/** The authentication context of a session with these methods (saml.md 1.5). */
export const contextOf = (amr: readonly string[]): string =>
  amr.includes(PASSWORD) ? PASSWORD_CONTEXT : UNSPECIFIED_CONTEXT;

function pendingOf(
  client: SamlClient,
  request: AuthnRequest,
  { acsUrl, relayState }: { acsUrl: string; relayState: string | undefined },
): PendingSignOn {
  const optional = {
    relayState,
    nameIdFormat: request.nameIdFormat,
    spNameQualifier: request.spNameQualifier,
    subject: request.subject,
    contexts: request.contexts,
    protocolBinding: request.protocolBinding,
  };
  return {
    clientId: client.clientId,
    acsUrl,
    inResponseTo: request.id,
    forceAuthn: request.forceAuthn,
    isPassive: request.isPassive,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

/** The right mechanism (R124): a client group signs people in by its own policy, so that the hub is not asked. */
const isForHub = ({ settings, group }: SamlClient): boolean =>
  settings.use_centralized_login && group === undefined;

/** What can be said before anybody signs in. */
function assertSupported(client: SamlClient, pending: PendingSignOn): void {
  const { supported_prompts: prompts, sp_name_id_type: nameIdType } = client.settings;
  if ((pending.protocolBinding ?? POST_BINDING) !== POST_BINDING)
    throw new SamlStatus(
      'requester',
      'unsupportedBinding',
      'Responses are sent by the HTTP-POST binding only',
    );
  if (pending.forceAuthn && pending.isPassive)
    throw new SamlStatus('responder', 'noPassive', 'ForceAuthn cannot be met without a page');
  for (const [asks, prompt, name] of [
    [pending.forceAuthn, 'login', 'ForceAuthn'],
    [pending.isPassive, 'none', 'IsPassive'],
  ] as const)
    if (asks && !prompts.includes(prompt))
      throw new SamlStatus(
        'responder',
        'requestUnsupported',
        `${name} needs the prompt "${prompt}", which this client does not support`,
      );
  requestedType(nameIdType, pending.nameIdFormat);
  if (pending.spNameQualifier !== undefined && pending.spNameQualifier !== client.spEntityId)
    throw new SamlStatus(
      'requester',
      'invalidNameIdPolicy',
      'The SPNameQualifier must be the entity ID of the provider itself',
    );
  const { contexts } = pending;
  if (contexts?.classes.every((name) => name !== PASSWORD_CONTEXT && name !== UNSPECIFIED_CONTEXT))
    throw new SamlStatus(
      'responder',
      'noAuthnContext',
      `None of the requested authentication contexts is available; known are ${PASSWORD_CONTEXT} and ${UNSPECIFIED_CONTEXT}`,
    );
}

/** SAML core 3.3.2.2.1: undefined where what was proved is what was asked for. */
export function unmetContext(
  contexts: RequestedContexts | undefined,
  amr: readonly string[],
): SamlStatus | undefined {
  const met = contextOf(amr);
  if (!contexts || contexts.comparison === 'minimum' || contexts.comparison === 'maximum') return undefined;
  if (contexts.comparison === 'exact' && contexts.classes.includes(met)) return undefined;
  if (contexts.comparison === 'exact' && contexts.classes.includes(UNSPECIFIED_CONTEXT)) return undefined;
  return new SamlStatus(
    'responder',
    'noAuthnContext',
    `The user signed in by other means than the requested ${PASSWORD_CONTEXT}; do not request a context to allow them`,
  );
}

/** The errors with which the engine says that a page would have been needed. */
const NEEDS_PAGE = [
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
];

function refusalOf(error: string, { isPassive }: PendingSignOn): SamlStatus {
  if (isPassive && NEEDS_PAGE.includes(error))
    return new SamlStatus('responder', 'noPassive', 'The user would have to be shown a page first');
  return new SamlStatus('responder', 'authnFailed', 'The user did not sign in');
}

function whereTo(returnTo: string): { clientId: string; secret: string } {
  const url = new URL(returnTo, 'https://own.invalid');
  return {
    clientId: decodeURIComponent(url.pathname.split('/')[2] ?? ''),
    secret: url.searchParams.get('request') ?? '',
  };
}
