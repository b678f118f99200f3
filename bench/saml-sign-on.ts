/** One browser that signs on with a service provider: the request, the redirects, and the page that posts the response. */
import { deflateRawSync } from 'node:zlib';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { authnRequest } from './authn-request.ts';
import { CookieJar } from './cookie-jar.ts';
import { findLoginForm } from './form.ts';
import { type Answer, ask, postForm } from './http-client.ts';
import type { Person } from './target.ts';
import type { SamlClient } from './tessera-target.ts';

export const ACS = 'https://sp.bench.example/acs';
const MAX_HOPS = 8;

export class SamlBrowser {
  readonly #jar = new CookieJar();
  readonly #client: SamlClient;

  constructor(client: SamlClient) {
    this.#client = client;
  }

  /** Signs in on the hosted page, and has a service provider of other authors read the first response. */
  async signIn(person: Person): Promise<void> {
    const { id, url } = this.#request();
    const response = await this.#follow(url, person);
    assertSuccess(response, id);
    await assertBelieved(response, this.#client, person);
  }

  /** One sign-on in the session: a request of its own, to the SSO URL, until the page with a signed Success. */
  async signOn(): Promise<void> {
    const { id, url } = this.#request();
    assertSuccess(await this.#follow(url), id);
  }

  #request(): { id: string; url: URL } {
    const { sso_url: destination, sp_entity_id: issuer } = this.#client;
    const { id, xml } = authnRequest({ issuer, destination, acs: ACS });
    const url = new URL(destination);
    url.search = new URLSearchParams({
      SAMLRequest: deflateRawSync(xml).toString('base64'),
      RelayState: id,
    }).toString();
    return { id, url };
  }

  /** @param person where the sign-in page is expected. @returns the response in base64 */
  async #follow(start: URL, person?: Person): Promise<string> {
    let [url, answer] = [start, await this.#visit(start)];
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      const { location } = answer.headers;
      const form = answer.status === 200 && person ? findLoginForm(answer.body) : undefined;
      if (location !== undefined) {
        url = new URL(location, url);
        answer = await this.#visit(url);
      } else if (form) {
        url = new URL(form.action, url);
        answer = await this.#visit(url, { ...form.fields, ...person });
      } else return responseIn(answer);
    }
    throw new Error(`No response after ${MAX_HOPS} redirects; the last one was to ${url.pathname}.`);
  }

  async #visit(url: URL, form?: Readonly<Record<string, string>>): Promise<Answer> {
    const headers = { accept: 'text/html', ...this.#jar.header(url.pathname) };
    const answer = form
      ? await postForm(url.href, form, { ...headers, origin: url.origin, 'sec-fetch-site': 'same-origin' })
      : await ask(url.href, { headers });
    this.#jar.store(answer.headers['set-cookie'], url.pathname);
    return answer;
  }
}

function responseIn({ status, body }: Answer): string {
  const [, response] = /name="SAMLResponse" value="([^"]*)"/.exec(body) ?? [];
  if (status === 200 && response !== undefined) return response;
  throw new Error(`No SAMLResponse: ${status} ${body.slice(0, 300)}`);
}

/** Cheap enough for every response: the load generator shares the cores. */
function assertSuccess(response: string, id: string): void {
  const xml = Buffer.from(response, 'base64').toString();
  const signatures = xml.match(/<ds:SignatureValue>[A-Za-z0-9+/=]{300,}</g)?.length;
  const isSuccess = xml.includes('<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>');
  if (signatures !== 2 || !isSuccess || !xml.includes(` InResponseTo="${id}"`))
    throw new Error(`Not a Success with two signatures: ${xml.slice(0, 500)}`);
}

async function assertBelieved(response: string, client: SamlClient, person: Person): Promise<void> {
  const saml = new SAML({
    callbackUrl: ACS,
    issuer: client.sp_entity_id,
    audience: client.sp_entity_id,
    idpCert: client.x509_certificate,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: true,
    validateInResponseTo: ValidateInResponseTo.never,
  });
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: response });
  if (profile?.nameID !== person.identifier)
    throw new Error(`The response is about ${profile?.nameID}, not about ${person.identifier}.`);
}
