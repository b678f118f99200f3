/** The revocation status of client certificates, asked for by OCSP (RFC 6960), and what happens without an answer. */
import { buffer } from 'node:stream/consumers';
import {
  type AuthorityScene,
  authority,
  CLIENT,
  NAME,
  setAuthorityScene,
} from '../support/authority-scene.ts';
import { type Identity, issue, PURPOSE, selfSigned } from '../support/certificates.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { adminToken, api } from '../support/management.ts';
import {
  describeWithOpenssl,
  type Responder,
  startFakeResponder,
  startResponder,
} from '../support/ocsp-responder.ts';
import { REDIRECT_URI } from '../support/scene.ts';
import { freePort } from '../support/start-app.ts';

describe.each(policyStorages)('client certificates with ocsp_on ($name)', (storage) => {
  let options: StorageOptions;
  let scene: AuthorityScene;
  let intermediate: Identity;
  let good: Identity;
  let revoked: Identity;
  const running: Responder[] = [];

  beforeAll(async () => {
    options = await storage.options();
    scene = await setAuthorityScene(options);
    ({ intermediate, good } = scene);
    revoked = await issue({ subject: CLIENT, issuer: intermediate });
  });
  afterAll(async () => {
    await Promise.all(running.map((responder) => responder.stop()));
    await scene?.discard();
    await options?.release();
  });

  const run = async (starting: Promise<Responder>): Promise<string> => {
    const responder = await starting;
    running.push(responder);
    return responder.url;
  };
  const asking = (url: string, more: Record<string, unknown> = {}) =>
    scene.clientWith({ ocsp_on: true, ocsp_responder_uri: url, ...more });
  /** Accepted? By clients that refuse, and that accept, when there is no answer. */
  const both = async (url: string, identity: Identity = good, more: Record<string, unknown> = {}) => [
    await scene.statusOf(await asking(url, more), identity),
    await scene.statusOf(await asking(url, { ...more, ocsp_fail_open: true }), identity),
  ];

  it('decide by ocsp_fail_open where the responder is silent, slow, or talks nonsense', async () => {
    const dead = await startFakeResponder(() => undefined);
    await dead.stop();
    expect(await both(dead.url)).toEqual([401, 200]);
    const nonsense = await run(startFakeResponder((_request, answer) => answer.end('nonsense')));
    expect(await both(nonsense)).toEqual([401, 200]);
    const endless = await run(startFakeResponder((_request, answer) => answer.end(Buffer.alloc(1_000_000))));
    expect(await both(endless)).toEqual([401, 200]);
    const elsewhere = startFakeResponder((_request, answer) =>
      answer.writeHead(302, { location: '/' }).end(),
    );
    expect(await both(await run(elsewhere))).toEqual([401, 200]);
    const silent = await run(startFakeResponder(() => undefined));
    const from = Date.now();
    expect(await scene.statusOf(await asking(silent), good)).toBe(401);
    expect(Date.now() - from).toBeLessThan(4500);
  });

  it('decide by ocsp_fail_open where nobody is named to ask', async () => {
    expect(await scene.statusOf(await scene.clientWith({ ocsp_on: true }), good)).toBe(401);
    expect(await scene.statusOf(await scene.clientWith({ ocsp_on: true, ocsp_fail_open: true }), good)).toBe(
      200,
    );
  });

  describeWithOpenssl('of OpenSSL', () => {
    const respond = (signer: Identity, more: { revoked?: Identity[]; valid?: Identity[] } = {}) =>
      run(startResponder({ issuer: intermediate, signer, valid: [good], ...more }));
    const delegate = (purposes: string[], issuer = intermediate) =>
      issue({ subject: [['CN', 'Responder']], issuer, purposes });

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
      const clientId = await scene.clientWith({ ocsp_on: true });
      expect(await scene.statusOf(clientId, fine)).toBe(200);
      expect(await scene.statusOf(clientId, gone)).toBe(401);
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
      expect(await scene.statusOf(await asking(`${replaying}first`), good)).toBe(200);
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
      for (let time = 0; time < 3; time++) expect(await scene.statusOf(clientId, good)).toBe(200);
      expect(asked).toBe(1);
      for (let time = 0; time < 2; time++) expect(await scene.statusOf(clientId, revoked)).toBe(401);
      expect(asked).toBe(3);
    });
  });
});

