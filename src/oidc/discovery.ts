/** What the discovery document says beyond what the engine knows (contract/oidc.md 2). */

/** Contract/oidc.md 3.1. */
export const ACR_VALUES = [
  'mfa',
  'phone_number',
  'urn:transmit:google_direct',
  'urn:transmit:apple_direct',
  'urn:transmit:facebook_direct',
  'urn:transmit:line_direct',
  'urn:transmit:centralized',
];

export const DISCOVERY = {
  prompt_values_supported: ['login', 'consent', 'none'],
  require_pushed_authorization_requests: false,
};
