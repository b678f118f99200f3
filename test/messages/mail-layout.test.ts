import { type MailParts, mailContent } from '../../src/messages/mail-layout.ts';
import { assertSendable } from '../../src/messages/message-rules.ts';

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const parts: MailParts = {
  subject: 'Sign in to Shop',
  appName: 'Shop',
  lang: 'fr',
  headerText: 'Sign in',
  bodyText: 'Hello.\n\nPress the button.',
  link: 'https://id.example.com/link?a=1&b=2',
  linkText: 'Sign in now',
  infoText: 'Good for ten minutes.',
  footerText: 'Shop Ltd',
};
const ATTACK = '"><script>alert(1)</script>';

describe('a mail', () => {
  it('can be sent in the name of any application: a line break or a long name is no obstacle, and no second header', () => {
    for (const appName of [
      'Shop\r\nBcc: all@example.com',
      'Shop\u2028x',
      `S${'h'.repeat(255)}`,
      '🛒'.repeat(128),
    ]) {
      const { subject, senderName, text, html } = mailContent({
        ...parts,
        appName,
        subject: `Sign in to ${appName}`,
      });
      const mail = { channel: 'email', tenantId: 't' as never, to: 'ada@example.com' } as const;
      expect(() =>
        assertSendable({ ...mail, subject, senderName: String(senderName), text, html }),
      ).not.toThrow();
      expect(subject.startsWith('Sign in to ')).toBe(true);
      expect(`${subject}${senderName}`.isWellFormed()).toBe(true);
    }
  });

  it('says the same in HTML and in plain text, in the language of its reader', () => {
    const { text, html, subject, senderName } = mailContent(parts);
    expect([subject, senderName]).toEqual(['Sign in to Shop', 'Shop']);
    expect(html).toContain('<html lang="fr">');
    for (const words of [
      'Sign in',
      'Hello.',
      'Press the button.',
      'Sign in now',
      'Good for ten minutes.',
      'Shop Ltd',
    ]) {
      expect(text).toContain(words);
      expect(html).toContain(words);
    }
    expect(text).toMatch(/^https:\/\/id\.example\.com\/link\?a=1&b=2$/m);
    expect(html).toContain('href="https://id.example.com/link?a=1&amp;b=2"');
    expect(html).not.toContain('<table');
  });

  it('shows a code, and no button without a link', () => {
    const { link: _, linkText: __, ...rest } = parts;
    const { text, html } = mailContent({ ...rest, code: '736251' });
    expect(text).toMatch(/^736251$/m);
    expect(html).toContain('>736251<');
    expect(html).not.toContain('<a ');
  });

  it.each([
    'appName',
    'headerText',
    'bodyText',
    'linkText',
    'infoText',
    'footerText',
    'subject',
    'lang',
    'code',
  ] as const)('escapes %s', (name) => {
    const { html } = mailContent({ ...parts, logoUrl: 'https://id.example.com/logo.png', [name]: ATTACK });
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;');
  });

  it('takes no colour but #rrggbb, and writes on it in the better readable of black and white', () => {
    const background = (primaryColor: string): string | undefined =>
      /background:(#\w{6};color:#\w{6})/.exec(mailContent({ ...parts, primaryColor }).html.slice(600))?.[1];
    expect(background('#ffee00')).toBe('#ffee00;color:#000000');
    expect(background('#000080')).toBe('#000080;color:#ffffff');
    for (const bad of ['red;background:url(//evil.example)', '#12345', 'javascript:x', '#1234567'])
      expect(background(bad)).toBe('#1f4fd1;color:#ffffff');
  });

  it('shows a logo by its address, or carries it along', () => {
    expect(mailContent({ ...parts, logoUrl: 'https://id.example.com/logo.png' }).html).toContain(
      '<img src="https://id.example.com/logo.png" alt="Shop"',
    );
    for (const base64logo of [PNG, `data:image/png;base64,${PNG}`]) {
      const { html, images } = mailContent({ ...parts, base64logo });
      expect(html).toContain('<img src="cid:logo"');
      expect(images).toEqual([{ contentId: 'logo', mediaType: 'image/png', base64: PNG }]);
    }
    expect(mailContent({ ...parts, logoUrl: 'javascript:alert(1)' }).html).not.toContain('<img');
  });

  it('carries no file that is not the picture it claims to be', () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>').toString('base64');
    for (const base64logo of [svg, `data:image/png;base64,${svg}`, 'not base64!', `${PNG}"><script>`])
      expect(() => mailContent({ ...parts, base64logo })).toThrow(/PNG, JPEG or GIF/);
  });

  it('links to web addresses only', () =>
    expect(() => mailContent({ ...parts, link: 'javascript:alert(1)' })).toThrow('web address'));
});
