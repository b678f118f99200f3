/** Says which engine model lives where. */
import type { Adapter } from 'oidc-provider';
import type { ClientId, TenantId } from '../../base/ids.ts';
import type { Client } from '../../clients/client.ts';
import type { Sealer } from '../../keys/sealer.ts';
import type { Database } from '../../storage/database.ts';
import type { EphemeralStore } from '../../storage/ephemeral-store.ts';
import { ClientModel } from './client-model.ts';
import { DeviceCodeModel, InteractionModel } from './device-code-model.ts';
import { EphemeralModel } from './ephemeral-model.ts';
import { houseClient } from './house-client.ts';
import { internalClients } from './internal-client.ts';
import { GrantModel, RefreshTokenModel } from './lasting-model.ts';
import { SESSION, SessionModel } from './session-model.ts';
import { SignedTokenModel } from './signed-token-model.ts';
import type { StateReader } from './state-reader.ts';

interface Parts {
  readonly db: Database;
  readonly tenantId: TenantId;
  readonly sealer: Sealer;
  readonly ephemeral: EphemeralStore;
  readonly states: StateReader;
  readonly findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
  readonly graceSeconds: () => number;
  readonly issuer: string;
  readonly tenant: () => { readonly name: string };
  readonly prepareLifetimes: (resourceUri: string | undefined) => Promise<void>;
}

export const modelAdapter = (parts: Parts) => {
  const house = houseClient(parts);
  const asInternal = internalClients(parts.issuer);
  const ephemeral = (kind: string) => ({
    store: parts.ephemeral,
    tenantId: parts.tenantId,
    kind,
    endGrant: (grantId: string) => new GrantModel(parts).destroy(grantId),
  });
  return (name: string): Adapter => {
    switch (name) {
      case 'Client':
        return new ClientModel({ find: parts.findClient, tenantId: parts.tenantId, house, asInternal });
      case 'AccessToken':
      case 'ClientCredentials':
        return new SignedTokenModel({ ...parts, kind: name });
      case 'Grant':
        return new GrantModel(parts);
      case 'RefreshToken':
        return new RefreshTokenModel(parts);
      case SESSION:
        return new SessionModel(parts);
      case 'DeviceCode':
        return new DeviceCodeModel(ephemeral(name), parts);
      case 'Interaction':
        return new InteractionModel(ephemeral(name), parts);
      default:
        return new EphemeralModel(ephemeral(name));
    }
  };
};
