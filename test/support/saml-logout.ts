/** Single logout as service providers and their users see it: what a page asks of a provider, and how one answers (@node-saml/node-saml). */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Profile } from '@node-saml/node-saml';
import { SignedXml } from 'xml-crypto';
import type { Browser, Page } from './browser.ts';
import { issue } from './certificates.ts';
import type { ServiceProvider } from './service-provider.ts';

export interface Keys {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

/** An RSA key with its certificate, as a service provider signs with. */
export async function rsaKeys(): Promise<Keys> {
  const keys = await crypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    },
    true,
    ['sign', 'verify'],
  );
  return issue({ subject: [['CN', 'sp.example.com']], keys: keys as CryptoKeyPair });
}

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/** Signs the element with that ID, and puts the signature after its Issuer. */
export function signed(xml: string, { key, cert }: Keys, name = 'LogoutRequest'): string {
  const signing = new SignedXml({
    privateKey: key,
    publicCert: cert,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: EXCLUSIVE,
  });
  const xpath = `//*[local-name(.)='${name}']`;
  signing.addReference({
    xpath,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', EXCLUSIVE],
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  signing.computeSignature(xml, {
    location: { reference: `${xpath}/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signing.getSignedXml();
}

export const base64 = (xml: string): string => Buffer.from(xml).toString('base64');
export const deflated = (xml: string): string => deflateRawSync(xml).toString('base64');

/** The message in the query of a URL. */
export function xmlAt(url: string | URL): string {
  const { searchParams } = new URL(url);
  const message = searchParams.get('SAMLRequest') ?? searchParams.get('SAMLResponse') ?? '';
  return inflateRawSync(Buffer.from(message, 'base64')).toString();
}

/** A form of a provider's page, at our logout URL. */
export const post = (browser: Browser, sp: ServiceProvider, fields: Record<string, string>): Promise<Page> =>
  browser.submit({ action: new URL(sp.logoutUrl), method: 'POST', fields });

/** What a page of ours asks a provider for. */
export interface Asked {
  /** Where the browser is sent. */
  readonly at: URL;
  /** What comes there, in the query or as a form. */
  readonly fields: Readonly<Record<string, string>>;
  readonly binding: 'redirect' | 'post';
  /** The way on without this provider. */
  readonly without: URL;
}

const plain = (href: string): string => href.replaceAll('&amp;', '&');

/** @throws Error with the page when it asks no provider */
export function asked(page: Page): Asked {
  const [, link] = /<a href="([^"]*)" id="saml-continue">/.exec(page.html) ?? [];
  const [, without = ''] = /<a href="([^"]*\/saml\/logout\/without[^"]*)">/.exec(page.html) ?? [];
  const form = page.forms.find(({ fields }) => 'SAMLRequest' in fields);
  const at = link === undefined ? form?.action : new URL(plain(link));
  if (!at || without === '')
    throw new Error(`no LogoutRequest at ${page.url.pathname} (${page.status}):\n${page.html.slice(-1500)}`);
  const fields = form?.fields ?? Object.fromEntries(at.searchParams);
  return { at, fields, binding: form ? 'post' : 'redirect', without: new URL(plain(without)) };
}

/** The provider checks the request and makes its answer, as a URL of ours. @throws Error as the library says it */
export async function answerOf(sp: ServiceProvider, step: Asked, isDone = true): Promise<string> {
  const { profile } = await read(sp, step);
  return sp.saml.getLogoutResponseUrlAsync(profile as Profile, step.fields.RelayState ?? '', {}, isDone);
}

/** What the provider reads in the request. */
export const read = (sp: ServiceProvider, { at, fields, binding }: Asked) =>
  binding === 'post'
    ? sp.saml.validatePostRequestAsync({ ...fields })
    : sp.saml.validateRedirectAsync({ ...fields }, at.search.slice(1));

const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:';

/** The status codes of a message, the outer one first. */
export const statusOf = (xml: string): string[] =>
  [...xml.matchAll(/StatusCode Value="([^"]+)"/g)].map(([, code = '']) => code.replace(STATUS, ''));
