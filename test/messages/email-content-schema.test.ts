import { validate } from '../../src/http/validate.ts';
import { emailContent, withEmailContent } from '../../src/messages/email-content-schema.ts';
import { mailContent } from '../../src/messages/mail-layout.ts';

const ours = {
  subject: 'Ours',
  appName: 'Shop',
  lang: 'en',
  headerText: 'Our header',
  bodyText: 'Our body',
  footerText: 'Our footer',
};
const GIF = Buffer.from('GIF89a\x01\x00\x01\x00', 'latin1').toString('base64');
const LARGE_GIF = Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(15_000)]).toString('base64');
const faults = (input: object): unknown => {
  try {
    return validate(emailContent, input);
  } catch (error) {
    return (error as { problems?: unknown }).problems;
  }
};

describe('email_content (contract/authentication.md section 1)', () => {
  it('goes before our words, member by member', () => {
    const content = validate(emailContent, {
      subject: 'Theirs',
      headerText: 'Their header',
      senderName: 'Them',
      primaryColor: '#00ff00',
      base64logo: GIF,
    });
    const mail = mailContent(withEmailContent(ours, content));
    expect([mail.subject, mail.senderName]).toEqual(['Theirs', 'Them']);
    expect(mail.text).toBe('Their header\n\nOur body\n\nOur footer\n');
    expect(mail.html).toContain('#00ff00');
    expect(mail.images).toHaveLength(1);
    expect(mailContent(withEmailContent(ours, undefined)).subject).toBe('Ours');
  });

  it.each<[string, object, string]>([
    ['no subject', {}, 'subject is required'],
    ['a subject of two lines', { subject: 'a\r\nBcc: victim@example.com' }, 'subject: must be one line'],
    ['a sender of two lines', { subject: 'a', senderName: 'a\nb' }, 'senderName: must be one line'],
    ['a colour that is more', { subject: 'a', primaryColor: '#fff;x:y' }, 'primaryColor: must be a colour'],
    ['a logo of more than 20,000 characters', { subject: 'a', base64logo: LARGE_GIF }, 'base64logo: '],
    ['a logo that is no picture', { subject: 'a', base64logo: 'PHN2Zz4=' }, 'base64logo: must be a PNG'],
    ['an unknown member', { subject: 'a', bcc: 'x' }, 'bcc is not a known field'],
  ])('refuses %s', (_, input, sentence) =>
    expect(faults(input)).toEqual([expect.stringContaining(sentence)]),
  );
});
