import { describe, expect, it } from '@jest/globals';
import { html, page, raw } from '../../src/http/html.ts';

describe('html', () => {
  it('escapes text and attribute values', () => {
    expect(html`<p title="${'"\'`'}">${'<b>&'}</p>`.toString()).toBe(
      '<p title="&quot;&#39;&#96;">&lt;b&gt;&amp;</p>',
    );
  });

  it('keeps nested templates, joins lists and prints nothing for absent pieces', () => {
    const items = ['a', '<'].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}${undefined}${null}${false}${0}</ul>`.toString()).toBe(
      '<ul><li>a</li><li>&lt;</li>0</ul>',
    );
  });

  it('trusts only what is marked as raw', () => {
    expect(html`${raw('<hr>')}${'<hr>'}`.toString()).toBe('<hr>&lt;hr&gt;');
  });
});

describe('page', () => {
  it('escapes the title and puts its nonce on the style', () => {
    const made = page({ title: '</title>', body: html`<p>x</p>`, style: 'p{}', lang: 'fr' });
    expect(made.toString()).toContain('<title>&lt;/title&gt;</title>');
    expect(made.toString()).toContain(`<style nonce="${made.nonce}">p{}</style>`);
    expect(made.toString()).toContain('<html lang="fr">');
  });
});
