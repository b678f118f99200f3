/** Sign-on of service providers of the older form (contract/saml.md 2): the application signed the user in, and relays the request. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { UserCaller } from '../base/caller.ts';
import { invalid, unauthorized } from '../base/errors.ts';
import type { AppId, ServiceProviderId, TenantId, UserId } from '../base/ids.ts';
import { hashSecret, newSecret } from '../base/secrets.ts';
import { DEFAULT_SAML_SETTINGS } from '../clients/saml-client.ts';
import { fitting } from '../clients/signature-algorithm.ts';
import type { Signer } from '../keys/saml-certificates.ts';
import { type ServiceProvider, serviceProviderEndpoints } from '../service-providers/service-provider.ts';
import { serviceProviderMissing } from '../service-providers/service-provider-service.ts';
import type { Database } from '../storage/database.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import { readXml } from '../xml/read-xml.ts';
import { type AuthnRequest, readAuthnRequest } from './authn-request.ts';
import type { RelayedMessage } from './incoming.ts';
import { assertConsumer, assertFresh, refusalOf } from './legacy-request.ts';
import { assertAddressed, assertNew, withReason } from './request-trust.ts';
import type { Reply } from './respond.ts';
import { type ResponseSigner, refusalResponse, successResponse } from './response.ts';
import { NAME_ID } from './saml-names.ts';
import { contextOf } from './sign-on.ts';

/** What a SAML client could choose: the assertion is signed, too, and never encrypted, as no certificate is known. */
const SETTINGS = DEFAULT_SAML_SETTINGS;

export interface LegacySignOnParts {
  readonly tenantId: TenantId;
  readonly origin: string;
  readonly db: Database;
  readonly audit: AuditLog;
  readonly ephemeral: Pick<EphemeralStore, 'putIfAbsent'>;
  readonly providers: {
    find(tenantId: TenantId, id: ServiceProviderId): Promise<ServiceProvider | undefined>;
  };
  readonly applications: {
    find(
      tenantId: TenantId,
      appId: AppId,
    ): Promise<{ readonly settings: { readonly service_providers: readonly string[] } } | undefined>;
  };
  readonly certificates: {
    signer(tenantId: TenantId, owner: { serviceProviderId: ServiceProviderId }): Promise<Signer>;
  };
  readonly sessions: SessionsOfUsers;
}

/** Where a token's session is looked for: in a browser, or with an application. */
export interface SessionsOfUsers {
  inBrowser(userId: UserId): Promise<readonly { readonly uid: string; readonly expiresAt: Date }[]>;
  atApplication(sid: string): Promise<{ readonly userId: UserId } | undefined>;
}

/** A sign-in as far as a response tells of it. */
interface SignedIn {
  readonly authTime: number;
  readonly sessionIndex: string;
  readonly sessionEndsAt: Date | undefined;
}

export class LegacySignOn {
  readonly #parts: LegacySignOnParts;
  constructor(parts: LegacySignOnParts) {
    this.#parts = parts;
  }

  /**
   * The response for the provider that the bearer's application uses.
   * @throws 404 for another provider, 401 where the user has signed out, 400 where the request is not this provider's: nothing is
   * sent to anybody then
   */
  async answer(caller: UserCaller, id: ServiceProviderId, relayed: RelayedMessage): Promise<Reply> {
    const provider = await this.#usedBy(caller, id);
    const signedIn = await this.#signedIn(caller, provider);
    const request =
      relayed.xml === undefined ? undefined : await this.#accepted(provider, relayed.xml, signedIn);
    const response = await this.#respond(caller, provider, signedIn, request);
    return {
      acsUrl: provider.assertionConsumerServiceUrl,
      response: Buffer.from(response).toString('base64'),
      relayState: relayed.relayState,
    };
  }

