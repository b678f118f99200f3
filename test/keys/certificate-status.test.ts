/** Which OCSP answers are believed: signed by the right key, about the right certificate, and fresh (RFC 6960). */
import { X509Certificate } from 'node:crypto';
import { Enumerated, OctetString, Primitive } from 'asn1js';
import { BasicOCSPResponse, CertID, OCSPResponse, ResponseBytes, ResponseData, SingleResponse } from 'pkijs';
import { outbound } from '../../src/http/outbound.ts';
import { type CertificatePath, validatePath } from '../../src/keys/certificate-path.ts';
import { askStatus } from '../../src/keys/certificate-status.ts';
import { type Identity, issue } from '../support/certificates.ts';
import { type Responder, startFakeResponder } from '../support/ocsp-responder.ts';

const MINUTE = 60_000;

const fetchOutside = outbound({ allowedInternalHosts: ['127.0.0.1'] });

describe('the answer of an OCSP responder', () => {
  let root: Identity;
  let leaf: Identity;
  let neighbour: Identity;
  let path: CertificatePath;
  let responder: Responder;
  let answer: Buffer;

  beforeAll(async () => {
    root = await issue({ subject: [['CN', 'Root']], authority: true });
    leaf = await issue({ subject: [['CN', 'leaf']], issuer: root });
    neighbour = await issue({ subject: [['CN', 'neighbour']], issuer: root });
    const found = await validatePath(new X509Certificate(leaf.cert), [new X509Certificate(root.cert)]);
    if ('refused' in found) throw new Error(found.refused);
    path = found;
    responder = await startFakeResponder((_request, response) => response.end(answer));
  });
  afterAll(() => responder?.stop());

  interface Wish {
    readonly about?: Identity;
    readonly signer?: Identity;
    /** Minutes from now. */
    readonly from?: number;
    readonly until?: number;
    readonly tag?: number;
    readonly status?: number;
    readonly certs?: readonly Identity[];
  }

  /** An answer without a nonce, as responders prepare them (RFC 5019). */
  async function prepare(wish: Wish) {
    const { about = leaf, signer = root, from = -1, until, tag = 0, status = 0, certs = [] } = wish;
    const certID = new CertID();
    await certID.createForCertificate(about.certificate, {
      hashAlgorithm: 'SHA-1',
      issuerCertificate: root.certificate,
    });
    const single = new SingleResponse({ certID });
    single.certStatus = new Primitive({ idBlock: { tagClass: 3, tagNumber: tag }, lenBlock: { length: 1 } });
    single.thisUpdate = new Date(Date.now() + from * MINUTE);
    if (until !== undefined) single.nextUpdate = new Date(Date.now() + until * MINUTE);
    const data = { responderID: signer.certificate.subject, producedAt: new Date(), responses: [single] };
    const basic = new BasicOCSPResponse({ tbsResponseData: new ResponseData(data) });
    if (certs.length > 0) basic.certs = certs.map(({ certificate }) => certificate);
    await basic.sign(signer.keys.privateKey, 'SHA-256');
    const response = new OctetString({ valueHex: basic.toSchema().toBER() });
    const responseBytes = new ResponseBytes({ responseType: '1.3.6.1.5.5.7.48.1.1', response });
    const whole = new OCSPResponse({ responseStatus: new Enumerated({ value: status }), responseBytes });
    answer = Buffer.from(whole.toSchema().toBER());
  }

  const ask = async (wish: Wish) => {
    await prepare(wish);
    return askStatus({ path, responderUrl: responder.url }, fetchOutside);
  };

  it('is believed without a nonce while it is fresh, and says how long it holds', async () => {
    const { status, nextUpdate } = await ask({ until: 10 });
    expect(status).toBe('good');
    expect(nextUpdate?.getTime()).toBeGreaterThan(Date.now());
    expect(await ask({})).toEqual({ status: 'good' });
    expect((await ask({ tag: 2, until: 10 })).status).toBe('unknown');
  });

  it.each<[string, () => Wish, string]>([
    ['outdated', () => ({ from: -20, until: -10 }), 'outdated'],
    ['from the future', () => ({ from: 10, until: 20 }), 'from the future'],
    ['old, with neither nonce nor end', () => ({ from: -10 }), 'neither nonce nor end'],
    ['about another certificate', () => ({ about: neighbour, until: 10 }), 'another certificate'],
    [
      'signed by another certificate of the issuer',
      () => ({ signer: neighbour, until: 10 }),
      'No certificate matching',
    ],
    ['an error of the responder', () => ({ status: 3 }), 'refused to answer (status 3)'],
  ])('is not believed when it is %s', async (_why, wish, sentence) => {
    await expect(ask(wish())).rejects.toThrow(sentence);
  });

  it('is not believed, and ends, when its certificates certify each other in a circle', async () => {
    const a = await issue({ subject: [['CN', 'A']], authority: true });
    const b = await issue({ subject: [['CN', 'B']], authority: true, issuer: a });
    const aByB = await issue({ subject: [['CN', 'A']], authority: true, issuer: b, keys: a.keys });
    await expect(ask({ signer: aByB, certs: [aByB, b], until: 10 })).rejects.toThrow(
      'No certificate matching',
    );
  });

  it('is not believed when a bit of it was changed', async () => {
    await prepare({ until: 10 });
    const last = answer.length - 1;
    answer[last] = Number(answer[last]) ^ 1;
    await expect(askStatus({ path, responderUrl: responder.url }, fetchOutside)).rejects.toThrow('signature');
  });

  it('is not believed when it is no answer', async () => {
    for (const bytes of ['', 'text', '\x30\x03\x0a\x01\x00', '\x30\x82\xff\xff']) {
      answer = Buffer.from(bytes, 'latin1');
      await expect(askStatus({ path, responderUrl: responder.url }, fetchOutside)).rejects.toThrow();
    }
  });
});
