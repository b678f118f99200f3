/** Magic links of the redirect family: mailed, and opened by the user's browser (contract/authentication.md 3). */
import { magicLinkSettings } from '../applications/sign-in-settings.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { AppError, invalid } from '../base/errors.ts';
import type { ClientId, TenantId } from '../base/ids.ts';
import type { OneTimeLinks } from '../factors/one-time-link.ts';
import type { SignInMessages } from '../factors/sign-in-messages.ts';
import type { Database } from '../storage/database.ts';
import type { Language } from '../texts/language.ts';
import { normalEmail } from '../users/user.ts';
import { languageOf } from './backend-users.ts';
import type { CallingClient, callingClient } from './calling-client.ts';
import type { SendLink } from './link-schema.ts';
import type { ExpectedArrival, RedirectArrivals } from './redirect-arrivals.ts';
import type { RedirectRequest, RedirectSignIns } from './redirect-request.ts';
import { type ClientAttributes, type Device, isSameDevice } from './same-device.ts';

interface Payload {
  readonly clientId: ClientId;
  readonly request: RedirectRequest;
  readonly arrival: ExpectedArrival;
  readonly language: Language;
  readonly clientAttributes?: ClientAttributes;
}

/** What came of opening a link. */
export type OpenedLink =
  | { readonly outcome: 'in'; readonly url: string }
  | { readonly outcome: 'over' | 'otherDevice' | 'refused'; readonly language?: Language };

export interface RedirectLinkParts {
  readonly db: Database;
  readonly audit: AuditLog;
  readonly links: OneTimeLinks;
  readonly signInMessages: Pick<SignInMessages, 'assertNotTooOften' | 'mail'>;
  readonly arrivals: RedirectArrivals;
  readonly redirects: Pick<RedirectSignIns, 'accept' | 'url'>;
  readonly clientOf: ReturnType<typeof callingClient>;
  readonly tenantId: TenantId;
  /** The configured public address; what a request says about hosts has no say. */
  readonly origin: string;
}

const PURPOSE = 'sign_in_link';
export const LINK_PATH = '/auth/link';

export class RedirectLinks {
  readonly #parts: RedirectLinkParts;
  constructor(parts: RedirectLinkParts) {
    this.#parts = parts;
  }

  /** @throws 400 without settings for the method; 403, 404 as `RedirectArrivals.expect`; 429 */
  async send(calling: CallingClient, body: SendLink): Promise<void> {
    const { redirects, signInMessages, arrivals } = this.#parts;
    const { application, client, sender } = calling;
    const settings = magicLinkSettings(application);
    if (!settings.configured)
      throw invalid('The application has no settings for email; set them in its login preferences');
    const request = await redirects.accept(calling, body);
    const to = normalEmail(body.email);
    const limit = { perMinute: settings.linksPerUserAndMinute };
    await signInMessages.assertNotTooOften(application.tenantId, to, limit);
    const expected = { contact: { email: to }, mayCreate: body.create_new_user ?? false };
    const user = await arrivals.expect(calling, expected);
    const language = languageOf(user);
    const link = await this.#link(settings.expiresInMinutes, {
      clientId: client.clientId,
      request,
      arrival: { ...expected, ...(user && { userId: user.userId }) },
      language,
      ...(body.client_attributes && { clientAttributes: body.client_attributes }),
    });
    await signInMessages.mail({
      ...{ kind: 'link', sender, to, language, link },
      minutes: settings.expiresInMinutes,
      message: settings.message,
      emailContent: body.email_content,
    });
  }

  async #link(minutes: number, payload: Payload): Promise<string> {
    const { links, tenantId, origin } = this.#parts;
    const { userId } = payload.arrival;
    const secret = await links.issue({
      ...{ tenantId, purpose: PURPOSE, minutes, payload },
      ...(userId !== undefined && { userId }),
    });
    return `${origin}${LINK_PATH}?token=${secret}`;
  }

  /** Uses the link up, unless it is opened on another device than it has to be: that is written down instead. */
  async open(token: string, device: Device): Promise<OpenedLink> {
    const { links, tenantId } = this.#parts;
    const found = await links.find<Payload>(tenantId, PURPOSE, token);
    if (!found) return { outcome: 'over' };
    if (!isSameDevice(found.clientAttributes, device)) {
      await this.#recordRefusal(found, device);
      return { outcome: 'otherDevice', language: found.language };
    }
    const payload = await links.redeem<Payload>(tenantId, PURPOSE, token);
    if (!payload) return { outcome: 'over', language: found.language };
    try {
      return { outcome: 'in', url: await this.#admit(payload, device) };
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      return { outcome: 'refused', language: found.language };
    }
  }

  /** The client may have been closed, and the user disabled, since the link was sent. */
  async #admit({ clientId, request, arrival }: Payload, { ip }: Device): Promise<string> {
    const calling = await this.#parts.clientOf(clientId);
    const arrived = await this.#parts.arrivals.admit(calling, arrival, 'eml', ip);
    return this.#parts.redirects.url(calling, request, { ...arrived, factor: 'eml' });
  }

  #recordRefusal({ clientId, arrival }: Payload, { ip }: Device): Promise<void> {
    return this.#parts.audit.record(this.#parts.db, {
      tenantId: this.#parts.tenantId,
      type: 'user.sign_in_link_refused',
      actor: { kind: 'client', id: clientId },
      subject: arrival.userId ?? clientId,
      details: { reason: 'opened on another device', ip },
    });
  }
}
