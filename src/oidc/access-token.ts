/** Checks one of our own access tokens in-process and says who is calling; used by the admin and auth faces. */
import type Koa from 'koa';
import type { Caller } from '../base/caller.ts';
import { forbidden, unauthorized } from '../base/errors.ts';
import type { ClientId, TenantId, UserId } from '../base/ids.ts';
import { type Client, isThirdPartyClient } from '../clients/client.ts';
import type { CertificateOf } from '../http/client-certificate.ts';
import type { StateReader } from './adapter/state-reader.ts';
import { permissionsOf } from './caller-permissions.ts';
import { PROOF_ALGORITHMS, ProofFault, proofCheck } from './dpop-proof.ts';
import { type GrantMemory, memoryOf } from './grant-memory.ts';
import { holdsCertificate } from './policies/certificate-binding.ts';
import { tokenStatus } from './token-status.ts';
import type { UsedOnce } from './used-once.ts';
import type { VerifiedToken } from './verified-token.ts';

interface Parts {
  readonly states: StateReader;
  readonly tenantId: TenantId;
  readonly verify: (token: string) => Promise<VerifiedToken | undefined>;
  readonly certificateOf: CertificateOf;
  readonly findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
  readonly issuer: string;
  readonly isFirst: UsedOnce;
}

/**
 * @throws 401 for no, a malformed, expired, revoked or foreign token, or a bound one without its certificate or proof
 * (contract C1, C4); 403 for a client token of a third-party client: it would reach the data of every user, and the
 * list of what the client may ask them for (R97), and for a token of delegated access (contract/oidc.md 16).
 */
export function callerFromToken(parts: Parts) {
  const { states, tenantId, verify, findClient, certificateOf } = parts;
  const checkProof = proofCheck({ origin: new URL(parts.issuer).origin, isFirst: parts.isFirst });
  return async (ctx: Koa.Context): Promise<Caller> => {
    const [, scheme, token] =
      /^(Bearer|DPoP) ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(ctx.get('authorization')) ?? [];
    if (scheme === undefined || token === undefined) throw unauthorized();
    const verified = await verify(token);
    const status = verified && (await tokenStatus(states, verified));
    if (!verified || !status?.isLive) throw unauthorized();
    if (!holdsCertificate(verified.claims, certificateOf(ctx.req))) throw unauthorized();
    await checkProof({ ctx, scheme, token, claims: verified.claims }).catch(refuse);
    const client = await findClient(tenantId, verified.claims.client_id);
    if (!client) throw unauthorized();
    if (isThirdPartyClient(client) && verified.kind === 'ClientCredentials')
      throw forbidden('A client token of a third-party client cannot be used here');
    const memory = memoryOf(status.grant?.payload);
    // Whoever acts for somebody must not reach that user's own account, and widen what was permitted there.
    if (memory.delegation) throw forbidden('A token of delegated access cannot be used here');
    return toCaller(verified, client, memory);
  };
}

/** RFC 9449 section 7.1: the challenge says what was wrong; the body stays as for any token that is no good. */
function refuse(error: unknown): never {
  if (!(error instanceof ProofFault)) throw error;
  throw unauthorized(
    `DPoP error="${error.code}", error_description="${error.message}", algs="${PROOF_ALGORITHMS.join(' ')}"`,
  );
}

function toCaller({ claims, kind }: VerifiedToken, client: Client, { authTime, amr }: GrantMemory): Caller {
  const head = { tenantId: claims.tid, clientId: claims.client_id, appId: claims.app_id };
  if (kind === 'AccessToken')
    return {
      ...head,
      kind: 'user',
      userId: claims.sub as UserId,
      scopes: new Set(claims.scope?.split(' ')),
      isThirdParty: isThirdPartyClient(client),
      ...(authTime !== undefined && { authTime }),
      ...(amr && { amr }),
      ...(claims.sid !== undefined && { sessionUid: claims.sid }),
      ...(claims.org_id !== undefined && { organizationId: claims.org_id }),
    };
  // Not what the token says about itself: an application may sign with a key that it knows.
  if (client.appKind === 'management') return { ...head, kind: 'admin' };
  return { ...head, kind: 'client', ...permissionsOf(client) };
}
