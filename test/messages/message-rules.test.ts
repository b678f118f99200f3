import type { TenantId } from '../../src/base/ids.ts';
import type { OutgoingMail, OutgoingText } from '../../src/messages/message.ts';
import { assertSendable } from '../../src/messages/message-rules.ts';

const mail: OutgoingMail = {
  channel: 'email',
  tenantId: 't' as TenantId,
  to: 'person@example.com',
  subject: 'Hello',
  text: 'x',
  html: '<p>x</p>',
};
const text: OutgoingText = { channel: 'sms', tenantId: 't' as TenantId, to: '+15551234567', text: 'x' };

const faultOf = (message: OutgoingMail | OutgoingText): unknown => {
  try {
    assertSendable(message);
    return undefined;
  } catch (error) {
    return (error as { status?: number }).status;
  }
};

describe('a message that can be sent', () => {
  it.each<[string, Partial<OutgoingMail>]>([
    ['is plain', {}],
    ['goes to an internationalised address', { to: 'jürgen@bücher.example' }],
    ['goes to a tagged address', { to: "o'brien+tag@example.com" }],
    ['has a name of any script', { senderName: 'Müller & Söhne, "東京"', subject: 'Grüße ✉' }],
    ['has a picture', { images: [{ contentId: 'logo', mediaType: 'image/png', base64: 'iVBORw==' }] }],
  ])('%s', (_, more) => expect(faultOf({ ...mail, ...more })).toBeUndefined());
});

describe('a message that could end a header line or name somebody else is refused with 400', () => {
  const breaks = ['\n', '\r', '\r\n', '\u0000', '\u000b', '\u0085', '\u2028', '\u2029'];
  it.each(breaks.map((sign) => [JSON.stringify(sign), sign]))('%s in any place', (_, sign) => {
    const attack = `x${sign}Bcc: victim@example.com`;
    const tries: Partial<OutgoingMail>[] = [
      { subject: attack },
      { senderName: attack },
      { to: `person@example.com${sign}Bcc:victim@example.com` },
      { to: `person${sign}@example.com` },
      { from: `no-reply@example.com${sign}` },
    ];
    expect(tries.map((more) => faultOf({ ...mail, ...more }))).toEqual([400, 400, 400, 400, 400]);
    expect(faultOf({ ...text, senderId: `a${sign}` })).toBe(400);
    expect(faultOf({ ...text, to: `+15551234567${sign}` })).toBe(400);
  });

  it.each([
    'person@example.com,victim@example.com',
    'person@example.com;victim@example.com',
    'person@example.com victim@example.com',
    'Person <person@example.com>',
    '"a@b"@example.com',
    'group:person@example.com;',
    'person@@example.com',
    'person@a@example.com',
    '<person@example.com>',
    'person',
    '@example.com',
    '',
    `${'a'.repeat(250)}@example.com`,
  ])('the address %s', (to) => expect(faultOf({ ...mail, to })).toBe(400));

  it.each<[string, Partial<OutgoingMail>]>([
    ['no subject', { subject: '' }],
    ['a subject without end', { subject: 'x'.repeat(251) }],
    ['a body without end', { text: 'x'.repeat(200_001) }],
    ['a picture that is a page', { images: [{ contentId: 'logo', mediaType: 'text/html', base64: 'AA==' }] }],
    [
      'a picture with a header in its type',
      { images: [{ contentId: 'logo', mediaType: 'image/png\r\nX: y', base64: 'AA==' }] },
    ],
    [
      'a picture with a header in its id',
      { images: [{ contentId: 'a>\r\nX: y', mediaType: 'image/png', base64: 'AA==' }] },
    ],
  ])('%s', (_, more) => expect(faultOf({ ...mail, ...more })).toBe(400));

  it.each<[string, Partial<OutgoingText>]>([
    ['a number without its plus', { to: '15551234567' }],
    ['a number with words', { to: '+1555call' }],
    ['no text', { text: '' }],
    ['a sender of twelve characters (authentication.md 1)', { senderId: 'x'.repeat(12) }],
  ])('%s', (_, more) => expect(faultOf({ ...text, ...more })).toBe(400));
});
