/** How scopes read on the consent page. */
import { scopeInWords } from '../../src/login/consent-page.ts';
import { CONSENT_TEXTS } from '../../src/texts/consent-texts.ts';

describe('a scope in words', () => {
  it.each([
    ['offline_access', 'Keep this access while you are away'],
    ['orders:read', 'See orders'],
    ['payment_methods:write', 'Change payment methods'],
    ['orders:__proto__', 'orders:__proto__'],
    ['constructor', 'constructor'],
    ['https://api.example.com/read', 'https://api.example.com/read'],
  ])('%s: %s', (scope, words) => {
    expect(scopeInWords(scope)).toBe(words);
  });

  it('is said in the language of the page', () => {
    expect(scopeInWords('orders:read', CONSENT_TEXTS.es)).toBe('Ver orders');
    expect(scopeInWords('email', CONSENT_TEXTS.ja)).toBe('メールアドレスを見る');
    expect(scopeInWords('constructor', CONSENT_TEXTS.fr)).toBe('constructor');
  });
});
