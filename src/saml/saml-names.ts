/** The URIs of SAML 2.0 that we speak: namespaces, bindings, formats, statuses, contexts. */

export const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
export const ASSERTION = 'urn:oasis:names:tc:SAML:2.0:assertion';

const BINDINGS = 'urn:oasis:names:tc:SAML:2.0:bindings:';
export const REDIRECT_BINDING = `${BINDINGS}HTTP-Redirect`;
export const POST_BINDING = `${BINDINGS}HTTP-POST`;

/** SAML core 8.3. */
export const NAME_ID = {
  email: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  transient: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
} as const;
/** Stands in some requests for the same as that of SAML 1.1. */
export const UNSPECIFIED_2 = 'urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified';

/** SAML core 3.2.2.2. */
const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:';
export const SUCCESS = `${STATUS}Success`;
export const TOP_STATUS = { requester: `${STATUS}Requester`, responder: `${STATUS}Responder` } as const;
export const SECOND_STATUS = {
  authnFailed: `${STATUS}AuthnFailed`,
  invalidNameIdPolicy: `${STATUS}InvalidNameIDPolicy`,
  noAuthnContext: `${STATUS}NoAuthnContext`,
  noPassive: `${STATUS}NoPassive`,
  partialLogout: `${STATUS}PartialLogout`,
  requestDenied: `${STATUS}RequestDenied`,
  requestUnsupported: `${STATUS}RequestUnsupported`,
  unknownPrincipal: `${STATUS}UnknownPrincipal`,
  unsupportedBinding: `${STATUS}UnsupportedBinding`,
} as const;

/** Authentication contexts, section 3.4. */
const CONTEXTS = 'urn:oasis:names:tc:SAML:2.0:ac:classes:';
export const PASSWORD_CONTEXT = `${CONTEXTS}PasswordProtectedTransport`;
export const UNSPECIFIED_CONTEXT = `${CONTEXTS}unspecified`;
