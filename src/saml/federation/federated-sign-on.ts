/** Sign-on at the identity provider of an organization (contract/saml.md 3): we ask, it answers, the browser that asked goes on. */
import type { Context } from 'koa';
import { invalid } from '../../base/errors.ts';
import type { AppId, ClientId, OrganizationId, TenantId, UserId } from '../../base/ids.ts';
import { hashSecret, newSecret } from '../../base/secrets.ts';
import { isSameBrowser, rememberBrowser } from '../../http/browser-secret.ts';
import type { FederatedMembers, FederatedPerson } from '../../organizations/federated-members.ts';
import { type IdentityProvider, serviceProviderOf } from '../../organizations/identity-provider.ts';
import type { SsoStart } from '../../organizations/sso-start-schema.ts';
import type { EphemeralStore, ItemKey } from '../../storage/ephemeral-store.ts';
import { normalEmail } from '../../users/user.ts';
import { attributeOf, readXml } from '../../xml/read-xml.ts';
import type { IncomingMessage } from '../incoming.ts';
import { newMessageId } from '../message.ts';
import { withReason } from '../request-trust.ts';
import { acceptedSubject, type Subject } from './assertion.ts';
import { authnRequest } from './federated-request.ts';
import { readSignedResponse } from './signed-response.ts';

/** People may have to set up a second factor there. */
const PENDING_SECONDS = 3600;
/** From the answer of the provider to our own next page. */
const ANSWER_SECONDS = 300;
/** An assertion answers one request, so it is worth nothing once that request is over. */
const REPLAY_SECONDS = 2 * PENDING_SECONDS;
/** Our own pages on the way; only they see the cookie. */
const COOKIE_PATH = '/auth/sso';
export const FINISH_PATH = `${COOKIE_PATH}/finish`;
const COOKIE = { name: 'tessera_federation', path: COOKIE_PATH, seconds: PENDING_SECONDS };

/** The redirect family of the authentication API, as far as it is needed here. */
export interface RedirectDoor {
  /** @throws 400, 403 for a client or redirect URI that may not be used so */
  accept(start: { clientId: string; redirectUri?: string }): Promise<AppId>;
  /** Every address that the client has registered. */
  registered(clientId: string): Promise<readonly string[]>;
  /** Checks both again. @returns the URL of a sign-in ticket */
  url(signedIn: {
    clientId: string;
    redirectUri: string;
    organizationId: OrganizationId;
    userId: UserId;
    isNewUser: boolean;
  }): Promise<string>;
}

export interface FederationParts {
  readonly tenantId: TenantId;
  readonly origin: string;
  readonly ephemeral: Pick<EphemeralStore, 'put' | 'get' | 'consume' | 'putIfAbsent'>;
  readonly members: Pick<FederatedMembers, 'providerFor' | 'provider' | 'admit'>;
  readonly redirects: RedirectDoor;
}

type AnyStart = Omit<SsoStart, 'redirect_uri'> & { readonly redirect_uri?: string };

interface Place {
  readonly organizationId: OrganizationId;
  readonly appId: AppId;
}

/** What was asked, by the hash of the request's ID. */
interface Pending extends Place {
  readonly clientId: ClientId;
  /** Absent in the older form until its end. */
  readonly redirectUri?: string;
  /** Hash of the cookie of the browser that asked. */
  readonly browser: string;
  /** Entity ID of the provider that was asked. */
  readonly issuer: string;
}

interface Answered {
  readonly pending: Pending & { readonly redirectUri: string };
  readonly person: FederatedPerson;
}

const nobodyAsked = () =>
  invalid(
    'This sign-in is over, or was not begun in this browser: go back to the application and start again',
  );

export class FederatedSignOn {
  readonly #parts: FederationParts;
  constructor(parts: FederationParts) {
    this.#parts = parts;
  }

