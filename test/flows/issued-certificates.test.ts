/** Clients whose certificate an authority issued (RFC 8705 section 2.1), and its revocation status (RFC 6960). */
import { buffer } from 'node:stream/consumers';
import { decodeJwt } from 'jose';
import { type Identity, issue, PURPOSE, selfSigned } from '../support/certificates.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api } from '../support/management.ts';
import { type MutualTlsApp, startMutualTls } from '../support/mutual-tls.ts';
import {
  describeWithOpenssl,
  type Responder,
  startFakeResponder,
  startResponder,
} from '../support/ocsp-responder.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { freePort } from '../support/start-app.ts';

const CLIENT = [
  ['C', 'DE'],
  ['O', 'Acme, Inc.'],
  ['CN', 'shop'],
] as const;
const NAME = 'CN=shop,O=Acme\\, Inc.,C=DE';
const authority = (name: string, issuer?: Identity) =>
  issue({ subject: [['CN', name]], authority: true, ...(issuer && { issuer }) });

describe.each(policyStorages)('certificates of an authority ($name)', (storage) => {
  let options: StorageOptions;
  let tls: MutualTlsApp;
  let admin: Api;
  let scene: Scene;
  let root: Identity;
  let intermediate: Identity;
  let good: Identity;

  beforeAll(async () => {
    options = await storage.options();
    tls = await startMutualTls(options);
    admin = api(tls.app, await adminToken(tls.app));
    scene = await setScene(tls.app);
    root = await authority('Root');
    intermediate = await authority('Intermediate', root);
    good = await issue({ subject: CLIENT, issuer: intermediate, purposes: [PURPOSE.clientAuth] });
  });
  afterAll(async () => {
    await tls?.discard();
    await options?.release();
  });

  const save = (settings: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    admin.post(`/v1/applications/${scene.appId}/clients`, {
      name: 'Batch',
      redirect_uris: [REDIRECT_URI],
      authentication_configuration: { method: 'tls_client_auth', tls_client_auth: settings, ...more },
    });
  const clientWith = async (settings: Record<string, unknown> = {}): Promise<string> => {
    const chain = { certificate_chain: intermediate.cert + root.cert, distinguished_name: NAME };
    const answer = await save({ ...chain, ...settings });
    expect(answer.status).toBe(201);
    return answer.body.client_id;
  };
  const statusOf = async (clientId: string, identity?: Identity): Promise<number> => {
    const form = { grant_type: 'client_credentials', client_id: clientId };
    const answer = await tls.post('/oidc/token', form, { identity });
    expect(answer.status === 200 || answer.body.error === 'invalid_client').toBe(true);
    return answer.status;
  };

  it('are accepted with the right chain and subject, however the name is spaced (R42)', async () => {
    expect(await statusOf(await clientWith(), good)).toBe(200);
    const spaced = ' cn = shop ; o=Acme\\2C Inc. ,  2.5.4.6 =DE ';
    expect(await statusOf(await clientWith({ distinguished_name: spaced }), good)).toBe(200);
    // The client's own certificate may stand in the chain; it vouches for nothing.
    const whole = good.cert + intermediate.cert + root.cert;
    expect(await statusOf(await clientWith({ certificate_chain: whole }), good)).toBe(200);
  });

  it('are refused without the certificate, and with the secret in its place (R42)', async () => {
    const answer = await save({ certificate_chain: root.cert, distinguished_name: NAME });
    const { client_id, client_secret } = answer.body;
    expect(await statusOf(client_id)).toBe(401);
    const form = { grant_type: 'client_credentials', client_id, client_secret };
    expect(await tls.post('/oidc/token', form, { identity: good })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
  });

  it('are refused under another subject, another order of it included (RFC 4514)', async () => {
    const neighbour = await issue({ subject: [['CN', 'other']], issuer: intermediate });
    const clientId = await clientWith();
    expect(await statusOf(clientId, neighbour)).toBe(401);
    const reversed = await clientWith({ distinguished_name: 'C=DE,O=Acme\\, Inc.,CN=shop' });
    expect(await statusOf(reversed, good)).toBe(401);
    const longer = await clientWith({ distinguished_name: `${NAME},DC=example` });
    expect(await statusOf(longer, good)).toBe(401);
  });

  it('are refused where the path does not hold: dates, purpose, authority, signature (RFC 5280)', async () => {
    const clientId = await clientWith();
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
      expect([why, await statusOf(clientId, identity)]).toEqual([why, 401]);
    const withOrdinary = ordinary.cert + intermediate.cert + root.cert;
    const careless = await clientWith({ certificate_chain: withOrdinary });
    expect(await statusOf(careless, refused.byNoAuthority)).toBe(401);
    const old = await issue({
      subject: [['CN', 'Old']],
      issuer: root,
      authority: true,
      validFrom: -3,
      validTo: -1,
    });
    const belowOld = await issue({ subject: CLIENT, issuer: old });
    expect(await statusOf(await clientWith({ certificate_chain: old.cert + root.cert }), belowOld)).toBe(401);
  });

  it('need their intermediate in the chain: a root alone does not reach them (RFC 5280)', async () => {
    expect(await statusOf(await clientWith({ certificate_chain: root.cert }), good)).toBe(401);
  });

  it('bind the tokens as self-signed ones do (R49, R50)', async () => {
    const settings = { certificate_chain: intermediate.cert + root.cert, distinguished_name: NAME };
    const { client_id } = (await save(settings, { isMtlsCertTokenBound: true })).body;
    const form = { grant_type: 'client_credentials', client_id };
    const token = (await tls.post('/oidc/token', form, { identity: good })).body.access_token;
    expect(decodeJwt(token).cnf).toEqual({ 'x5t#S256': good.thumbprint });
    expect((await tls.get('/v1/clients', token, good)).status).toBe(200);
    const other = await issue({ subject: CLIENT, issuer: intermediate });
    for (const identity of [other, undefined])
      expect((await tls.get('/v1/clients', token, identity)).status).toBe(401);
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
      const answer = await save(settings);
      expect(answer.status).toBe(400);
      expect(answer.body.message.join()).toContain(sentence);
    }
  });

  describe('whose status has to be asked for', () => {
    const running: Responder[] = [];
    const run = async (starting: Promise<Responder>): Promise<string> => {
      const responder = await starting;
      running.push(responder);
      return responder.url;
    };
    const asking = (url: string, more: Record<string, unknown> = {}) =>
      clientWith({ ocsp_on: true, ocsp_responder_uri: url, ...more });
    /** Accepted? By clients that refuse, and that accept, when there is no answer. */
    const both = async (url: string, identity = good, more: Record<string, unknown> = {}) => [
      await statusOf(await asking(url, more), identity),
      await statusOf(await asking(url, { ...more, ocsp_fail_open: true }), identity),
    ];
    // biome-ignore lint/suspicious/noDuplicateTestHooks: ends what the tests of this block started
    afterAll(() => Promise.all(running.map((responder) => responder.stop())));

    it('decide by ocsp_fail_open where the responder is silent, slow, or talks nonsense', async () => {
      const dead = await startFakeResponder(() => undefined);
      await dead.stop();
      expect(await both(dead.url)).toEqual([401, 200]);
      const nonsense = await run(startFakeResponder((_request, answer) => answer.end('nonsense')));
      expect(await both(nonsense)).toEqual([401, 200]);
      const endless = await run(
        startFakeResponder((_request, answer) => answer.end(Buffer.alloc(1_000_000))),
      );
      expect(await both(endless)).toEqual([401, 200]);
      const elsewhere = startFakeResponder((_request, answer) =>
        answer.writeHead(302, { location: '/' }).end(),
      );
      expect(await both(await run(elsewhere))).toEqual([401, 200]);
      const silent = await run(startFakeResponder(() => undefined));
      const from = Date.now();
      expect(await statusOf(await asking(silent), good)).toBe(401);
      expect(Date.now() - from).toBeLessThan(4500);
    });

    it('decide by ocsp_fail_open where nobody is named to ask', async () => {
      expect(await statusOf(await clientWith({ ocsp_on: true }), good)).toBe(401);
      expect(await statusOf(await clientWith({ ocsp_on: true, ocsp_fail_open: true }), good)).toBe(200);
    });

    describeWithOpenssl('of OpenSSL', () => {
      let revoked: Identity;
      const respond = (signer: Identity, more: { revoked?: Identity[]; valid?: Identity[] } = {}) =>
        run(startResponder({ issuer: intermediate, signer, valid: [good], ...more }));
      const delegate = (purposes: string[], issuer = intermediate) =>
        issue({ subject: [['CN', 'Responder']], issuer, purposes });
      beforeAll(async () => {
        revoked = await issue({ subject: CLIENT, issuer: intermediate });
      });

      it('are accepted when good and refused when revoked or unknown, open or not', async () => {
        const url = await respond(intermediate, { revoked: [revoked] });
        expect(await both(url)).toEqual([200, 200]);
        expect(await both(url, revoked)).toEqual([401, 401]);
        const unknown = await issue({ subject: CLIENT, issuer: intermediate });
        expect(await both(url, unknown)).toEqual([401, 401]);
      });

      it('ask the responder that the certificate names', async () => {
        // The certificates come first, because the responder has to know them: a port is chosen beforehand.
        const port = await freePort();
        const named = () =>
          issue({ subject: CLIENT, issuer: intermediate, ocspUri: `http://127.0.0.1:${port}/` });
        const [fine, gone] = [await named(), await named()];
        const knowledge = { issuer: intermediate, signer: intermediate, valid: [fine], revoked: [gone] };
        await run(startResponder({ ...knowledge, port }));
        const clientId = await clientWith({ ocsp_on: true });
        expect(await statusOf(clientId, fine)).toBe(200);
        expect(await statusOf(clientId, gone)).toBe(401);
      });

      it('believe a delegate of the issuer with the OCSP-signing purpose, no other signer', async () => {
        expect(await both(await respond(await delegate([PURPOSE.ocspSigning])))).toEqual([200, 200]);
        const withoutPurpose = await respond(await delegate([PURPOSE.clientAuth]));
        expect(await both(withoutPurpose)).toEqual([401, 200]);
        const foreign = await authority('Intermediate', await authority('Root'));
        expect(await both(await respond(await delegate([PURPOSE.ocspSigning], foreign)))).toEqual([401, 200]);
        expect(await both(await respond(foreign))).toEqual([401, 200]);
      });

      it('believe the responder certificate of the client settings', async () => {
        const stranger = await selfSigned('Responder');
        const url = await respond(stranger, { revoked: [revoked] });
        expect(await both(url)).toEqual([401, 200]);
        const trusted = { ocsp_responder_certificate: stranger.cert };
        expect(await both(url, good, trusted)).toEqual([200, 200]);
        expect(await both(url, revoked, trusted)).toEqual([401, 401]);
      });

      it('do not believe an answer that was recorded for another request', async () => {
        const url = await respond(intermediate);
        let recorded: Buffer | undefined;
        const replaying = await run(
          startFakeResponder((request, answer) => {
            void (async () => {
              recorded ??= await fetch(url, { method: 'POST', body: await buffer(request) }).then(
                async (real) => Buffer.from(await real.arrayBuffer()),
              );
              answer.end(recorded);
            })();
          }),
        );
        expect(await statusOf(await asking(`${replaying}first`), good)).toBe(200);
        expect(await both(`${replaying}second`)).toEqual([401, 200]);
      });

      it('remember a good answer for a while, a revocation never', async () => {
        const url = await respond(intermediate, { revoked: [revoked] });
        let asked = 0;
        const counting = await run(
          startFakeResponder((request, answer) => {
            asked += 1;
            void (async () => {
              const real = await fetch(url, { method: 'POST', body: await buffer(request) });
              answer.end(Buffer.from(await real.arrayBuffer()));
            })();
          }),
        );
        const clientId = await asking(counting);
        for (let time = 0; time < 3; time++) expect(await statusOf(clientId, good)).toBe(200);
        expect(asked).toBe(1);
        for (let time = 0; time < 2; time++) expect(await statusOf(clientId, revoked)).toBe(401);
        expect(asked).toBe(3);
      });
    });
  });
});
