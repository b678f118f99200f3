/** Checks one of our own access tokens in-process and says who is calling; used by the admin and auth faces. */
import type Koa from 'koa';
import type { Caller } from '../base/caller.ts';
import { forbidden, unauthorized } from '../base/errors.ts';
import type { ClientId, TenantId, UserId } from '../base/ids.ts';
import { type Client, isThirdPartyClient } from '../clients/client.ts';
import type { CertificateOf } from '../http/client-certificate.ts';
import type { StateReader } from './adapter/state-reader.ts';
import { holdsCertificate } from './policies/certificate-binding.ts';
import { tokenStatus } from './token-status.ts';
import type { VerifiedToken } from './verified-token.ts';

interface Parts {
  readonly states: StateReader;
  readonly tenantId: TenantId;
  readonly verify: (token: string) => Promise<VerifiedToken | undefined>;
  readonly certificateOf: CertificateOf;
  readonly findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
}

/**
 * @throws 401 for no, a malformed, expired, revoked or foreign token (contract C1, C4), 403 for a client token of a
 * third-party client: it would reach the data of every user, and the list of what the client may ask them for (R97).
 */
export function callerFromToken({ states, tenantId, verify, findClient, certificateOf }: Parts) {
  return async (ctx: Koa.Context): Promise<Caller> => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(ctx.get('authorization'))?.[1];
    const verified = token === undefined ? undefined : await verify(token);
    if (!verified || !(await tokenStatus(states, verified)).isLive) throw unauthorized();
    if (!holdsCertificate(verified.claims, certificateOf(ctx.req))) throw unauthorized();
    const isThirdParty = isThirdPartyClient(await findClient(tenantId, verified.claims.client_id));
    if (isThirdParty && verified.kind === 'ClientCredentials')
      throw forbidden('A client token of a third-party client cannot be used here');
    return toCaller(verified, isThirdParty);
  };
}

function toCaller({ claims, kind }: VerifiedToken, isThirdParty: boolean): Caller {
  const head = { tenantId: claims.tid, clientId: claims.client_id, appId: claims.app_id };
  if (kind === 'AccessToken')
    return {
      ...head,
      kind: 'user',
      userId: claims.sub as UserId,
      scopes: new Set(claims.scope?.split(' ')),
      isThirdParty,
      ...(claims.sid !== undefined && { sessionUid: claims.sid }),
    };
  return { ...head, kind: claims.roles?.includes('Admin') ? 'admin' : 'client' };
}
