/** Checks a request of the redirect family when it comes in, and turns a proved factor into the URL that ends it. */
import { invalid } from '../base/errors.ts';
import type { OrganizationId, TenantId, UserId } from '../base/ids.ts';
import { signsInOnPagesOnly } from '../clients/client-group.ts';
import type { Factor } from '../factors/factor.ts';
import type { SignInTickets } from '../oidc/sessions/sign-in-ticket.ts';
import type { Resource } from '../resources/resource.ts';
import type { CallingClient } from './calling-client.ts';

/** As the bodies have it. */
export interface RedirectBody {
  readonly redirect_uri: string;
  readonly resource?: string | undefined;
  readonly require_mfa?: boolean | undefined;
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  readonly org_id?: string | undefined;
}

/** Kept between the calls of one sign-in; plain JSON. */
export interface RedirectRequest {
  readonly redirectUri: string;
  readonly requireMfa: boolean;
  readonly resource?: string;
  readonly claims?: string;
  readonly organizationId?: OrganizationId;
}

export interface RedirectParts {
  readonly tickets: SignInTickets;
  readonly tenantId: TenantId;
  findResource(uri: string): Promise<Resource | undefined>;
  isRedirectUri(client: CallingClient['client'], uri: string): boolean;
}

export class RedirectSignIns {
  readonly #parts: RedirectParts;
  constructor(parts: RedirectParts) {
    this.#parts = parts;
  }

  /** @throws 400 for what the client may not ask for: everything is found before a message is sent. */
  async accept({ client, application }: CallingClient, body: RedirectBody): Promise<RedirectRequest> {
    this.assertRedirectUri({ client }, body.redirect_uri);
    refuseByPolicy(client);
    await this.#assertResource(client, body.resource);
    const isMfaApp = application.settings.hosted_login.mfa === 'required';
    return {
      redirectUri: body.redirect_uri,
      requireMfa: body.require_mfa === true || isMfaApp,
      ...(body.resource !== undefined && { resource: body.resource }),
      ...(body.claims && { claims: JSON.stringify(body.claims) }),
      ...(body.org_id !== undefined && { organizationId: body.org_id as OrganizationId }),
    };
  }

  /** @throws 400 for an address that the client has not registered */
  assertRedirectUri({ client }: Pick<CallingClient, 'client'>, uri: string): void {
    if (!this.#parts.isRedirectUri(client, uri))
      throw invalid('redirect_uri is not one of the allowed redirect URIs configured for this app');
  }

  /** An absolute URL that a browser visits once, within five minutes. */
  url(
    { client }: Pick<CallingClient, 'client'>,
    request: RedirectRequest,
    proved: {
      readonly userId: UserId;
      readonly factor: Factor;
      readonly isNewUser?: boolean;
      readonly responseType?: 'code' | 'id_token';
      readonly nonce?: string;
      readonly state?: string;
    },
  ): Promise<string> {
    return this.#parts.tickets.issue({
      isNewUser: false,
      responseType: 'code',
      ...request,
      ...proved,
      clientId: client.clientId,
    });
  }

  async #assertResource(client: CallingClient['client'], uri: string | undefined): Promise<void> {
    if (uri === undefined) return;
    const resource = await this.#parts.findResource(uri);
    if (!resource || !client.resourceIds.includes(resource.resourceId))
      throw invalid('resource is not on the list of this client');
  }
}

/** These calls run no policy of a client group, and carry neither a code challenge nor a pushed request, and what the client demands is not waived. */
function refuseByPolicy(client: CallingClient['client']): void {
  const { settings } = client;
  if (signsInOnPagesOnly(client))
    throw invalid(
      'The client group of this client has a sign-in policy: users sign in through the authorization endpoint only',
    );
  if (settings.fapi_version_compliancy)
    throw invalid('A FAPI client signs users in through the authorization endpoint only');
  if (settings.enforce_par) throw invalid('This client must push its authorization requests (enforce_par)');
  if (settings.pkce !== 'allowPkceAlongsideClientCredentials')
    throw invalid('This client must use PKCE: start at the authorization endpoint');
}
