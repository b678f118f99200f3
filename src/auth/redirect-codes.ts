/** One-time codes of the redirect family: sent to a contact, and turned into the URL that ends the sign-in. */
import type { CodeSettings } from '../applications/sign-in-settings.ts';
import { invalid } from '../base/errors.ts';
import type { Factor } from '../factors/factor.ts';
import type { CodeOutcome, CodePlace, OneTimeCodes } from '../factors/one-time-code.ts';
import type { SignInMessages } from '../factors/sign-in-messages.ts';
import type { Language } from '../texts/language.ts';
import type { ProvedContact } from '../users/proved-contact.ts';
import { languageOf } from './backend-users.ts';
import type { CallingClient } from './calling-client.ts';
import type { ValidateOtp } from './otp-redirect-schema.ts';
import type { ExpectedArrival, RedirectArrivals } from './redirect-arrivals.ts';
import type { RedirectRequest, RedirectSignIns } from './redirect-request.ts';

/** The way to a person: its settings, and what it proves. */
export interface CodeChannel {
  readonly method: 'email_otp' | 'sms';
  readonly factor: Extract<Factor, 'eotp' | 'sms'>;
  readonly settings: CodeSettings;
  readonly contact: ProvedContact;
  /** The contact as text. */
  readonly address: string;
}

export interface CodeToSend {
  readonly request: RedirectRequest;
  readonly mayCreate: boolean;
  /** Puts the message into the outbox. */
  deliver(code: string, language: Language): Promise<void>;
}

interface Payload {
  readonly request: RedirectRequest;
  readonly arrival: ExpectedArrival;
}

interface Parts {
  readonly codes: Pick<OneTimeCodes, 'issue' | 'redeem'>;
  readonly signInMessages: Pick<SignInMessages, 'assertNotTooOften'>;
  readonly arrivals: RedirectArrivals;
  readonly redirects: Pick<RedirectSignIns, 'url'>;
}

export class RedirectCodes {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws 400 without settings for the method; 403, 404 as `RedirectArrivals.expect`; 429 */
  async send(calling: CallingClient, channel: CodeChannel, toSend: CodeToSend): Promise<void> {
    const { settings, contact, address } = channel;
    assertConfigured(channel);
    const place = placeOf(calling, channel);
    await this.#parts.signInMessages.assertNotTooOften(place.tenantId, address);
    const user = await this.#parts.arrivals.expect(calling, { contact, mayCreate: toSend.mayCreate });
    const payload: Payload = {
      request: toSend.request,
      arrival: { contact, mayCreate: toSend.mayCreate, ...(user && { userId: user.userId }) },
    };
    const code = await this.#parts.codes.issue({
      ...place,
      ...boundTo(calling, settings),
      length: settings.codeLength,
      minutes: settings.expiresInMinutes,
      payload,
    });
    await toSend.deliver(code, languageOf(user));
  }

  /** @returns the URL for the user's browser. @throws 400 for a code that is not good, and while guessing is locked */
  async validate(
    calling: CallingClient,
    channel: CodeChannel,
    { passcode, response_type: responseType = 'code', nonce }: ValidateOtp,
  ): Promise<string> {
    assertConfigured(channel);
    if (!calling.client.settings.response_types.includes(responseType))
      throw invalid(`response_type: the client may not ask for ${responseType} (its response_types)`);
    const outcome = await this.#parts.codes.redeem<Payload>({
      ...placeOf(calling, channel),
      clientId: calling.client.clientId,
      lockout: channel.settings.lockout,
      code: passcode,
    });
    const { request, arrival } = payloadOf(outcome);
    const arrived = await this.#parts.arrivals.admit(calling, arrival, channel.factor);
    return this.#parts.redirects.url(calling, request, {
      ...arrived,
      factor: channel.factor,
      responseType,
      ...(nonce !== undefined && { nonce }),
    });
  }
}

const placeOf = ({ application }: CallingClient, { method, address }: CodeChannel): CodePlace => ({
  tenantId: application.tenantId,
  appId: application.appId,
  purpose: `redirect_${method}`,
  subject: address,
});

const boundTo = ({ client }: CallingClient, { crossClientsAllowed }: CodeSettings) =>
  crossClientsAllowed ? {} : { clientId: client.clientId };

function assertConfigured({ settings, method }: CodeChannel): void {
  if (!settings.configured)
    throw invalid(`The application has no settings for ${method}; set them in its login preferences`);
}

function payloadOf(outcome: CodeOutcome<Payload>): Payload {
  if (outcome.outcome === 'right') return outcome.payload;
  throw invalid(
    outcome.outcome === 'locked'
      ? `Too many failed attempts; try again after ${outcome.until.toISOString()}`
      : 'The passcode is wrong, used or expired',
  );
}
