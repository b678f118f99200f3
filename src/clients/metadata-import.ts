/** Puts what a service provider's metadata says into a client body, fetched from outside where the body names a URL (contract/saml.md 1.5). */
import { invalid } from '../base/errors.ts';
import type { FetchOutside, OutsideAnswer } from '../http/outbound.ts';
import { holdsPrivateKey, readPem } from '../keys/certificate-text.ts';
import type { SamlClientInput, SpMetadataSource } from './client-input.ts';
import { readSpMetadata } from './sp-metadata.ts';

const SECONDS = 5;
const MAX_BYTES = 256 * 1024;
const ACCEPT = 'application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1';

interface Parts {
  readonly fetchOutside: FetchOutside;
  /** Hosts that may be asked without TLS, too. */
  readonly allowedInternalHosts: readonly string[];
}

/**
 * The body with fields instead of `sp_metadata`; those that it sends itself win. Waits for others: call it outside of transactions.
 * @param known entity ID of the stored client: which of several providers is meant where the body does not say it
 * @throws 400 for metadata that cannot be had, or cannot be used.
 */
export type ImportMetadata = (input: SamlClientInput, known?: string) => Promise<SamlClientInput>;

export const metadataImport =
  (parts: Parts): ImportMetadata =>
  async ({ sp_metadata: source, ...sent }, known) => {
    if (source === undefined) return sent;
    const certificate = source.certificate === undefined ? undefined : assertCertificate(source.certificate);
    const xml = source.xml ?? (await fetched(source, parts));
    const read = readSpMetadata(xml, { named: sent.sp_entity_id, known, certificate, now: new Date() });
    const given = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined));
    return withoutIdleWish({ ...read, ...given }, sent);
  };

/** Signed requests can only be asked for where a certificate says what a signature looks like. */
function withoutIdleWish(input: SamlClientInput, sent: SamlClientInput): SamlClientInput {
  if (sent.want_authn_requests_signed !== undefined || input.sp_certificates?.length) return input;
  const { want_authn_requests_signed: _, ...rest } = input;
  return rest;
}

function assertCertificate(pem: string): string {
  if (holdsPrivateKey(pem) || readPem(pem)?.length !== 1)
    throw invalid('sp_metadata.certificate must hold one certificate in PEM form, and no key');
  return pem;
}

async function fetched({ url = '' }: SpMetadataSource, { fetchOutside, allowedInternalHosts }: Parts) {
  const target = URL.parse(url);
  const isSafe = target?.protocol === 'https:';
  if (!isSafe && !(target?.protocol === 'http:' && allowedInternalHosts.includes(target.hostname)))
    throw invalid('sp_metadata.url must use https');
  const answer = await ask(url, fetchOutside);
  if (answer.status !== 200)
    throw invalid(
      `sp_metadata.url answered ${answer.status} instead of 200; redirects are not followed: name the place itself`,
    );
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(answer.body);
  } catch {
    throw invalid('sp_metadata.url answered something that is not UTF-8');
  }
}

/** One sentence for all that can go wrong on the way: which of them it was would tell about networks that only we can see. */
async function ask(url: string, fetchOutside: FetchOutside): Promise<OutsideAnswer> {
  const request = {
    method: 'GET',
    headers: { accept: ACCEPT },
    timeoutMs: SECONDS * 1000,
    maxBytes: MAX_BYTES,
  } as const;
  try {
    return await fetchOutside(url, request);
  } catch {
    throw invalid(
      `sp_metadata.url could not be read: its host must answer within ${SECONDS} seconds and ${MAX_BYTES / 1024} KiB, and be at no internal address that ALLOWED_INTERNAL_HOSTS does not list`,
    );
  }
}
