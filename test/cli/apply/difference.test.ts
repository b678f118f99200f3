/** What counts as a difference between a file and the server. */

import { APPLICATION } from '../../../src/cli/apply/application-kind.ts';
import { CLIENT } from '../../../src/cli/apply/client-kind.ts';
import { changesBetween } from '../../../src/cli/apply/difference.ts';
import { GROUP } from '../../../src/cli/apply/group-kind.ts';

describe('the difference between a file and the server', () => {
  it('is about named members only, also within objects, and the others go along when one is written', () => {
    const present = { description: 'x', token_expiration: { access_token_ttl: 1, refresh_token_ttl: 2 } };
    expect(changesBetween(CLIENT, { token_expiration: { access_token_ttl: 1 } }, present)).toEqual([]);
    expect(changesBetween(CLIENT, { token_expiration: { access_token_ttl: 9 } }, present)).toEqual([
      {
        member: 'token_expiration',
        from: { access_token_ttl: 1, refresh_token_ttl: 2 },
        to: { access_token_ttl: 9, refresh_token_ttl: 2 },
      },
    ]);
  });

  it('does not look at the order of sets, but at that of lists (C11)', () => {
    const uris = ['https://a.example.com', 'https://b.example.com'];
    const present = { redirect_uris: uris, consent_uris: uris };
    expect(changesBetween(CLIENT, { redirect_uris: uris.toReversed() }, present)).toEqual([]);
    expect(changesBetween(CLIENT, { consent_uris: uris.toReversed() }, present)).toHaveLength(1);
    expect(changesBetween(CLIENT, { redirect_uris: uris.slice(1) }, present)).toHaveLength(1);
  });

  it('takes a document as a whole: what the file leaves out of it goes', () => {
    const present = { custom_data: { a: 1, b: { c: 2, d: 3 } } };
    expect(changesBetween(GROUP, { custom_data: { b: { d: 3, c: 2 }, a: 1 } }, present)).toEqual([]);
    expect(changesBetween(GROUP, { custom_data: { a: 1 } }, present)).toMatchObject([{ to: { a: 1 } }]);
  });

  it('is never an order, which no answer repeats', () => {
    expect(changesBetween(APPLICATION, { should_delete_signing_key: true }, {})).toEqual([]);
  });

  it('sees a member of any name as what it is, not as one of every object', () => {
    const document = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}');
    const [change] = changesBetween(GROUP, { custom_data: document }, { custom_data: {} });
    expect(JSON.stringify(change?.to)).toBe('{"__proto__":{"a":1},"constructor":2}');
    expect(changesBetween(GROUP, { custom_data: document }, { custom_data: document })).toEqual([]);
  });
});