  /** What signs for this provider now. */
  async signerOf({ serviceProviderId }: ServiceProvider): Promise<ResponseSigner> {
    const { tenantId, certificates } = this.#parts;
    const signer = await certificates.signer(tenantId, { serviceProviderId });
    return { ...signer, algorithm: fitting(SETTINGS.signature_algorithm, signer.keyType) };
  }

  /** One answer for what is not there, and for what the application does not use. */
  async #usedBy({ appId }: UserCaller, id: ServiceProviderId): Promise<ServiceProvider> {
    const { tenantId, applications, providers } = this.#parts;
    const application = await applications.find(tenantId, appId);
    const isUsed = application?.settings.service_providers.includes(id) ?? false;
    const provider = isUsed ? await providers.find(tenantId, id) : undefined;
    if (!provider) throw serviceProviderMissing();
    return provider;
  }

  /**
   * A token outlives its session (tokens-and-sessions.md 5), but an assertion says that there is one. A token that never had a
   * session, as that of the password grant, is enough by itself.
   */
  async #signedIn(
    { userId, sessionUid, authTime }: UserCaller,
    { serviceProviderId }: ServiceProvider,
  ): Promise<SignedIn> {
    if (authTime === undefined)
      throw invalid('The token does not say when the user signed in: have the user sign in again');
    if (sessionUid === undefined) return { authTime, sessionIndex: newSecret(), sessionEndsAt: undefined };
    const { sessions } = this.#parts;
    const inBrowser = (await sessions.inBrowser(userId)).find(({ uid }) => uid === sessionUid);
    if (!inBrowser && (await sessions.atApplication(sessionUid))?.userId !== userId) throw unauthorized();
    // Of its own for every provider: nobody can compare notes.
    const sessionIndex = hashSecret(`${serviceProviderId} ${sessionUid}`);
    return { authTime, sessionIndex, sessionEndsAt: inBrowser?.expiresAt };
  }

  async #accepted(provider: ServiceProvider, xml: string, { authTime }: SignedIn): Promise<AuthnRequest> {
    const request = withReason(() => readAuthnRequest(readXml(xml)));
    const { tenantId, ephemeral } = this.#parts;
    const expectation = {
      tenantId,
      client: {
        clientId: `service-provider ${provider.serviceProviderId}`,
        spEntityId: provider.entityId,
        settings: SETTINGS,
      },
      // That of the application's sign-in page, where the provider sent it.
      destination: undefined,
      now: new Date(),
      ephemeral,
    };
    assertAddressed(request, expectation);
    assertConsumer(provider, request);
    assertFresh(request, authTime);
    await assertNew(request, expectation);
    return request;
  }

  async #respond(
    { userId, clientId, appId, amr = [] }: UserCaller,
    provider: ServiceProvider,
    { authTime, ...session }: SignedIn,
    request: AuthnRequest | undefined,
  ): Promise<string> {
    const { origin } = this.#parts;
    const { issuer } = serviceProviderEndpoints(origin, provider.serviceProviderId);
    const addressed = { issuer, acsUrl: provider.assertionConsumerServiceUrl, inResponseTo: request?.id };
    const by = { signer: await this.signerOf(provider), now: new Date() };
    const refusal = request && refusalOf(request, provider, { userId, amr });
    if (refusal) return refusalResponse(addressed, refusal, by);
    const response = await successResponse(
      addressed,
      {
        audience: provider.entityId,
        nameId: {
          value: userId,
          format: NAME_ID.persistent,
          ...(provider.nameQualifier !== '' && { nameQualifier: provider.nameQualifier }),
        },
        attributes: [],
        authnContext: contextOf(amr),
        authenticatedAt: new Date(authTime * 1000),
        ...session,
      },
      { ...by, settings: SETTINGS },
    );
    const { audit, db, tenantId } = this.#parts;
    await audit.record(db, {
      tenantId,
      type: 'saml.signed_in',
      actor: { kind: 'user', id: userId },
      subject: userId,
      details: { appId, clientId, serviceProviderId: provider.serviceProviderId },
    });
    return response;
  }
}
