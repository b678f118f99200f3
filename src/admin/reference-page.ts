/** The page around the viewer: loads its files, starts it, and lets it breathe on narrow screens. */
import { randomBytes } from 'node:crypto';
import { html, type Page, page, raw } from '../http/html.ts';

// Relative addresses: the page works at /docs and at /cis/docs (D1).
const START = `
SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'none',
  filter: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
});
`;

const STYLE = `
:root{color-scheme:light}
body{margin:0;background:#fff}
@media (max-width:40rem){
.swagger-ui .wrapper{padding:0 .75rem}
.swagger-ui .info{margin:1.5rem 0}
.swagger-ui .info .title{font-size:1.75rem}
.swagger-ui .opblock .opblock-summary{flex-wrap:wrap}
.swagger-ui .opblock-summary-path{max-width:100%}
.swagger-ui .parameters-container,.swagger-ui .responses-inner{overflow-x:auto}
}
`;

/** @param files where the viewer's files are, relative to the page */
export function referencePage(files: string): Page {
  const nonce = randomBytes(16).toString('base64');
  return page({
    lang: 'en',
    title: 'Tessera API reference',
    nonce,
    style: STYLE,
    head: html`<link rel="icon" href="${files}/favicon-32x32.png">
<link rel="stylesheet" nonce="${nonce}" href="${files}/swagger-ui.css">`,
    body: html`<noscript><p>The reference needs JavaScript. The document itself: <a href="openapi.json">openapi.json</a></p></noscript>
<main id="reference"></main>
<script nonce="${nonce}" src="${files}/swagger-ui-bundle.js"></script>
<script nonce="${nonce}">${raw(START)}</script>`,
  });
}
