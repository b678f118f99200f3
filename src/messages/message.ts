/** A message to a person, and the one door through which every part sends one. */
import type { AppId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';

export type Channel = 'email' | 'sms';

/** A picture that travels with a mail and is shown in its HTML as `cid:<contentId>`. */
export interface InlineImage {
  readonly contentId: string;
  readonly mediaType: string;
  readonly base64: string;
}

interface Outgoing {
  readonly tenantId: TenantId;
  readonly appId?: AppId;
  /** The code or link in it is of no use later: it is not sent after this. */
  readonly expiresAt?: Date;
}

export interface OutgoingMail extends Outgoing {
  readonly channel: 'email';
  /** One address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Shown beside the address; that of MAIL_FROM where nothing is said. */
  readonly senderName?: string;
  /** Address; that of MAIL_FROM where nothing is said. */
  readonly from?: string;
  readonly images?: readonly InlineImage[];
}

export interface OutgoingText extends Outgoing {
  readonly channel: 'sms';
  /** E.164. */
  readonly to: string;
  readonly text: string;
  /** At most 11 characters (contract/authentication.md section 1). */
  readonly senderId?: string;
}

export type OutgoingMessage = OutgoingMail | OutgoingText;

export interface Messages {
  /**
   * Writes the message in the caller's transaction: it goes out exactly when that commits. The content is sealed at rest.
   * @param db pass the transaction that also writes the message's cause (the code, the link)
   * @throws 400 for an address, subject or sender that no message can have
   */
  enqueue(db: Database, message: OutgoingMail | OutgoingText): Promise<void>;
  /** Call after the commit, to have the message sent at once. Without it, it leaves within a second. */
  flushed(): void;
}
