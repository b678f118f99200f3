/** The look that every mail shares: one column of simple HTML, and the same words as plain text. */
import { type Html, html } from '../http/html.ts';
import { toInlineImage } from './inline-image.ts';
import type { InlineImage, OutgoingMail } from './message.ts';
import { toHeaderText } from './message-rules.ts';

export interface MailParts {
  readonly subject: string;
  readonly appName: string;
  /** BCP 47. */
  readonly lang: string;
  readonly headerText: string;
  readonly bodyText: string;
  /** Shown large, to be typed. */
  readonly code?: string;
  /** Where the button leads. */
  readonly link?: string;
  /** On the button. */
  readonly linkText?: string;
  /** Small print: how long it is good for, what to do if it was not asked for. */
  readonly infoText?: string;
  readonly footerText?: string;
  readonly senderName?: string;
  /** `https` address of the logo; `base64logo` goes before it. */
  readonly logoUrl?: string;
  /** Travels with the mail: mail programs show it without asking. */
  readonly base64logo?: string;
  /** `#rrggbb`. */
  readonly primaryColor?: string;
}

/** What the layout makes of its parts: all of a mail but its recipient. */
export type MailContent = Pick<OutgoingMail, 'subject' | 'text' | 'html' | 'senderName' | 'images'>;

const PRIMARY = '#1f4fd1';
const LOGO_ID = 'logo';
const COLOR = /^#[0-9a-f]{6}$/i;

/** @throws 400 for a logo that is no picture. */
export function mailContent(parts: MailParts): MailContent {
  const image =
    parts.base64logo === undefined || parts.base64logo === ''
      ? undefined
      : toInlineImage(parts.base64logo, LOGO_ID);
  return {
    subject: toHeaderText(parts.subject),
    text: plainText(parts),
    html: document(parts, image).toString(),
    senderName: toHeaderText(parts.senderName ?? parts.appName),
    ...(image && { images: [image] }),
  };
}

/** The same words in the same order; a link stands on a line of its own, so that nothing sticks to it. */
function plainText(parts: MailParts): string {
  const link = linkOf(parts);
  const linkText = link === undefined ? undefined : parts.linkText;
  const blocks = [
    parts.headerText,
    parts.bodyText,
    parts.code,
    [linkText && `${linkText}:`, link].filter(Boolean).join('\n'),
    parts.infoText,
    parts.footerText,
  ];
  return `${blocks.filter(Boolean).join('\n\n')}\n`;
}

function document(parts: MailParts, image: InlineImage | undefined): Html {
  const color =
    parts.primaryColor !== undefined && COLOR.test(parts.primaryColor) ? parts.primaryColor : PRIMARY;
  const link = linkOf(parts);
  return html`<!doctype html>
<html lang="${parts.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>${parts.subject}</title>
</head>
<body style="margin:0;padding:24px;background:#f3f4f7;color:#1b1f2a;font:16px/1.5 system-ui,-apple-system,sans-serif">
<main style="max-width:480px;margin:0 auto;padding:28px 24px;background:#ffffff;border-top:4px solid ${color};border-radius:8px">
${logo(parts, image)}<h1 style="margin:0 0 16px;font-size:22px;line-height:1.25">${parts.headerText}</h1>
${paragraphs(parts.bodyText, 'margin:0 0 16px')}
${parts.code !== undefined && html`<p style="margin:0 0 16px;font:700 30px/1.3 ui-monospace,monospace;letter-spacing:4px">${parts.code}</p>`}
${link !== undefined && button(link, parts.linkText ?? link, color)}
${parts.infoText !== undefined && paragraphs(parts.infoText, 'margin:16px 0 0;color:#535b6b;font-size:14px')}
${parts.footerText !== undefined && paragraphs(parts.footerText, 'margin:24px 0 0;color:#535b6b;font-size:13px')}
</main>
</body>
</html>
`;
}

const button = (link: string, text: string, color: string): Html => html`<p style="margin:0 0 16px">
<a href="${link}" style="display:inline-block;padding:12px 20px;border-radius:8px;background:${color};color:${inkOn(color)};font-weight:600;text-decoration:none">${text}</a>
</p>
<p style="margin:0;color:#535b6b;font-size:13px;overflow-wrap:anywhere">${link}</p>`;

const paragraphs = (text: string, style: string): Html[] =>
  text
    .split(/\r?\n\s*\r?\n|\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => html`<p style="${style}">${line}</p>`);

function logo({ logoUrl, appName }: MailParts, image: InlineImage | undefined): Html {
  const source = image
    ? `cid:${image.contentId}`
    : logoUrl !== undefined && isWeb(logoUrl)
      ? logoUrl
      : undefined;
  return source === undefined
    ? html``
    : html`<p style="margin:0 0 16px"><img src="${source}" alt="${appName}" style="max-height:56px;max-width:240px"></p>
`;
}

const isWeb = (text: string): boolean => ['https:', 'http:'].includes(URL.parse(text)?.protocol ?? '');

/** @throws Error for a link that is no web address: such a one is made by us, never read. */
function linkOf({ link }: MailParts): string | undefined {
  if (link !== undefined && !isWeb(link)) throw new Error('a mail can only link to a web address');
  return link;
}

/** Black or white, whichever can be read better on the colour (WCAG 2.2, 1.4.3). */
function inkOn(color: string): '#ffffff' | '#000000' {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    linear(Number.parseInt(color.slice(at, at + 2), 16)),
  );
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? '#ffffff' : '#000000';
}

/** One channel of sRGB, 0 to 255, as light. */
function linear(channel: number): number {
  const part = channel / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}
