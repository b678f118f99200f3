/** Says in the engine's refusals what a developer has to change; codes and status stay the engine's. */
import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';
import type { errors } from 'oidc-provider';
import { requestState } from './request-state.ts';

/** By the engine's detail, description or code, in this order. */
const SENTENCES: Readonly<Record<string, string>> = {
  // Authorization requests and PAR
  'Pushed Authorization Request must be used':
    'this client must push its authorization request: POST the parameters to the pushed authorization request endpoint and send the request_uri it answers',
  'Authorization Server policy requires PKCE to be used for this request':
    'this client must use PKCE: send code_challenge and code_challenge_method=S256',
  'not supported value of code_challenge_method': 'code_challenge_method must be S256',
  'code_challenge_method must be provided': 'send code_challenge_method=S256 with the code_challenge',
  'unsupported response_type requested': 'response_type must be code',
  'unsupported prompt value requested':
    'prompt must be login, consent or none, or more than one of login and consent',
  'could not validate id_token_hint':
    'id_token_hint must be an ID token that this server issued to this client, signed and not encrypted',
  'request client_id must equal the one in request parameters':
    'this request_uri was pushed by another client',
  request_uri_not_supported:
    'request_uri must be one that the pushed authorization request endpoint answered; no other address is fetched',
  request_not_supported: 'request objects are not served: send the parameters themselves, or push them',
  'invalid max_age parameter value': 'max_age must be a whole number of seconds, 0 or more',
  // Grants
  'authorization code not found': 'the authorization code is unknown or expired; it lives 60 seconds',
  'authorization code is expired': 'the authorization code is unknown or expired; it lives 60 seconds',
  'authorization code already consumed': 'the authorization code was used before; it is good once',
  'AuthorizationCode already consumed': 'the authorization code was used before; it is good once',
  'authorization code redirect_uri mismatch': 'redirect_uri must be the one of the authorization request',
  'client mismatch': 'this code or token was issued to another client',
  'code_verifier must be provided':
    'the authorization request had a code_challenge: send the code_verifier it was made from',
  'code_verifier does not match code_challenge':
    'code_verifier is not the one the code_challenge was made from (base64url of its SHA-256)',
  'unsupported code_challenge_method':
    'the authorization request had no code_challenge: send no code_verifier, or begin with a code_challenge',
  'refresh token not found': 'the refresh token is unknown, was revoked, or its grant has ended',
  'refresh token is expired': 'the refresh token has expired',
  'refresh token already used': 'the refresh token was used before; use the one answered with it',
  'device code not found': 'the device code is unknown, was revoked, or expired long ago',
  'device code is expired': 'the device code has expired; begin with a new one',
  'device code already consumed': 'the device code was used before; it is good once',
  'DeviceCode already consumed': 'the device code was used before; it is good once',
  'backchannel authentication request not found': 'auth_req_id is unknown, was revoked, or expired long ago',
  'backchannel authentication request is expired': 'the request has expired; begin with a new one',
  'backchannel authentication request already consumed': 'auth_req_id was used before; it is good once',
  'BackchannelAuthenticationRequest already consumed': 'auth_req_id was used before; it is good once',
  // Proof of possession
  'DPoP proof JWT not provided':
    'the tokens of this client are bound to a key: send a proof in the header DPoP (RFC 9449)',
  'missing DPoP proof JWT':
    'the authorization code is bound to a key: send a proof in the header DPoP (RFC 9449)',
  'DPoP proof key thumbprint does not match dpop_jkt':
    'the DPoP proof must be signed with the key that dpop_jkt names',
  'failed jkt verification': 'this token is bound to a key: send it as DPoP, with a proof of that key',
  'access token is not sender-constrained but proof of possession was provided':
    'this token is bound to no key: send it as Bearer, without a proof',
  'invalid DPoP key binding':
    'the DPoP proof must be a JWT of type dpop+jwt, signed with the public key in its header (ES256, EdDSA or PS256)',
  'DPoP proof htu mismatch': 'htu of the DPoP proof must be the URL of this endpoint, without query',
  'DPoP proof htm mismatch': 'htm of the DPoP proof must be the method of this request',
  'DPoP proof ath mismatch': 'ath of the DPoP proof must be the SHA-256 of the access token',
  // Client authentication
  'the provided authentication mechanism does not match the registered client authentication method':
    'this client must authenticate with the method it is registered with',
  'exp of a client assertion must be at most a day ahead':
    'exp of a client assertion must be at most a day ahead',
  'aud of a FAPI client assertion must be the issuer and nothing else':
    'aud of a FAPI client assertion must be the issuer and nothing else',
  'alg of a FAPI client assertion must be PS256, ES256, EdDSA':
    'alg of a FAPI client assertion must be PS256, ES256 or EdDSA',
  'audience (aud) must equal the endpoint url, issuer identifier or token endpoint url':
    'aud of the client assertion must be the issuer or the URL of the called or the token endpoint',
  'client assertion tokens must only be used once':
    'the client assertion was used before: sign a new one per request',
};

/** One sentence for both, so that nobody learns from it which client IDs exist. */
const SECRET_OR_ID = ['client not found', 'invalid secret provided'];
// RFC 6749 section 5.2: error_description has no quotation marks, backslashes, or characters beyond ASCII.
const NOT_ALLOWED = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;
/** Here the engine's description is the same for every reason; its detail tells them apart. */
const DETAILED = ['invalid_grant', 'invalid_client'];

/** The sentence for this refusal; undefined where the engine's own words say enough. */
export function explain(error: Error): string | undefined {
  const {
    error_detail: detail,
    error_description: description,
    error: code,
  } = error as errors.OIDCProviderError;
  const sentence = [detail, description, code]
    .map((text) => (text !== undefined && Object.hasOwn(SENTENCES, text) ? SENTENCES[text] : undefined))
    .find((found) => found !== undefined);
  if (sentence !== undefined || detail === undefined || !DETAILED.includes(code)) return sentence;
  return SECRET_OR_ID.includes(detail) ? 'unknown client, or wrong secret' : detail.replace(NOT_ALLOWED, "'");
}

const EVENTS = [
  'authorization',
  'pushed_authorization_request',
  'device_authorization',
  'backchannel_authentication',
  'grant',
  'introspection',
  'revocation',
  'userinfo',
];

/** Notes the refusal of a request, for `explainRefusals`. */
export function noteRefusals(provider: Provider): void {
  for (const name of EVENTS)
    (provider as NodeJS.EventEmitter).on(`${name}.error`, (_ctx: unknown, error: Error) => {
      requestState().refusal = error;
    });
}

/** Puts the sentence into the JSON body, or into the redirect. */
export const explainRefusals: Middleware = async (ctx, next) => {
  await next();
  const { refusal } = requestState();
  const sentence = refusal && explain(refusal);
  if (sentence === undefined) return;
  const location = ctx.response.get('location');
  if (location) ctx.set('location', withDescription(location, sentence));
  else if (isErrorBody(ctx.body)) ctx.body = { ...ctx.body, error_description: sentence };
};

const isErrorBody = (body: unknown): body is Record<string, unknown> =>
  typeof body === 'object' && body !== null && 'error' in body;

/** The answer is in the query, or for response types that are not served in the fragment. */
function withDescription(location: string, sentence: string): string {
  const [, before = '', mark = '', answer = ''] = /^([^?#]*)([?#])(.*)$/s.exec(location) ?? [];
  const parameters = new URLSearchParams(answer);
  if (mark === '' || !parameters.has('error')) return location;
  parameters.set('error_description', sentence);
  return `${before}${mark}${parameters}`;
}
