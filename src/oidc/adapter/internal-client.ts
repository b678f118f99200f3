/** SAML clients as the engine sees them: clients of ours, without credentials, whose answers go to the SAML face alone. */
import { HOUSE_CLIENT_ID } from '../../base/house.ts';
import { DEFAULT_SETTINGS, type OidcClient, type SamlClient } from '../../clients/client.ts';
import { SAML_CALLBACK } from '../sessions/login-handoff.ts';

const shown = new WeakSet<OidcClient>();

/** One object for each stored client as it is now: what is derived from it is kept by it. */
export function internalClients(issuer: string): (client: SamlClient) => OidcClient {
  const known = new WeakMap<SamlClient, OidcClient>();
  const redirectUri = new URL(SAML_CALLBACK, issuer).href;
  return (client) => {
    const found = known.get(client) ?? asOidcClient(client, redirectUri);
    known.set(client, found);
    return found;
  };
}

/** Sign-in, second factor, account choice, branding and sign-out are those of any client of the application. */
function asOidcClient(client: SamlClient, redirectUri: string): OidcClient {
  const { settings, spEntityId: _, certificate: __, ...head } = client;
  const internal: OidcClient = {
    ...head,
    protocol: 'oidc',
    secrets: [],
    settings: {
      ...DEFAULT_SETTINGS,
      redirect_uris: [redirectUri],
      client_group_id: settings.client_group_id,
    },
  };
  shown.add(internal);
  return internal;
}

export const isInternal = (client: OidcClient): boolean =>
  client.clientId === HOUSE_CLIENT_ID || shown.has(client);
