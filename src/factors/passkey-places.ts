/** Finds the place of a passkey ceremony by the client that asks for it. */
import { ApplicationStore } from '../applications/application-store.ts';
import { houseApplication } from '../applications/house-application.ts';
import { HOUSE_CLIENT_ID } from '../base/house.ts';
import type { ClientId, TenantId } from '../base/ids.ts';
import type { Client } from '../clients/client.ts';
import type { Database } from '../storage/database.ts';
import { clientNotFound, samlClientRefused } from './factor-faults.ts';
import { partyOfApplication, partyOfHostedPages, type RelyingParty } from './passkey-party.ts';
import type { CeremonyPlace } from './passkey-session.ts';

interface Parts {
  readonly db: Database;
  readonly findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
  readonly publicUrl: URL;
  readonly houseName: () => string;
}

export class PasskeyPlaces {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * On the application's own pages. @throws 404 `client_not_found`, 400 for a SAML client, 403 where the application has no
   * passkey settings
   */
  async ofApplication(tenantId: TenantId, clientId: ClientId): Promise<CeremonyPlace> {
    if ((await this.#parts.findClient(tenantId, clientId))?.protocol === 'saml') throw samlClientRefused();
    return this.#of(tenantId, clientId, partyOfApplication);
  }

  /** On the hosted pages, for a sign-in to this client or to the account pages. @throws 404 `client_not_found` */
  async ofHostedPages(tenantId: TenantId, clientId: ClientId): Promise<CeremonyPlace> {
    if (clientId === HOUSE_CLIENT_ID) return this.ofHouse(tenantId);
    return this.#of(tenantId, clientId, (application) =>
      partyOfHostedPages(application, this.#parts.publicUrl),
    );
  }

  /** On the account pages: as good as one of any application's hosted pages. */
  ofHouse(tenantId: TenantId): CeremonyPlace {
    const { houseName, publicUrl } = this.#parts;
    const house = houseApplication(tenantId, houseName());
    const party = partyOfHostedPages(house, publicUrl);
    return { tenantId, clientId: HOUSE_CLIENT_ID, appId: house.appId, party };
  }

  async #of(
    tenantId: TenantId,
    clientId: ClientId,
    partyOf: (application: Parameters<typeof partyOfApplication>[0]) => RelyingParty,
  ): Promise<CeremonyPlace> {
    const client = await this.#parts.findClient(tenantId, clientId);
    const application = client && (await new ApplicationStore(this.#parts.db).find(tenantId, client.appId));
    if (!application) throw clientNotFound();
    return { tenantId, clientId, appId: application.appId, party: partyOf(application) };
  }
}
