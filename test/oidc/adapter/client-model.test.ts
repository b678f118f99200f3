/** Internal clients exist where somebody has opened the house, and in no other look-up (house-requests.ts, contract C27). */
import { HOUSE_CLIENT_ID } from '../../../src/base/house.ts';
import type { AppId, ClientId, TenantId } from '../../../src/base/ids.ts';
import { DEFAULT_SETTINGS, type OidcClient, type SamlClient } from '../../../src/clients/client.ts';
import { ClientModel } from '../../../src/oidc/adapter/client-model.ts';
import { houseClient } from '../../../src/oidc/adapter/house-client.ts';
import { internalClients } from '../../../src/oidc/adapter/internal-client.ts';
import { withInternalClients, withRequestState } from '../../../src/oidc/request-state.ts';

const tenantId = 't' as TenantId;
const issuer = 'https://login.example.com/oidc';
const saml = {
  ...{ protocol: 'saml', tenantId, clientId: 'wiki' as ClientId, appId: 'a' as AppId, appKind: 'end_user' },
  ...{ name: 'Wiki', appName: 'Shop', appRequiresMfa: false, secrets: [], resourceIds: [], roles: [] },
  settings: { client_group_id: DEFAULT_SETTINGS.client_group_id },
} as unknown as SamlClient;
const model = new ClientModel({
  find: async (_, id) => (id === saml.clientId ? saml : undefined),
  tenantId,
  house: houseClient({ tenantId, issuer, tenant: () => ({ name: 'T' }) }) as () => OidcClient,
  asInternal: internalClients(issuer),
});

describe('an internal client', () => {
  it.each([
    ['outside of any request', <T>(run: () => T) => run()],
    ['in a request that nobody has opened', withRequestState],
  ])('is not there %s', async (_, within) => {
    expect(await within(() => model.find(HOUSE_CLIENT_ID))).toBeUndefined();
    await expect(within(() => model.find('wiki'))).rejects.toThrow('unauthorized_client');
  });

  it('is there in what has begun already, and only inside of it', async () => {
    await withRequestState(async () => {
      for (const id of [HOUSE_CLIENT_ID, 'wiki'])
        expect(await withInternalClients(() => model.find(id))).toMatchObject({ client_id: id });
      expect(await model.find(HOUSE_CLIENT_ID)).toBeUndefined();
    });
  });
});
