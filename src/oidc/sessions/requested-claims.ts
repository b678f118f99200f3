/** The door to what a `claims` member of a body may ask for: the same as at the authorization endpoint. */
export { claimFault } from '../policies/claims-parameter.ts';
