/** In whose name a call of the authentication API acts: the client of the token, its application, and what mails say. */

import type { Application } from '../applications/application.ts';
import { senderOf } from '../applications/application-sender.ts';
import { forbidden, invalid, unauthorized } from '../base/errors.ts';
import type { AppId, ClientId, TenantId } from '../base/ids.ts';
import type { Client, OidcClient } from '../clients/client.ts';
import type { Sender } from '../factors/sign-in-messages.ts';

export interface CallingClient {
  readonly client: OidcClient;
  readonly application: Application;
  readonly sender: Sender;
}

export interface CallingClientParts {
  readonly tenantId: TenantId;
  findClient(tenantId: TenantId, clientId: ClientId): Promise<Client | undefined>;
  findApplication(tenantId: TenantId, appId: AppId): Promise<Application | undefined>;
}

/**
 * @throws 400 for a SAML client (contract C27) and a client that is not there; 403 for a third-party client and a
 * client of a management application, whose users sign in on the hosted pages or not at all
 */
export const callingClient =
  ({ tenantId, findClient, findApplication }: CallingClientParts) =>
  async (clientId: string): Promise<CallingClient> => {
    const client = clientId.includes('\0') ? undefined : await findClient(tenantId, clientId as ClientId);
    if (!client) throw invalid('client_id names no client of this server');
    if (client.protocol === 'saml') throw invalid('A SAML client cannot be used with the authentication API');
    if (client.settings.is_third_party)
      throw forbidden('A third-party client cannot be used with the authentication API');
    if (client.appKind === 'management')
      throw forbidden('A client of a management application signs nobody in');
    const application = await findApplication(tenantId, client.appId);
    if (!application) throw unauthorized();
    return { client, application, sender: senderOf(application) };
  };
