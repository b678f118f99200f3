/** What a browser hands over at the end of a passkey ceremony, as far as it is read here (WebAuthn 5.1, `PublicKeyCredential.toJSON`). */

export interface RegistrationAnswer {
  readonly sessionId: string;
  /** As the browser says; nothing is decided by it. */
  readonly attachment?: 'platform' | 'cross-platform' | undefined;
  readonly credential: {
    readonly id: string;
    readonly rawId: string;
    readonly type: 'public-key';
    readonly response: {
      readonly clientDataJSON: string;
      readonly attestationObject: string;
      readonly transports?: string[] | undefined;
    };
  };
}

export interface AuthenticationAnswer {
  readonly sessionId: string;
  readonly credential: {
    readonly id: string;
    readonly rawId: string;
    readonly type: 'public-key';
    readonly response: {
      readonly clientDataJSON: string;
      readonly authenticatorData: string;
      readonly signature: string;
      readonly userHandle?: string | null | undefined;
    };
  };
}

const MAX_REASON = 300;

/** What the verifier found, for the message of the refusal. */
export const reasonOf = (error: unknown): string =>
  error instanceof TypeError || !(error instanceof Error)
    ? 'it is malformed'
    : error.message.slice(0, MAX_REASON);