// The guard is before any storage: one is enough.
describe.each(policyStorages.slice(-1))('an OCSP responder at an internal address ($name)', (storage) => {
  let options: StorageOptions;
  let scene: AuthorityScene;
  let responder: Responder;
  let asked = 0;

  beforeAll(async () => {
    options = await storage.options();
    scene = await setAuthorityScene(options, { NODE_OPTIONS: '--import ./test/support/rebinding-names.ts' });
    responder = await startFakeResponder((_request, answer) => {
      asked += 1;
      answer.end();
    });
  });
  afterAll(async () => {
    await responder?.stop();
    await scene?.discard();
    await options?.release();
  });

  const at = (host: string): string => responder.url.replace('127.0.0.1', host);
  const refuses = async (url: string): Promise<void> => {
    const clientId = await scene.clientWith({ ocsp_on: true, ocsp_responder_uri: url });
    expect([url, await scene.statusOf(clientId, scene.good)]).toEqual([url, 401]);
  };

  it('is never asked unless ALLOWED_INTERNAL_HOSTS names it, whoever named it, however it is written (SSRF)', async () => {
    for (const host of ['127.0.0.1', '2130706433', '[::ffff:127.0.0.1]', 'localhost', 'a.localhost.']) {
      const chain = { certificate_chain: scene.root.cert, distinguished_name: NAME };
      const answer = await scene.save({ ...chain, ocsp_on: true, ocsp_responder_uri: at(host) });
      expect(answer.status).toBe(400);
      expect(answer.body.message.join()).toMatch(
        /^authentication_configuration\.tls_client_auth\.ocsp_responder_uri is at an internal address \(.+ALLOWED_INTERNAL_HOSTS/,
      );
    }
    // Nobody saves the certificates of clients: what they name is examined when it is to be asked.
    const named = await issue({ subject: CLIENT, issuer: scene.intermediate, ocspUri: responder.url });
    expect(await scene.statusOf(await scene.clientWith({ ocsp_on: true }), named)).toBe(401);
    expect(asked).toBe(0);
    expect(scene.tls.app.output()).toContain('127.0.0.1 is at an internal address');
  });

  it('is refused in a certificate of the chain, on a change, and in the first client of an application, too (SSRF)', async () => {
    const [chain, certified] = ['certificate_chain', 'the OCSP address in certificate 1 of'];
    const marked = await issue({ subject: CLIENT, issuer: scene.root, ocspUri: 'http://169.254.169.254/x' });
    const answer = await scene.save({
      [chain]: marked.cert + scene.root.cert,
      distinguished_name: NAME,
    });
    expect([answer.status, answer.body.message]).toEqual([
      400,
      [
        expect.stringContaining(
          `${certified} authentication_configuration.tls_client_auth.${chain} is at an`,
        ),
      ],
    ]);
    const admin = api(scene.tls.app, await adminToken(scene.tls.app));
    const tls_client_auth = {
      [chain]: scene.root.cert,
      distinguished_name: NAME,
      ocsp_responder_uri: at('[::1]'),
    };
    const authentication_configuration = { method: 'tls_client_auth', tls_client_auth };
    const first_client = { name: 'First', redirect_uris: [REDIRECT_URI], authentication_configuration };
    const made = await admin.post('/v1/applications', { app_name: 'Shop', first_client });
    expect([made.status, String(made.body.message)]).toEqual([400, expect.stringContaining('internal')]);
    const clientId = await scene.clientWith();
    const path = `/v1/applications/${scene.appId}/clients/${clientId}`;
    const changed = await admin.put(path, { authentication_configuration });
    expect([changed.status, String(changed.body.message)]).toEqual([
      400,
      expect.stringContaining('internal'),
    ]);
    // A name is not looked up when it is saved.
    tls_client_auth.ocsp_responder_uri = at('rebinding.example');
    expect((await admin.put(path, { authentication_configuration })).status).toBe(200);
  });

  it('is never asked when its name is moved there after it was examined (DNS rebinding)', async () => {
    await refuses(at('rebinding.example'));
    // Examined again, as every time, it is at the loopback address by now.
    await refuses(at('rebinding.example'));
    expect(asked).toBe(0);
    expect(scene.tls.app.output()).toContain('rebinding.example is at an internal address');
  });
});
