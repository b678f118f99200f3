/** The door for sign-ins that begin at the authentication API: who proved what, as a URL that a browser visits once. */
import type { ClientId, OrganizationId, TenantId, UserId } from '../../base/ids.ts';
import { hashSecret, newSecret } from '../../base/secrets.ts';
import type { Factor } from '../../factors/factor.ts';
import type { EphemeralStore, ItemKey } from '../../storage/ephemeral-store.ts';

/** Everything that the authorization request of the redirect family says (authentication.md 1 to 5). */
export interface SignInTicket {
  readonly clientId: ClientId;
  readonly redirectUri: string;
  readonly userId: UserId;
  readonly factor: Factor;
  /** The user was made by this very sign-in. */
  readonly isNewUser: boolean;
  /** The code is given only after two different factors (section 7). */
  readonly requireMfa: boolean;
  readonly responseType: 'code' | 'id_token';
  readonly resource?: string;
  /** The `claims` parameter as JSON text. */
  readonly claims?: string;
  readonly organizationId?: OrganizationId;
  readonly state?: string;
  readonly nonce?: string;
}

export interface SignInTickets {
  /** @returns the absolute URL; a plain GET of it ends at the redirect URI, once, within five minutes. */
  issue(ticket: SignInTicket): Promise<string>;
}

export const TICKET_PARAMETER = 'login_ticket';
/** Kind of the stored item. */
export const TICKET = 'SignInTicket';
/** As long as a browser may take from the API's answer to the visit. */
const TICKET_SECONDS = 300;

export const ticketAt = (tenantId: TenantId, secret: string): ItemKey => ({
  tenantId,
  kind: TICKET,
  key: hashSecret(secret),
});

interface Parts {
  readonly ephemeral: Pick<EphemeralStore, 'put'>;
  readonly tenantId: TenantId;
  readonly issuer: string;
}

export const signInTickets = ({ ephemeral, tenantId, issuer }: Parts): SignInTickets => ({
  async issue(ticket) {
    const secret = newSecret();
    await ephemeral.put(
      ticketAt(tenantId, secret),
      { ...ticket },
      { ttlSeconds: TICKET_SECONDS, userId: ticket.userId },
    );
    const query = new URLSearchParams({ client_id: ticket.clientId, [TICKET_PARAMETER]: secret });
    return `${issuer}/auth?${query}`;
  },
});
