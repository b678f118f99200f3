/** Builds the parts of passkeys, for the map of the house. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { ClientId, TenantId } from '../base/ids.ts';
import type { Client } from '../clients/client.ts';
import type { Sealer } from '../keys/sealer.ts';
import type { Database } from '../storage/database.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import type { GuessLimiter } from '../users/guess-limiter.ts';
import type { UserService } from '../users/user-service.ts';
import { BoundTickets } from './bound-tickets.ts';
import { CrossDevicePasskeys } from './cross-device-passkeys.ts';
import { CrossDeviceSessions } from './cross-device-session.ts';
import { CrossDeviceTickets } from './cross-device-ticket.ts';
import { PasskeyAuthentication } from './passkey-authentication.ts';
import { ExternalPasskeys } from './passkey-external.ts';
import { PasskeyHints } from './passkey-hint.ts';
import { PasskeyPlaces } from './passkey-places.ts';
import { PasskeyRegistration } from './passkey-registration.ts';
import { PasskeySessions } from './passkey-session.ts';

interface Parts {
  readonly db: Database;
  readonly ephemeral: EphemeralStore;
  readonly audit: AuditLog;
  readonly limiter: Pick<GuessLimiter, 'guess'>;
  readonly sealer: Pick<Sealer, 'derive' | 'seal' | 'open'>;
  readonly users: Pick<UserService, 'create'>;
  readonly findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
  readonly publicUrl: URL;
  readonly houseName: () => string;
}

export function passkeys(parts: Parts) {
  const sessions = new PasskeySessions(parts.ephemeral);
  const places = new PasskeyPlaces(parts);
  const handleKey = parts.sealer.derive('passkey user handles');
  const registration = new PasskeyRegistration({ ...parts, sessions, handleKey });
  const authentication = new PasskeyAuthentication({ ...parts, sessions });
  const external = new ExternalPasskeys({ ...parts, places, registration });
  const crossDeviceSessions = new CrossDeviceSessions(parts);
  const tickets = new CrossDeviceTickets(parts.ephemeral);
  const boundTickets = new BoundTickets({ tickets, ephemeral: parts.ephemeral });
  const ceremonies = { places, registration, authentication, external };
  return {
    ...ceremonies,
    hints: new PasskeyHints(parts),
    crossDevice: new CrossDevicePasskeys({
      ...ceremonies,
      tickets,
      boundTickets,
      sessions: crossDeviceSessions,
    }),
    crossDeviceSessions,
    crossDeviceTickets: tickets,
    boundTickets,
  };
}
