/** When a relayed request may be answered with the sign-in that the application has (contract/saml.md 2). */
import { createPrivateKey } from 'node:crypto';
import { makeSelfSigned } from '../../src/keys/certificate.ts';
import { LegacySignOn } from '../../src/saml/legacy-sign-on.ts';

const PROVIDER = {
  serviceProviderId: 'sp',
  entityId: 'https://sp.example.com',
  assertionConsumerServiceUrl: 'https://sp.example.com/acs',
  nameQualifier: '',
};
const now = (): number => Math.floor(Date.now() / 1000);
const request = (attributes: string): string =>
  `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0" IssueInstant="${new Date().toISOString()}" ${attributes}><Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">${PROVIDER.entityId}</Issuer></samlp:AuthnRequest>`;

describe('a relayed request', () => {
  let key: Awaited<ReturnType<typeof makeSelfSigned>>;
  beforeAll(async () => {
    key = await makeSelfSigned('provider');
  });
  const answer = async (caller: Record<string, unknown>, attributes = '') => {
    const used: unknown[] = [];
    const desk = new LegacySignOn({
      tenantId: 't',
      origin: 'https://id.example.com',
      audit: { record: async () => undefined },
      ephemeral: { putIfAbsent: async (at: unknown) => used.push(at) > 0 },
      providers: { find: async () => PROVIDER },
      applications: { find: async () => ({ settings: { service_providers: ['sp'] } }) },
      certificates: {
        signer: async () => ({
          privateKey: createPrivateKey(key.privateKey.reveal()),
          certificate: key.pem,
          keyType: 'rsa',
        }),
      },
      sessions: {
        inBrowser: async () => [{ uid: 'session', expiresAt: new Date('2040-01-01T00:00:00Z') }],
        atApplication: async (sid: string) => (sid === 'foreign' ? { userId: 'another' } : undefined),
      },
    } as never);
    const relayed = { xml: request(attributes), relayState: undefined };
    const outcome = await desk
      .answer({ kind: 'user', userId: 'user', appId: 'app', ...caller } as never, 'sp' as never, relayed)
      .then(
        ({ response }) => Buffer.from(response, 'base64').toString('utf8'),
        (error: Error) => error,
      );
    return { outcome, used: used.length };
  };

  it('with ForceAuthn wants a sign-in that is not older, and is not used up by an older one', async () => {
    const old = await answer({ authTime: now() - 120 }, 'ForceAuthn="true"');
    expect(old).toMatchObject({
      outcome: { status: 400, message: expect.stringMatching(/ForceAuthn/) },
      used: 0,
    });
    expect(await answer({ authTime: now() - 120 })).toMatchObject({
      outcome: expect.stringMatching(/<saml:Assertion /),
      used: 1,
    });
    expect(await answer({ authTime: now() }, 'ForceAuthn="true"')).toMatchObject({
      outcome: expect.stringMatching(/<saml:Assertion /),
    });
  });

  it('is not answered with a sign-in of unknown time, or a session that is over or another user’s', async () => {
    expect(await answer({})).toMatchObject({ outcome: { status: 400 }, used: 0 });
    for (const sessionUid of ['over', 'foreign'])
      expect(await answer({ authTime: now(), sessionUid })).toMatchObject({
        outcome: { status: 401 },
        used: 0,
      });
  });

  it('is answered with the end of the session, where it has one, and a name for it that no other provider gets', async () => {
    const { outcome } = await answer({ authTime: now(), sessionUid: 'session' });
    expect(outcome).toMatch(/SessionNotOnOrAfter="2040-01-01T00:00:00Z"/);
    expect(outcome).not.toMatch(/SessionIndex="session"/);
    expect((await answer({ authTime: now() })).outcome).not.toMatch(/SessionNotOnOrAfter/);
  });
});
