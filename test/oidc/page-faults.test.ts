/** Every refusal of the engine has words on its page, in every language, whatever its English sentence says. */
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { pageFault, UnservedEndpoint } from '../../src/oidc/page-faults.ts';
import { ENGINE_FAULT_TEXTS, ENGINE_FAULTS } from '../../src/texts/engine-fault-texts.ts';
import { LANGUAGES } from '../../src/texts/language.ts';

const at = (route?: string) =>
  ({ oidc: route === undefined ? undefined : { route } }) as unknown as Pick<KoaContextWithOIDC, 'oidc'>;

describe('the words for a refusal of the engine', () => {
  it.each(LANGUAGES)(
    'are there for every fault, each with its own, in a language of its own (%s)',
    (language) => {
      const texts = ENGINE_FAULT_TEXTS[language];
      expect(Object.keys(texts).sort()).toEqual([...ENGINE_FAULTS].sort());
      expect(new Set(Object.values(texts)).size).toBe(ENGINE_FAULTS.length);
      for (const fault of ENGINE_FAULTS) {
        expect(texts[fault]).toMatch(/[.。]$/);
        expect(texts[fault] === ENGINE_FAULT_TEXTS.en[fault]).toBe(language === 'en');
      }
    },
  );

  it('are found for every class of error that the engine has', () => {
    const classes = Object.values(errors) as unknown as (new (text: string) => Error)[];
    expect(classes.length).toBeGreaterThan(30);
    for (const Fault of classes)
      expect(ENGINE_FAULTS).toContain(pageFault(at('authorization'), new Fault('x')));
  });

  it.each([
    [new errors.InvalidClient('x'), 'authorization', 'unknownClient'],
    [new errors.InvalidRedirectUri(), 'authorization', 'redirectUri'],
    [new errors.InvalidRequestUri('x'), 'authorization', 'requestUri'],
    [new errors.RequestNotSupported('x'), 'authorization', 'unsupported'],
    [new errors.UnauthorizedClient('x'), 'authorization', 'notAllowed'],
    [new errors.AccessDenied('x'), 'authorization', 'denied'],
    [new errors.SessionNotFound('x'), 'resume', 'expired'],
    [new errors.TemporarilyUnavailable('x'), 'resume', 'busy'],
    [new errors.InvalidRequest('x'), 'end_session', 'signOut'],
    [new errors.InvalidRequest('x'), 'end_session_confirm', 'signOut'],
    [new errors.InvalidRequest('x'), 'authorization', 'malformed'],
    [new errors.InvalidRequest('x'), undefined, 'malformed'],
    [new UnservedEndpoint('x'), undefined, 'unserved'],
    [new Error('relation "users" does not exist'), 'authorization', 'broken'],
  ])('follow from the kind of error: %p at %s is %s', (error, route, fault) => {
    expect(pageFault(at(route), error)).toBe(fault);
  });
});
