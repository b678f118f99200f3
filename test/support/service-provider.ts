/** A SAML service provider of other authors (@node-saml/node-saml), driven through a browser. */
import { type Profile, SAML, type SamlConfig } from '@node-saml/node-saml';
import { type Browser, type Page, signInForm } from './browser.ts';
import type { Api } from './management.ts';
import { schemaFaults, signatureFaults } from './saml-proof.ts';

export const ACS = 'https://sp.example.com/acs';

export interface SamlClientFields {
  readonly client_id: string;
  readonly sso_url: string;
  readonly entity_id: string;
  readonly metadata_url: string;
  readonly x509_certificate: string;
  readonly sp_entity_id: string;
}

let count = 0;

/** A SAML client with the fields laid over the least that works. */
export async function makeSamlClient(
  api: Api,
  fields: Record<string, unknown> = {},
): Promise<SamlClientFields> {
  count += 1;
  const made = await api.post('/v1/clients', {
    name: 'Payroll',
    authentication_protocol: 'saml',
    sp_entity_id: `https://sp-${count}-${process.pid}-${Date.now()}.example.com/metadata`,
    sp_acs_url: ACS,
    ...fields,
  });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return made.body.result ?? made.body;
}

export interface PostedForm {
  readonly action: string;
  readonly SAMLResponse: string;
  readonly RelayState?: string;
}

/**
 * What the page of the identity provider posts to a service provider; valid against the schemas of OASIS.
 * @throws Error with the page when it is another, or with what is not valid
 */
export function postedForm(page: Page): PostedForm {
  const form = page.forms.find(({ fields }) => 'SAMLResponse' in fields);
  if (!form)
    throw new Error(`no SAMLResponse at ${page.url.pathname} (${page.status}):\n${page.html.slice(0, 2000)}`);
  const posted = { action: form.action.href, ...form.fields } as unknown as PostedForm;
  const faults = schemaFaults(xmlOf(posted));
  if (faults) throw new Error(`not valid: ${faults}\n${xmlOf(posted)}`);
  return posted;
}

export const xmlOf = ({ SAMLResponse }: Pick<PostedForm, 'SAMLResponse'>): string =>
  Buffer.from(SAMLResponse, 'base64').toString('utf8');

export class ServiceProvider {
  readonly saml: SAML;
  readonly client: SamlClientFields;

  constructor(client: SamlClientFields, options: Partial<SamlConfig> = {}) {
    this.client = client;
    this.saml = new SAML({
      callbackUrl: ACS,
      entryPoint: client.sso_url,
      logoutUrl: client.sso_url.replace(/\/sso$/, '/slo'),
      issuer: client.sp_entity_id,
      idpIssuer: client.entity_id,
      idpCert: client.x509_certificate,
      audience: client.sp_entity_id,
      wantAssertionsSigned: true,
      wantAuthnResponseSigned: true,
      disableRequestedAuthnContext: true,
      identifierFormat: null,
      validateInResponseTo: 'always' as SamlConfig['validateInResponseTo'],
      acceptedClockSkewMs: 0,
      ...options,
    } as SamlConfig);
  }

  /** Of ours, for this provider. */
  get logoutUrl(): string {
    return this.client.sso_url.replace(/\/sso$/, '/slo');
  }

  /** The URL of a LogoutRequest by the Redirect binding, for the user of a profile. */
  logout(profile: Profile, relayState = ''): Promise<string> {
    return this.saml.getLogoutUrlAsync(profile, relayState, {});
  }

  /** The URL of a request by the Redirect binding. */
  redirect(relayState = '', additional: Record<string, string> = {}): Promise<string> {
    return this.saml.getAuthorizeUrlAsync(relayState, undefined, { additionalParams: additional });
  }

  /** The fields of a request by the POST binding. */
  async post(relayState = ''): Promise<Record<string, string>> {
    return (await this.saml.getAuthorizeMessageAsync(relayState)) as Record<string, string>;
  }

  /** What this provider makes of a response. @throws Error as the library says it */
  async accept(form: Pick<PostedForm, 'SAMLResponse'>): Promise<Profile> {
    const { profile } = await this.saml.validatePostResponseAsync({ SAMLResponse: form.SAMLResponse });
    if (!profile) throw new Error('the provider found nobody in the response');
    const faults = signatureFaults(xmlOf(form), this.client.x509_certificate);
    if (faults) throw new Error(`not verified by xmlsec1: ${faults}`);
    return profile;
  }
}

export interface Credentials {
  readonly identifier: string;
  readonly password: string;
}

/** Goes to the URL, signs in where a page asks, and stops at the form for the provider. */
export async function signOn(
  browser: Browser,
  url: string | URL,
  { identifier, password }: Credentials,
): Promise<PostedForm> {
  const page = await browser.open(url);
  if (page.forms.some(({ fields }) => 'SAMLResponse' in fields)) return postedForm(page);
  return postedForm(await browser.submit(signInForm(page), { identifier, password }));
}
