/** The authentication API's door to CIBA: the user who was asked says yes or no, once (contract/oidc.md 14). */
import type Provider from 'oidc-provider';
import { type BackchannelAuthenticationRequest, type Client, errors } from 'oidc-provider';
import type { UserCaller } from '../../base/caller.ts';
import { conflict, forbidden, notFound } from '../../base/errors.ts';
import type { OrganizationId, TenantId } from '../../base/ids.ts';
import { hashSecret } from '../../base/secrets.ts';
import { hasMfa, MFA } from '../../factors/factor.ts';
import type { Resource } from '../../resources/resource.ts';
import type { EphemeralStore } from '../../storage/ephemeral-store.ts';
import type { Tenant } from '../../tenants/tenant-store.ts';
import { acrWords } from '../acr-words.ts';
import { CIBA } from '../adapter/client-grant-types.ts';
import { askedOrganization, keepMemory } from '../grant-memory.ts';
import { settingsOf } from '../policies/client-settings.ts';
import { grantTtl, lifetimes } from '../policies/token-lifetimes.ts';

interface Parts {
  readonly provider: () => Provider;
  readonly tenantId: TenantId;
  readonly ephemeral: Pick<EphemeralStore, 'putIfAbsent'>;
  /** The session of the backend family behind a token's `sid`. */
  backendSessionOf(sid: string): Promise<(SignIn & { readonly userId: string }) | undefined>;
  readonly tenant: () => Tenant;
  readonly findResource: (uri: string) => Promise<Resource | undefined>;
}

export interface BackchannelAnswer {
  /** @throws 404 unless this very user was asked and the request is open; 409 for a second answer; 403 after a sign-out, and for a yes with too few factors. */
  give(caller: UserCaller, authReqId: string, approved: boolean): Promise<void>;
}

type Request = BackchannelAuthenticationRequest;
/** How the user who answers has authenticated. */
interface SignIn {
  readonly amr?: string[];
  readonly acr: string;
  readonly authTime?: number;
}

const REMEMBERED_SECONDS = 7200;
const noRequest = () => notFound('There is no such request for this user, or it has expired');
const answered = () => conflict('This request was answered before');

export const backchannelAnswer = (parts: Parts): BackchannelAnswer => ({
  async give(caller, authReqId, approved) {
    const { request, client } = await openRequest(parts, caller, authReqId);
    const signIn = await signInOf(parts, caller);
    if (approved) assertEnoughFactors(request, client, signIn);
    // Of any number of answers, on any node, one counts.
    const at = { tenantId: parts.tenantId, kind: 'BackchannelAnswer', key: hashSecret(authReqId) };
    if (!(await parts.ephemeral.putIfAbsent(at, {}, { ttlSeconds: REMEMBERED_SECONDS }))) throw answered();
    const result = approved
      ? await grantOf(parts, request, client, signIn)
      : new errors.AccessDenied('the user declined the request');
    await parts.provider().backchannelResult(request, result, approved ? signIn : {});
  },
});

async function openRequest(
  { provider }: Parts,
  caller: UserCaller,
  authReqId: string,
): Promise<{ request: Request; client: Client }> {
  const request = await provider().BackchannelAuthenticationRequest.find(authReqId);
  if (request?.accountId !== caller.userId || request.clientId === undefined) throw noRequest();
  // The engine finds what expired within the tolerance for clocks.
  if (request.isExpired) throw noRequest();
  const client = await provider().Client.find(request.clientId);
  if (!client?.grantTypeAllowed(CIBA)) throw noRequest();
  if (request.grantId || request.error) throw answered();
  return { request, client };
}

/** Whoever has signed out approves nothing any more, although the access token lives on. */
async function signInOf(parts: Parts, { sessionUid, userId }: UserCaller): Promise<SignIn> {
  const { provider, backendSessionOf } = parts;
  if (sessionUid === undefined) return { acr: '' };
  const backend = await backendSessionOf(sessionUid);
  if (backend?.userId === userId) return backend;
  const session = await provider().Session.findByUid(sessionUid);
  if (session?.accountId !== userId) throw forbidden('The session of this token has ended; sign in again');
  const authTime = session.authTime();
  return {
    acr: session.acr ?? '',
    ...(session.amr !== undefined && { amr: session.amr }),
    ...(authTime !== undefined && { authTime }),
  };
}

/** A yes stands for the sign-in of the person who gives it: the application gets no less than at its own pages. */
function assertEnoughFactors({ params }: Request, client: Client, { amr }: SignIn): void {
  const wantsTwo = settingsOf(client).requiresMfa || acrWords(params?.acr_values).includes(MFA);
  if (wantsTwo && !hasMfa(amr))
    throw forbidden('This request needs two factors; sign in with both (acr_values=mfa), and answer again');
}

const list = (value: string | string[] | undefined): string[] => [value ?? []].flat();

async function grantOf(parts: Parts, request: Request, client: Client, { amr, authTime }: SignIn) {
  const provider = parts.provider();
  const resources = list(request.resource);
  const resource = resources[0] === undefined ? undefined : await parts.findResource(resources[0]);
  const scope = request.scope ?? '';
  const numbers = lifetimes(parts.tenant(), settingsOf(client), resource);
  const grant = new provider.Grant({
    clientId: client.clientId,
    accountId: String(request.accountId),
    // Outside of a request of the client the engine cannot ask for it.
    expiresIn: grantTtl(numbers, scope.split(' ').includes('offline_access')),
  } as never);
  grant.addOIDCScope(scope);
  const { id_token: idToken = {}, userinfo = {} } = request.claims ?? {};
  grant.addOIDCClaims(Object.keys({ ...idToken, ...userinfo }));
  for (const uri of resources) grant.addResourceScope(uri, scope);
  const organizationId: OrganizationId | undefined = askedOrganization(request.params);
  keepMemory(grant, {
    ...(amr && { amr }),
    ...(request.claims && { claims: request.claims }),
    ...(authTime !== undefined && { authTime }),
    ...(organizationId !== undefined && { organizationId }),
  });
  await grant.save();
  return grant;
}
