/** Which of the requirements R1 to R184 are not shown over HTTP through OIDC or the management API yet, and why. */

const PORTAL = 'the admin portal';
const SIGN_IN = 'the authentication API';

/** Number → what it waits for. Everything that is not named here is in scope, and a gap where no test shows it. */
export const LATER = new Map([
  [5, PORTAL],
  [10, `${SIGN_IN} (device and CIBA flows)`],
  [14, PORTAL],
  ...[15, 16, 17, 18, 19, 20, 21, 23].map((number) => [number, PORTAL]),
  [60, PORTAL],
  [66, PORTAL],
  [109, PORTAL],
  [145, SIGN_IN],
  [172, PORTAL],
  [182, PORTAL],
  [184, SIGN_IN],
]);

export const LAST = 184;
