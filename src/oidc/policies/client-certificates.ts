/** Answers the engine's questions about the certificate of a request (RFC 8705), prepared before it asks. */
import type { X509Certificate } from 'node:crypto';
import type { Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { authenticationMethod } from '../../clients/client.ts';
import type { CertificateOf } from '../../http/client-certificate.ts';
import { requestState } from '../request-state.ts';
import { refreshTokenBinding } from './certificate-binding.ts';
import { type IsIssuedTo, subjectMatches } from './issued-certificates.ts';

interface Parts {
  readonly certificateOf: CertificateOf;
  readonly isIssuedTo: IsIssuedTo;
}

// Reached with a token, a session or a code of the user, never with the client's own authentication.
const NO_CLIENT_AUTHENTICATION = ['/me', '/auth', '/device', '/session/end'];

/**
 * The engine asks whether an authority's certificate is accepted without waiting for the answer, but it waits for the
 * client to be found. So the answer is prepared there, for requests in which a client may authenticate.
 */
export function examineCertificate({ certificateOf, isIssuedTo }: Parts): Middleware {
  return async (ctx, next) => {
    const state = requestState();
    const certificate = certificateOf(ctx.req);
    if (certificate && ctx.method === 'POST' && !NO_CLIENT_AUTHENTICATION.includes(ctx.path))
      state.meetClient = async (client) => {
        const binding = refreshTokenBinding(client, certificate);
        if (binding !== undefined) state.refreshTokenBinding = binding;
        if (authenticationMethod(client) !== 'tls_client_auth') return;
        if (await isIssuedTo(certificate, client)) state.certificateIssuedTo = client.clientId;
      };
    await next();
  };
}

/** Values of the engine's `features.mTLS`. */
export const mutualTls = (certificateOf: CertificateOf) => ({
  enabled: true,
  certificateBoundAccessTokens: true,
  selfSignedTlsClientAuth: true,
  tlsClientAuth: true,
  getCertificate: (ctx: KoaContextWithOIDC): X509Certificate | undefined => certificateOf(ctx.req),
  certificateAuthorized: (ctx: KoaContextWithOIDC): boolean =>
    ctx.oidc.client !== undefined && requestState().certificateIssuedTo === ctx.oidc.client.clientId,
  certificateSubjectMatches: (ctx: KoaContextWithOIDC, property: string, expected: string): boolean => {
    const certificate = certificateOf(ctx.req);
    return (
      property === 'tls_client_auth_subject_dn' &&
      certificate !== undefined &&
      subjectMatches(certificate, expected)
    );
  },
});
