/** `saml.ts` asks for it: what samlify alone does in one process, one message after the other: parse, template, two signatures. */
import { deflateRawSync } from 'node:zlib';
import samlify from 'samlify';
import { authnRequest } from './authn-request.ts';

/** PEM, and for how long. */
export interface AloneOrder {
  readonly privateKey: string;
  readonly certificate: string;
  readonly seconds: number;
}

const BASE = 'https://idp.bench.example';
const ACS = 'https://sp.bench.example/acs';
const SP = 'https://sp.bench.example/metadata';
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const BINDING = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-';

/** As an identity provider of samlify is set up that signs what ours signs: the assertion, and the message. */
function parties({ privateKey, certificate }: AloneOrder) {
  samlify.setSchemaValidator({ validate: () => Promise.resolve('not validated') });
  const idp = samlify.IdentityProvider({
    entityID: `${BASE}/metadata`,
    privateKey,
    signingCert: certificate,
    isAssertionEncrypted: false,
    requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    nameIDFormat: [EMAIL],
    singleSignOnService: [{ Binding: `${BINDING}Redirect`, Location: `${BASE}/sso` }],
    // It complains of a provider without.
    singleLogoutService: [{ Binding: `${BINDING}Redirect`, Location: `${BASE}/slo` }],
    loginResponseTemplate: {
      context: samlify.SamlLib.defaultLoginResponseTemplate.context,
      attributes: [{ name: 'email', valueTag: 'email', nameFormat: 'basic', valueXsiType: 'xs:string' }],
    },
  });
  const sp = samlify.ServiceProvider({
    entityID: SP,
    wantAssertionsSigned: true,
    wantMessageSigned: true,
    nameIDFormat: [EMAIL],
    assertionConsumerService: [{ Binding: `${BINDING}POST`, Location: ACS }],
  });
  return { idp, sp };
}

/** Responses a second. */
export async function alone(order: AloneOrder): Promise<number> {
  const { idp, sp } = parties(order);
  const one = async (): Promise<string> => {
    const { xml } = authnRequest({ issuer: SP, destination: `${BASE}/sso`, acs: ACS });
    const query = { SAMLRequest: deflateRawSync(xml).toString('base64') };
    const info = await idp.parseLoginRequest(sp, 'redirect', { query });
    const inResponseTo = String(info.extract.request?.id);
    const fill = (template: string) => {
      const now = new Date().toISOString();
      const later = new Date(Date.now() + 300_000).toISOString();
      const values = {
        ID: idp.entitySetting.generateID?.() ?? '_1',
        AssertionID: `_${crypto.randomUUID()}`,
        Destination: ACS,
        Audience: SP,
        SubjectRecipient: ACS,
        NameIDFormat: EMAIL,
        NameID: 'bench-0@bench.example',
        Issuer: idp.entityMeta.getEntityID(),
        IssueInstant: now,
        ConditionsNotBefore: now,
        ConditionsNotOnOrAfter: later,
        SubjectConfirmationDataNotOnOrAfter: later,
        AssertionConsumerServiceURL: ACS,
        EntityID: SP,
        InResponseTo: inResponseTo,
        StatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Success',
        AuthnStatement: `<saml:AuthnStatement AuthnInstant="${now}" SessionIndex="_1"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`,
        attrEmail: 'bench-0@bench.example',
      };
      return { id: values.ID, context: samlify.SamlLib.replaceTagsByValue(template, values) };
    };
    const { context } = await idp.createLoginResponse(sp, { ...info }, 'post', {}, fill);
    return context;
  };
  const made = Buffer.from(await one(), 'base64').toString();
  if (made.match(/<ds:SignatureValue>/g)?.length !== 2 || !made.includes('bench-0@bench.example'))
    throw new Error(`samlify was to sign twice: ${made}`);
  await repeat(one, Math.min(1, order.seconds / 3));
  return repeat(one, order.seconds);
}

async function repeat(one: () => Promise<string>, seconds: number): Promise<number> {
  const begin = performance.now();
  let count = 0;
  for (; performance.now() - begin < seconds * 1000; count++) await one();
  return count / ((performance.now() - begin) / 1000);
}
