/** Decides whether a message can be sent at all: nothing in it may end a header line or name a second recipient. */
import { invalid } from '../base/errors.ts';
import type { InlineImage, OutgoingMail, OutgoingMessage, OutgoingText } from './message.ts';

/** Control characters and the line separators of Unicode. */
const BREAKS = /[\p{Cc}\u2028\u2029]/u;
// No comma, semicolon, bracket or quote: with any of them one address could be read as two (RFC 5322 section 3.4).
const ADDRESS = /^[^\s@<>()[\],;:\\"\p{Cc}\u2028\u2029]+@[^\s@<>()[\],;:\\"\p{Cc}\u2028\u2029]+$/u;
const MAX_ADDRESS = 254;
const E164 = /^\+[1-9]\d{5,14}$/;
const MAX_LINE = 250;
const MAX_SENDER_ID = 11;
const MAX_BODY = 200_000;
const MAX_SMS = 1600;
const MAX_IMAGES = 3;
/** Base64 characters: the logo of a request has at most 20,000 (contract/authentication.md section 1), ours may be larger. */
const MAX_IMAGE = 300_000;

/** True for exactly one address without a name. */
export const isMailAddress = (text: string): boolean => text.length <= MAX_ADDRESS && ADDRESS.test(text);

/** True for text that stays on one line of a header. */
export const isHeaderText = (text: string): boolean => text.length <= MAX_LINE && !BREAKS.test(text);

/** As much of a text as one line of a header takes. For names of ours; what a caller says is refused instead. */
export const toHeaderText = (text: string): string =>
  text.replace(new RegExp(BREAKS, 'gu'), ' ').slice(0, MAX_LINE).toWellFormed();

/** @throws 400 naming everything that keeps the message from being sent. */
export function assertSendable(message: OutgoingMessage): void {
  const faults = message.channel === 'email' ? mailFaults(message) : textFaults(message);
  if (faults.length > 0) throw invalid(...faults);
}

const mailFaults = ({ to, from, subject, senderName = '', text, html, images = [] }: OutgoingMail) => [
  ...(isMailAddress(to) ? [] : ['The recipient is not an e-mail address']),
  ...(from === undefined || isMailAddress(from) ? [] : ['The sender is not an e-mail address']),
  ...(subject !== '' && isHeaderText(subject)
    ? []
    : [`subject must be one line of 1 to ${MAX_LINE} characters`]),
  ...(isHeaderText(senderName) ? [] : [`senderName must be one line of at most ${MAX_LINE} characters`]),
  ...(text.length + html.length <= MAX_BODY ? [] : ['The mail is too long']),
  ...(images.length <= MAX_IMAGES && images.every(isImage) ? [] : ['The pictures of the mail are not valid']),
];

const isImage = ({ contentId, mediaType, base64 }: InlineImage): boolean =>
  /^[\w.-]{1,64}$/.test(contentId) &&
  /^image\/(png|jpeg|gif)$/.test(mediaType) &&
  base64.length <= MAX_IMAGE &&
  /^[A-Za-z0-9+/]+={0,2}$/.test(base64);

const textFaults = ({ to, text, senderId = '' }: OutgoingText) => [
  ...(E164.test(to) ? [] : ['The recipient is not a phone number in the form +15551234567']),
  ...(text !== '' && text.length <= MAX_SMS ? [] : [`The text message must have 1 to ${MAX_SMS} characters`]),
  ...(senderId.length <= MAX_SENDER_ID && isHeaderText(senderId)
    ? []
    : [`sender_id must be one line of at most ${MAX_SENDER_ID} characters`]),
];