  /** @returns the provider, and the request for it. @throws 400, 403, 404 before anything leaves */
  async start(ctx: Context, asked: AnyStart): Promise<{ provider: IdentityProvider; request: string }> {
    const { redirects, members, origin, ephemeral } = this.#parts;
    const { client_id: clientId, redirect_uri: redirectUri, email } = asked;
    const going = redirectUri === undefined ? {} : { redirectUri };
    const appId = await redirects.accept({ clientId, ...going });
    const provider = await members.providerFor(appId, email, asked.org_id as OrganizationId | undefined);
    const { organizationId } = provider;
    const us = serviceProviderOf(origin, { organizationId, appId });
    const id = newMessageId();
    const pending: Pending = {
      ...{
        organizationId,
        appId,
        ...going,
        browser: rememberBrowser(ctx, COOKIE),
        issuer: provider.entityId,
      },
      clientId: clientId as ClientId,
    };
    await ephemeral.put(this.#at('SamlFederation', id), { ...pending }, { ttlSeconds: PENDING_SECONDS });
    const { ssoUrl } = provider;
    const acs = redirectUri === undefined ? {} : { acsUrl: us.acsUrl };
    const request = authnRequest(id, { ssoUrl, issuer: us.entityId, ...acs, now: new Date() });
    return { provider, request };
  }

  /**
   * Takes the provider's answer, once. Whose browser posted it is not known here: a post of another site brings no cookie.
   * @returns the path of ours at which the browser shows that it is the one that asked
   * @param redirectUri of the older form, in which the application passes on what was sent to a page of its own
   * @throws 400 for every answer that is not believed
   */
  async receive(message: IncomingMessage, place: Place, redirectUri?: string): Promise<string> {
    if (message.kind !== 'SAMLResponse') throw invalid('Send a SAMLResponse to the assertion consumer URL');
    const { members, origin, ephemeral } = this.#parts;
    const provider = await members.provider(place);
    const response = readSignedResponse(message.xml, provider.certificates);
    const requestId = response.head.inResponseTo ?? '';
    const pending = await this.#pending(requestId);
    if (pending.organizationId !== place.organizationId || pending.appId !== place.appId) throw nobodyAsked();
    if (pending.issuer !== provider.entityId) throw nobodyAsked();
    const us = serviceProviderOf(origin, place);
    const end = await this.#end(pending, us.acsUrl, redirectUri);
    const { recipients } = end;
    const expected = { issuer: provider.entityId, audience: us.entityId, recipients, requestId };
    const person = withReason(() => {
      const subject = acceptedSubject(response, { ...expected, now: new Date() });
      return { id: subject.assertionId, ...personOf(provider, subject) };
    });
    await this.#assertFirst(provider, requestId, person.id);
    const secret = newSecret();
    const answered: Answered = { pending: { ...pending, redirectUri: end.redirectUri }, person };
    await ephemeral.put(
      this.#at('SamlFederationAnswer', secret),
      { ...answered },
      { ttlSeconds: ANSWER_SECONDS },
    );
    return `${FINISH_PATH}?${new URLSearchParams({ answer: secret })}`;
  }

  /** In the browser that asked. @returns where it goes: a ticket that ends at the redirect URI. @throws 400, 403, 404 */
  async finish(ctx: Context): Promise<string> {
    const { answer } = ctx.query;
    if (typeof answer !== 'string') throw nobodyAsked();
    const { ephemeral, members, redirects } = this.#parts;
    const at = this.#at('SamlFederationAnswer', answer);
    const item = await ephemeral.get(at);
    const found = item?.value as unknown as Answered | undefined;
    if (!found || !isSameBrowser(ctx, COOKIE, found.pending.browser)) throw nobodyAsked();
    if (!(await ephemeral.consume(at))) throw nobodyAsked();
    const { pending, person } = found;
    const { organizationId, appId, clientId, redirectUri } = pending;
    await redirects.accept({ clientId, redirectUri });
    const provider = await members.provider(pending);
    const admitted = await members.admit(provider, { organizationId, appId }, { ...person, ip: ctx.ip });
    return redirects.url({ clientId, redirectUri, organizationId, ...admitted });
  }

  /** The older form is asked for an organization alone: its application is the one that began. @throws 400 */
  async receiveOlder(message: IncomingMessage, asked: Omit<Place, 'appId'> & { redirectUri: string }) {
    const { appId } = await this.#pending(
      withReason(() => attributeOf(readXml(message.xml), 'InResponseTo')) ?? '',
    );
    return this.receive(message, { organizationId: asked.organizationId, appId }, asked.redirectUri);
  }

  /** Where the browser goes, and where the provider may have sent its answer: to us, or to a page that the client registered. */
  async #end({ clientId, ...pending }: Pending, acsUrl: string, redirectUri?: string) {
    const { redirects } = this.#parts;
    if (pending.redirectUri !== undefined && redirectUri === undefined)
      return { redirectUri: pending.redirectUri, recipients: [acsUrl] };
    if (pending.redirectUri !== undefined || redirectUri === undefined) throw nobodyAsked();
    await redirects.accept({ clientId, redirectUri });
    return { redirectUri, recipients: await redirects.registered(clientId) };
  }

  async #pending(requestId: string): Promise<Pending> {
    const item = await this.#parts.ephemeral.get(this.#at('SamlFederation', requestId));
    if (!item || item.consumed) throw nobodyAsked();
    return item.value as unknown as Pending;
  }

  /** One answer to a request, and one use of an assertion. */
  async #assertFirst(provider: IdentityProvider, requestId: string, assertionId: string): Promise<void> {
    const { ephemeral } = this.#parts;
    const at = this.#at('SamlAssertion', `${provider.organizationId} ${provider.entityId} ${assertionId}`);
    const isNew = await ephemeral.putIfAbsent(at, {}, { ttlSeconds: REPLAY_SECONDS });
    if (!isNew) throw invalid('This assertion was used before: start again at the application');
    if (!(await ephemeral.consume(this.#at('SamlFederation', requestId)))) throw nobodyAsked();
  }

  #at(kind: string, secret: string): ItemKey {
    return { tenantId: this.#parts.tenantId, kind, key: hashSecret(secret) };
  }
}

/** @throws 400 where the email is not said once and for all. */
function personOf(provider: IdentityProvider, subject: Subject): FederatedPerson {
  const { emailAttribute, firstNameAttribute, lastNameAttribute } = provider;
  const [email, ...more] = emailAttribute === '' ? [subject.nameId] : subject.values(emailAttribute);
  if (email === undefined || email === '' || more.length > 0)
    throw invalid(
      'The Assertion must name the email of the user, once, as the organization has configured it',
    );
  const firstName = firstNameAttribute === '' ? undefined : subject.values(firstNameAttribute)[0];
  const lastName = lastNameAttribute === '' ? undefined : subject.values(lastNameAttribute)[0];
  return {
    email: normalEmail(email),
    ...(firstName !== undefined && { firstName }),
    ...(lastName !== undefined && { lastName }),
  };
}
