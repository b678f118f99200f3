/** Clients whose certificate an authority issued (RFC 8705 section 2.1): path and subject. */
import { decodeJwt } from 'jose';
import {
  type AuthorityScene,
  authority,
  CLIENT,
  NAME,
  setAuthorityScene,
} from '../support/authority-scene.ts';
import { type Identity, issue, PURPOSE } from '../support/certificates.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';

describe.each(policyStorages)('certificates of an authority ($name)', (storage) => {
  let options: StorageOptions;
  let scene: AuthorityScene;
  let root: Identity;
  let intermediate: Identity;
  let good: Identity;

  beforeAll(async () => {
    options = await storage.options();
    scene = await setAuthorityScene(options);
    ({ root, intermediate, good } = scene);
  });
  afterAll(async () => {
    await scene?.discard();
    await options?.release();
  });

  it('are accepted with the right chain and subject, however the name is spaced (R42)', async () => {
    expect(await scene.statusOf(await scene.clientWith(), good)).toBe(200);
    const spaced = ' cn = shop ; o=Acme\\2C Inc. ,  2.5.4.6 =DE ';
    expect(await scene.statusOf(await scene.clientWith({ distinguished_name: spaced }), good)).toBe(200);
    // The client's own certificate may stand in the chain; it vouches for nothing.
    const whole = good.cert + intermediate.cert + root.cert;
    expect(await scene.statusOf(await scene.clientWith({ certificate_chain: whole }), good)).toBe(200);
  });

  it('are refused without the certificate, and with the secret in its place (R42)', async () => {
    const answer = await scene.save({ certificate_chain: root.cert, distinguished_name: NAME });
    const { client_id, client_secret } = answer.body;
    expect(await scene.statusOf(client_id)).toBe(401);
    const form = { grant_type: 'client_credentials', client_id, client_secret };
    expect(await scene.tls.post('/oidc/token', form, { identity: good })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
  });

  it('are refused under another subject, another order of it included (RFC 4514)', async () => {
    const neighbour = await issue({ subject: [['CN', 'other']], issuer: intermediate });
    const clientId = await scene.clientWith();
    expect(await scene.statusOf(clientId, neighbour)).toBe(401);
    const reversed = await scene.clientWith({ distinguished_name: 'C=DE,O=Acme\\, Inc.,CN=shop' });
    expect(await scene.statusOf(reversed, good)).toBe(401);
    const longer = await scene.clientWith({ distinguished_name: `${NAME},DC=example` });
    expect(await scene.statusOf(longer, good)).toBe(401);
  });

  it('are refused where the path does not hold: dates, purpose, authority, signature (RFC 5280)', async () => {
    const clientId = await scene.clientWith();
    const namesake = await authority('Intermediate', await authority('Root'));
    const ordinary = await issue({ subject: [['CN', 'ordinary']], issuer: intermediate });
    const refused = {
      expired: await issue({ subject: CLIENT, issuer: intermediate, validFrom: -3, validTo: -1 }),
      notYetValid: await issue({ subject: CLIENT, issuer: intermediate, validFrom: 1 }),
      forServers: await issue({ subject: CLIENT, issuer: intermediate, purposes: [PURPOSE.serverAuth] }),
      byNamesake: await issue({ subject: CLIENT, issuer: namesake }),
      byNoAuthority: await issue({ subject: CLIENT, issuer: ordinary }),
      selfSigned: await issue({ subject: CLIENT }),
      selfSignedAuthority: await issue({ subject: CLIENT, authority: true }),
    };
    for (const [why, identity] of Object.entries(refused))
      expect([why, await scene.statusOf(clientId, identity)]).toEqual([why, 401]);
    const withOrdinary = ordinary.cert + intermediate.cert + root.cert;
    const careless = await scene.clientWith({ certificate_chain: withOrdinary });
    expect(await scene.statusOf(careless, refused.byNoAuthority)).toBe(401);
    const old = await issue({
      subject: [['CN', 'Old']],
      issuer: root,
      authority: true,
      validFrom: -3,
      validTo: -1,
    });
    const belowOld = await issue({ subject: CLIENT, issuer: old });
    expect(
      await scene.statusOf(await scene.clientWith({ certificate_chain: old.cert + root.cert }), belowOld),
    ).toBe(401);
  });

  it('need their intermediate in the chain: a root alone does not reach them (RFC 5280)', async () => {
    expect(await scene.statusOf(await scene.clientWith({ certificate_chain: root.cert }), good)).toBe(401);
  });

  it('bind the tokens as self-signed ones do (R49, R50)', async () => {
    const settings = { certificate_chain: intermediate.cert + root.cert, distinguished_name: NAME };
    const { client_id } = (await scene.save(settings, { isMtlsCertTokenBound: true })).body;
    const form = { grant_type: 'client_credentials', client_id };
    const token = (await scene.tls.post('/oidc/token', form, { identity: good })).body.access_token;
    expect(decodeJwt(token).cnf).toEqual({ 'x5t#S256': good.thumbprint });
    expect((await scene.tls.get('/v1/clients', token, good)).status).toBe(200);
    const other = await issue({ subject: CLIENT, issuer: intermediate });
    for (const identity of [other, undefined])
      expect((await scene.tls.get('/v1/clients', token, identity)).status).toBe(401);
  });

  it('are set up completely or not at all: each fault is named (R48)', async () => {
    const at = 'authentication_configuration.tls_client_auth';
    const chain = { certificate_chain: root.cert, distinguished_name: NAME };
    for (const [settings, sentence] of [
      [{}, `${at}.certificate_chain is required for tls_client_auth`],
      [{ certificate_chain: root.cert }, `${at}.distinguished_name is required for tls_client_auth`],
      [{ ...chain, certificate_chain: 'none' }, `${at}.certificate_chain must hold certificates in PEM form`],
      [{ ...chain, certificate_chain: intermediate.cert }, `${at}.certificate_chain must reach up to a root`],
      [{ ...chain, certificate_chain: root.cert + root.key }, 'must not hold a private key'],
      [{ ...chain, distinguished_name: 'shop' }, `${at}.distinguished_name must be a name as in RFC 4514`],
      [{ ...chain, ocsp_responder_uri: 'ldap://x' }, `${at}.ocsp_responder_uri must be an http or https URL`],
      [{ ...chain, ocsp_responder_certificate: 'x' }, `${at}.ocsp_responder_certificate must hold one`],
    ] as const) {
      const answer = await scene.save(settings);
      expect(answer.status).toBe(400);
      expect(answer.body.message.join()).toContain(sentence);
    }
  });
});
