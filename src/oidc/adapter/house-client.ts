/** The client in whose name our own pages ask for a login: in no table, without credentials, with one redirect URI. */
import { HOUSE_APP_ID, HOUSE_CLIENT_ID } from '../../base/house.ts';
import type { TenantId } from '../../base/ids.ts';
import { DEFAULT_SETTINGS, type OidcClient } from '../../clients/client.ts';
import { HOUSE_CALLBACK } from '../sessions/login-handoff.ts';

interface Parts {
  readonly tenantId: TenantId;
  readonly issuer: string;
  readonly tenant: () => { readonly name: string };
}

/** One object for as long as the tenant's name stays: what is derived from it is kept by it. */
export function houseClient({ tenantId, issuer, tenant }: Parts): () => OidcClient {
  let known: OidcClient | undefined;
  return () => {
    const { name } = tenant();
    if (known?.name !== name) known = build(tenantId, name, new URL(HOUSE_CALLBACK, issuer).href);
    return known;
  };
}

const build = (tenantId: TenantId, name: string, redirectUri: string): OidcClient => ({
  protocol: 'oidc',
  tenantId,
  clientId: HOUSE_CLIENT_ID,
  appId: HOUSE_APP_ID,
  appKind: 'end_user',
  appName: name,
  appRequiresMfa: false,
  isDefault: false,
  name,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  secrets: [],
  resourceIds: [],
  roles: [],
  settings: { ...DEFAULT_SETTINGS, redirect_uris: [redirectUri] },
});
