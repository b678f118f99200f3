/** Says `unauthorized_client` where a client asks for a grant that is not open to it (R59, RFC 6749 section 5.2). */
import Provider, { type Client, errors } from 'oidc-provider';

const FLOW_STARTS = ['device_authorization', 'backchannel_authentication'];

/** The engine answers `invalid_request` by itself; where a refusal is the answer, the error is made here. */
export function refuseForeignGrantTypes(provider: Provider): void {
  const { grantTypeAllowed } = provider.Client.prototype;
  provider.Client.prototype.grantTypeAllowed = function refusing(this: Client, type: string): boolean {
    const allowed = grantTypeAllowed.call(this, type);
    if (!allowed && isAskedFor(type))
      throw new errors.UnauthorizedClient(`the grant type ${type} is not open to this client`);
    return allowed;
  };
}

function isAskedFor(type: string): boolean {
  const oidc = Provider.ctx?.oidc;
  if (oidc?.route === 'token') return oidc.params?.grant_type === type;
  return FLOW_STARTS.includes(oidc?.route ?? '') && type.startsWith('urn:');
}
