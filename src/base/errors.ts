/** The one error type that may reach a person, and its named makers. */

export interface ErrorExtras {
  /** One sentence per problem; becomes the `message` array of a 400 (contract C2). */
  readonly problems?: readonly string[];
  /** Third body member of a 409 for a taken identifier (contract C23). */
  readonly tsErrorCode?: string;
  /** Seconds a caller should wait, sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** Value of `WWW-Authenticate` in a 401; `Bearer` where nothing is said. */
  readonly challenge?: string;
  /** More members of the body, where an operation's contract has them. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** Only logged, never shown. */
  readonly cause?: unknown;
}

export class AppError extends Error {
  readonly status: number;
  readonly problems: readonly string[] | undefined;
  readonly tsErrorCode: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly challenge: string | undefined;
  readonly members: Readonly<Record<string, unknown>> | undefined;

  /** `message` is safe to show to anybody; `cause` is only logged. */
  constructor(status: number, message: string, extras: ErrorExtras = {}) {
    super(message, { cause: extras.cause });
    this.name = 'AppError';
    this.status = status;
    this.problems = extras.problems;
    this.tsErrorCode = extras.tsErrorCode;
    this.retryAfterSeconds = extras.retryAfterSeconds;
    this.challenge = extras.challenge;
    this.members = extras.members;
  }
}

/** 400 with one sentence per problem. */
export const invalid = (...problems: string[]): AppError =>
  new AppError(400, problems.join('; '), { problems });
/** 401: no, bad or expired token. */
export const unauthorized = (challenge = 'Bearer'): AppError =>
  new AppError(401, 'Invalid token', { challenge });
/** 403: wrong token kind or missing permission. */
export const forbidden = (message: string): AppError => new AppError(403, message);
/** 404: not there, or out of the caller's reach. */
export const notFound = (message: string): AppError => new AppError(404, message);
/** 409: in use, or already exists. */
export const conflict = (message: string, tsErrorCode?: string): AppError =>
  new AppError(409, message, tsErrorCode === undefined ? {} : { tsErrorCode });
/** 409 for an identifier that belongs to another object (contract C23). */
export const taken = (message: string): AppError => conflict(message, 'identifier_taken');
/** 412: `If-Match` names a state that is gone. */
export const changedMeanwhile = (): AppError =>
  new AppError(412, 'The object was changed after you read it; read it again and repeat your change');
/** 413: body over the limit. */
export const tooLarge = (message: string): AppError => new AppError(413, message);
/** 429. */
export const tooMany = (message: string, retryAfterSeconds: number): AppError =>
  new AppError(429, message, { retryAfterSeconds });
/** 503 with the time after which a retry makes sense. */
export const busy = (message: string, retryAfterSeconds: number): AppError =>
  new AppError(503, message, { retryAfterSeconds });
