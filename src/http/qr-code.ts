/** QR codes as inline SVG, which needs no script, no other request and no exception in the content policy. */
import { toString as toSvg } from 'qrcode';
import { type Html, html, raw } from './html.ts';

/** `label` says to screen readers what it is. White and black in every colour scheme: cameras want that. */
export async function qrCode(text: string, label: string): Promise<Html> {
  const svg = await toSvg(text, { type: 'svg', margin: 4, errorCorrectionLevel: 'M' });
  const [, viewBox = '', drawing = ''] = /viewBox="([\d ]+)"[^>]*>([\s\S]*)<\/svg>/.exec(svg) ?? [];
  return html`<svg class="qr" role="img" aria-label="${label}" viewBox="${viewBox}" shape-rendering="crispEdges">${raw(drawing)}</svg>`;
}
