import fc from 'fast-check';
import { accentOn, brandHeader, brandPolicy, brandStyle, contrast } from '../../src/login/brand.ts';

const CARD = { light: [255, 255, 255], dark: [28, 31, 40] } as const;
const rgb = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as never;
const colour = fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`);

describe('the look of an application', () => {
  it('can be read with any colour, as text on the card and as the ground of a button (WCAG 2.2, 1.4.3)', () => {
    fc.assert(
      fc.property(colour, fc.constantFrom('light', 'dark'), (hex, scheme) => {
        const { accent, ink } = accentOn(scheme, hex);
        expect(contrast(rgb(accent), CARD[scheme])).toBeGreaterThanOrEqual(4.5);
        expect(contrast(rgb(accent), rgb(ink))).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  it('keeps a colour that can be read as it is', () => {
    expect(accentOn('light', '#7a0019').accent).toBe('#7a0019');
    expect(accentOn('dark', '#8fb0ff').accent).toBe('#8fb0ff');
  });

  it.each(['', 'red', '#12345', '#1234567', '#12345g', '#123456}body{display:none'])(
    'takes no other text for a colour: "%s"',
    (text) => expect(brandStyle(text)).toBe(''),
  );

  it.each([
    ['javascript:alert(1)'],
    ['http://cdn.example.com/logo.png'],
    ['data:text/html;base64,PHNjcmlwdD4='],
    ["https://cdn.example.com; script-src 'unsafe-inline'"],
    ['data:image/png;base64,AAAA" onerror="alert(1)'],
    [''],
  ])('shows the name instead of a logo that is none, and opens the policy for nothing: %s', (logo) => {
    expect(brandPolicy(logo).join()).not.toContain('script');
    expect(brandHeader('Shop <b>', logo).toString()).not.toMatch(/<b>|onerror="/);
  });

  it('opens the policy for the one place the logo comes from', () => {
    expect(brandPolicy('https://cdn.example.com/logo.png?a=1')).toEqual(['img-src https://cdn.example.com']);
    expect(brandPolicy('data:image/png;base64,iVBORw0KGgo=')).toEqual(['img-src data:']);
  });
});
