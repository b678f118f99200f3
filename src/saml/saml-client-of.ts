/** Finds the SAML client of an address. */
import { notFound } from '../base/errors.ts';
import type { ClientId, TenantId } from '../base/ids.ts';
import type { Client, SamlClient } from '../clients/client.ts';
import { isStorable } from '../http/validate.ts';

type Find = (clientId: string) => Promise<SamlClient | undefined>;

/** Undefined for an id that is none, or one of an OIDC client. */
export const samlClientFinder =
  (
    findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>,
    tenantId: TenantId,
  ): Find =>
  async (id) => {
    const client = isStorable(id) ? await findClient(tenantId, id as ClientId) : undefined;
    return client?.protocol === 'saml' ? client : undefined;
  };

/** The same where there has to be one. @throws 404 */
export const foundOr404 =
  (find: Find): ((clientId: string) => Promise<SamlClient>) =>
  async (id) => {
    const client = await find(id);
    if (!client) throw notFound('There is no SAML client with this ID');
    return client;
  };
