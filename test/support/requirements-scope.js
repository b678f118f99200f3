/** Which of the requirements R1 to R184 are not shown over HTTP through OIDC or the management API yet, and why. */

const PORTAL = 'the admin portal';
const SAML = 'the SAML identity provider';
const SIGN_IN = 'the authentication API';

/** Number → what it waits for. Everything that is not named here is in scope, and a gap where no test shows it. */
export const LATER = new Map([
  [5, PORTAL],
  [6, SAML],
  [8, SAML],
  [10, `${SIGN_IN} (device and CIBA flows)`],
  [11, SAML],
  [12, SAML],
  [13, SAML],
  [14, PORTAL],
  ...[15, 16, 17, 18, 19, 20, 21, 23].map((number) => [number, PORTAL]),
  [22, SAML],
  [60, PORTAL],
  [66, PORTAL],
  ...Array.from({ length: 21 }, (_, at) => [109 + at, SAML]),
  [145, SIGN_IN],
  [172, PORTAL],
  [182, PORTAL],
  [184, SIGN_IN],
]);

export const LAST = 184;
