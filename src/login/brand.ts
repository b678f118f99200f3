/** How an application's logo and colour appear on its pages: colours are moved until the text on them can be read. */
import { type Html, html } from '../http/html.ts';

type Rgb = readonly [number, number, number];

const CARD = { light: [255, 255, 255], dark: [28, 31, 40] } as const satisfies Record<string, Rgb>;
const BLACK: Rgb = [13, 21, 40];
const WHITE: Rgb = [255, 255, 255];
/** WCAG 2.2, 1.4.3, with a little to spare for rounding. */
const READABLE = 4.55;
const STEPS = 50;

const parse = (hex: string): Rgb =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as never;

const toHex = (colour: Rgb): string =>
  `#${colour.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

/** Relative luminance (WCAG 2.2). */
function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @internal 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const mix = (from: Rgb, to: Rgb, share: number): Rgb =>
  from.map((part, at) => part + ((to[at] ?? 0) - part) * share) as never;

/** The colour itself where it can be read on the card, else the nearest shade towards black or white. */
function readableOn(card: Rgb, colour: Rgb): Rgb {
  const far = luminance(card) > 0.5 ? ([0, 0, 0] as Rgb) : WHITE;
  for (let step = 0; step <= STEPS; step++) {
    const shade = mix(colour, far, step / STEPS);
    if (contrast(shade, card) >= READABLE) return shade;
  }
  return far;
}

/** @internal Accent and the ink on it, for one scheme. */
export function accentOn(scheme: keyof typeof CARD, hex: string): { accent: string; ink: string } {
  const accent = readableOn(CARD[scheme], parse(hex));
  const ink = contrast(accent, WHITE) >= contrast(accent, BLACK) ? WHITE : BLACK;
  return { accent: toHex(accent), ink: toHex(ink) };
}

/** Style sheet text with the application's colour; empty for the house colour. */
export function brandStyle(primaryColor: string): string {
  if (!/^#[0-9a-f]{6}$/i.test(primaryColor)) return '';
  const [light, dark] = [accentOn('light', primaryColor), accentOn('dark', primaryColor)];
  const rule = ({ accent, ink }: typeof light) =>
    `:root{--accent:${accent};--on-accent:${ink};--focus:${accent}}`;
  return `${rule(light)}@media (prefers-color-scheme:dark){${rule(dark)}}`;
}

const PICTURE = /^data:image\/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]+$/;

/** CSP source of the logo; undefined for a logo that is not shown. A picture runs no script, SVG included. */
function logoSource(logo: string): string | undefined {
  if (PICTURE.test(logo)) return 'data:';
  if (!/^https:\/\//i.test(logo) || !URL.canParse(logo)) return undefined;
  return new URL(logo).origin;
}

/** What the logo needs of the policy. */
export function brandPolicy(logo: string): string[] {
  const source = logoSource(logo);
  return source === undefined ? [] : [`img-src ${source}`];
}

/** The application's logo, or its name. */
export const brandHeader = (appName: string, logo: string): Html =>
  logoSource(logo) === undefined
    ? html`<p class="brand">${appName}</p>`
    : html`<p class="brand"><img src="${logo}" alt="${appName}" height="48"></p>`;
