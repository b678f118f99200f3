/** Decides whether a certificate was issued to a client by its authority and is not revoked (method tls_client_auth). */
import { hash, type X509Certificate } from 'node:crypto';
import type { Logger } from '../../base/logger.ts';
import type { OidcClient, TlsClientAuth } from '../../clients/client.ts';
import type { FetchOutside } from '../../http/outbound.ts';
import { type CertificatePath, subjectOf, validatePath } from '../../keys/certificate-path.ts';
import { askStatus, type StatusAnswer } from '../../keys/certificate-status.ts';
import { readCertificate, readPem } from '../../keys/certificate-text.ts';
import { parseDistinguishedName, sameName } from '../../keys/distinguished-name.ts';

export type IsIssuedTo = (certificate: X509Certificate, client: OidcClient) => Promise<boolean>;

interface Remembered {
  readonly answer: Promise<StatusAnswer>;
  /** Epoch milliseconds. */
  until: number;
}

const MAX_AGE_MS = 300_000;
const MAX_REMEMBERED = 1000;

/** Subjects are compared in full (RFC 8705 section 2.1.2, RFC 4514). */
export function subjectMatches(certificate: X509Certificate, expected: string | undefined): boolean {
  const name = expected === undefined ? undefined : parseDistinguishedName(expected);
  return name !== undefined && sameName(name, subjectOf(certificate));
}

/** @returns a function that says yes or no, and tells the log why it said no. */
export function issuedCertificates({
  log,
  fetchOutside,
}: {
  log: Pick<Logger, 'info' | 'warn'>;
  fetchOutside: FetchOutside;
}): IsIssuedTo {
  const status = rememberedStatus(fetchOutside);
  return async (certificate, client) => {
    const settings = client.settings.authentication_configuration.tls_client_auth ?? {};
    const warn = (error: unknown): void =>
      log.warn({ err: error, clientId: client.clientId }, 'a client certificate could not be examined');
    const refused = await refusal(certificate, settings, status, warn).catch((error: unknown) => {
      // Anybody can show anything: what the parser chokes on is refused, not an error of the server.
      warn(error);
      return 'it cannot be read';
    });
    if (refused !== undefined)
      log.info({ clientId: client.clientId, reason: refused }, 'a client certificate was refused');
    return refused === undefined;
  };
}

async function refusal(
  certificate: X509Certificate,
  settings: TlsClientAuth,
  status: (path: CertificatePath, settings: TlsClientAuth, leaf: X509Certificate) => Promise<StatusAnswer>,
  onSilence: (error: unknown) => void,
): Promise<string | undefined> {
  if (!subjectMatches(certificate, settings.distinguished_name)) return 'its subject is another one';
  const path = await validatePath(certificate, readPem(settings.certificate_chain ?? '') ?? []);
  if ('refused' in path) return path.refused;
  if (settings.ocsp_on !== true) return undefined;
  try {
    const answer = await status(path, settings, certificate);
    return answer.status === 'good' ? undefined : `its OCSP status is ${answer.status}`;
  } catch (error) {
    onSilence(error);
    return settings.ocsp_fail_open === true ? undefined : 'its OCSP status cannot be had';
  }
}

/** Good answers are kept until their end, at most five minutes; callers at the same time share one question. */
function rememberedStatus(fetchOutside: FetchOutside) {
  const known = new Map<string, Remembered>();
  return (path: CertificatePath, settings: TlsClientAuth, leaf: X509Certificate): Promise<StatusAnswer> => {
    const responderUrl = settings.ocsp_responder_uri || responderOf(leaf);
    if (responderUrl === undefined)
      return Promise.reject(new Error('neither the client nor the certificate names an OCSP responder'));
    const { ocsp_responder_certificate: trusted, certificate_chain: chain } = settings;
    const key = hash('sha256', JSON.stringify([leaf.fingerprint256, responderUrl, trusted, chain]));
    const found = known.get(key);
    if (found && found.until > Date.now()) return found.answer;
    const responderCertificate = trusted ? readCertificate(trusted) : undefined;
    const entry: Remembered = {
      answer: askStatus({ path, responderUrl, responderCertificate }, fetchOutside),
      until: Number.POSITIVE_INFINITY,
    };
    remember(known, key, entry);
    entry.answer.then(
      ({ status, nextUpdate }) => {
        const latest = Date.now() + MAX_AGE_MS;
        entry.until = status === 'good' ? Math.min(latest, nextUpdate?.getTime() ?? latest) : 0;
      },
      () => {
        entry.until = 0;
      },
    );
    return entry.answer;
  };
}

function remember(known: Map<string, Remembered>, key: string, entry: Remembered): void {
  known.delete(key);
  const oldest = known.keys().next().value;
  if (known.size >= MAX_REMEMBERED && oldest !== undefined) known.delete(oldest);
  known.set(key, entry);
}

/** The responder that the authority wrote into the certificate (RFC 5280 section 4.2.2.1). */
function responderOf({ infoAccess }: X509Certificate): string | undefined {
  const uri = /^OCSP - URI:(\S+)$/m.exec(infoAccess ?? '')?.[1];
  return uri !== undefined && /^https?:\/\//.test(uri) ? uri : undefined;
}
