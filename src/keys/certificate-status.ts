/** Asks an OCSP responder whether a certificate was revoked (RFC 6960), and believes only a signed, fresh answer. */
import { randomBytes, type X509Certificate } from 'node:crypto';
import { OctetString } from 'asn1js';
import {
  BasicOCSPResponse,
  CertID,
  type Certificate,
  Extension,
  OCSPRequest,
  OCSPResponse,
  Request,
  type SingleResponse,
} from 'pkijs';
import type { FetchOutside } from '../http/outbound.ts';
import { type CertificatePath, toPkijs } from './certificate-path.ts';

export type CertificateStatus = 'good' | 'revoked' | 'unknown';

export interface StatusQuestion {
  readonly path: CertificatePath;
  readonly responderUrl: string;
  /** A responder that is trusted by configuration (RFC 6960 section 4.2.2.2, case 1). */
  readonly responderCertificate?: X509Certificate | undefined;
}

export interface StatusAnswer {
  readonly status: CertificateStatus;
  /** Until when the responder stands by it; absent where it does not say. */
  readonly nextUpdate?: Date;
}

const NONCE = '1.3.6.1.5.5.7.48.1.2';
const BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1';
const TIMEOUT_MS = 3000;
const LIMIT_BYTES = 64 * 1024;
const SKEW_MS = 60_000;
/** How old an answer without a nonce and without an end may be. */
const MAX_AGE_MS = 300_000;

/** @throws Error, with a sentence for the log, where no answer can be had or believed within 3 seconds. */
export async function askStatus(question: StatusQuestion, fetchOutside: FetchOutside): Promise<StatusAnswer> {
  const { certificate, issuer } = question.path;
  const id = new CertID();
  // SHA-1 only names the certificate here; it is what every responder knows (RFC 5019 section 2.1.1).
  await id.createForCertificate(certificate, { hashAlgorithm: 'SHA-1', issuerCertificate: issuer });
  const nonce = new Uint8Array(randomBytes(32));
  const basic = parse(await post(fetchOutside, question.responderUrl, encode(id, nonce)));
  await checkSigner(basic, question);
  const nonceMatches = checkNonce(basic, nonce);
  const answer = basic.tbsResponseData.responses.find(({ certID }) => certID.isEqual(id));
  if (!answer) throw new Error('the OCSP response is about another certificate');
  checkFreshness(answer, nonceMatches);
  return { status: statusOf(answer), ...(answer.nextUpdate && { nextUpdate: answer.nextUpdate }) };
}

function encode(id: CertID, nonce: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const request = new OCSPRequest();
  request.tbsRequest.requestList = [new Request({ reqCert: id })];
  const extnValue = new OctetString({ valueHex: nonce }).toBER();
  request.tbsRequest.requestExtensions = [new Extension({ extnID: NONCE, extnValue })];
  return new Uint8Array(request.toSchema(true).toBER());
}

/** The address stands in a certificate or in the settings of a client: neither is ours. */
async function post(fetchOutside: FetchOutside, url: string, body: Uint8Array): Promise<Uint8Array> {
  const answer = await fetchOutside(url, {
    method: 'POST',
    headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' },
    body,
    timeoutMs: TIMEOUT_MS,
    maxBytes: LIMIT_BYTES,
  });
  if (answer.status !== 200) throw new Error(`the OCSP responder answered ${answer.status}`);
  return answer.body;
}

function parse(bytes: Uint8Array): BasicOCSPResponse {
  const response = OCSPResponse.fromBER(new Uint8Array(bytes));
  const status = response.responseStatus.valueBlock.valueDec;
  if (status !== 0 || response.responseBytes?.responseType !== BASIC_RESPONSE)
    throw new Error(`the OCSP responder refused to answer (status ${status})`);
  return BasicOCSPResponse.fromBER(new Uint8Array(response.responseBytes.response.valueBlock.valueHexView));
}

/** The issuer itself, its delegate with the OCSP-signing purpose, or the configured responder (section 4.2.2.2). */
async function checkSigner(basic: BasicOCSPResponse, question: StatusQuestion): Promise<void> {
  const { path, responderCertificate } = question;
  const trusted = [path.issuer, ...(responderCertificate ? [toPkijs(responderCertificate)] : [])].filter(
    (one) => isCurrent(one, new Date()),
  );
  // A responder need not send certificates that we have. Of those it sends only what the issuer signed itself can count
  // (a delegate is issued directly); anything else could lead the path search in circles.
  const sent = basic.certs ?? [];
  const isOurs = await Promise.all(sent.map((one) => one.verify(path.issuer).catch(() => false)));
  basic.certs = [...sent.filter((_one, at) => isOurs[at]), ...trusted];
  const valid = await basic.verify({
    trustedResponders: trusted,
    trustedCerts: [...path.roots],
    issuerCerts: [...path.authorities],
  });
  if (!valid) throw new Error('the signature of the OCSP response is wrong');
}

const isCurrent = ({ notBefore, notAfter }: Certificate, now: Date): boolean =>
  notBefore.value <= now && now <= notAfter.value;

/** True where the responder repeated our nonce; many answer from a prepared response and leave it out (RFC 5019). */
function checkNonce({ tbsResponseData }: BasicOCSPResponse, nonce: Uint8Array): boolean {
  const extension = tbsResponseData.responseExtensions?.find(({ extnID }) => extnID === NONCE);
  if (!extension) return false;
  const sent = new OctetString({ valueHex: new Uint8Array(nonce) }).toBER();
  if (!Buffer.from(sent).equals(Buffer.from(extension.extnValue.valueBlock.valueHexView)))
    throw new Error('the OCSP response repeats another nonce: it was made for another request');
  return true;
}

function checkFreshness({ thisUpdate, nextUpdate }: SingleResponse, nonceMatches: boolean): void {
  const now = Date.now();
  if (thisUpdate.getTime() > now + SKEW_MS) throw new Error('the OCSP response is from the future');
  if (nextUpdate && nextUpdate.getTime() < now - SKEW_MS) throw new Error('the OCSP response is outdated');
  if (!nextUpdate && !nonceMatches && thisUpdate.getTime() < now - MAX_AGE_MS)
    throw new Error('the OCSP response is old, and has neither nonce nor end');
}

/** RFC 6960 section 4.2.1: CertStatus is good [0], revoked [1] or unknown [2]. */
function statusOf({ certStatus }: SingleResponse): CertificateStatus {
  const tag = (certStatus as { idBlock?: { tagNumber?: number } }).idBlock?.tagNumber;
  if (tag === 0) return 'good';
  return tag === 1 ? 'revoked' : 'unknown';
}
