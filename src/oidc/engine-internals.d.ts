/** Types of what the engine gives its own grant types and no others; the delegated-access grant needs the same checks. */
declare module 'oidc-provider/lib/helpers/grants.js' {
  import type { X509Certificate } from 'node:crypto';
  import type Provider from 'oidc-provider';
  import type { KoaContextWithOIDC, ResourceServerInstance } from 'oidc-provider';

  interface Proof {
    readonly thumbprint: string;
    readonly jti: string;
  }
  type Ctx = KoaContextWithOIDC;
  /** Undefined without a proof. @throws InvalidDpopProof, UseDpopNonce */
  export function validateDpop(provider: Provider, ctx: Ctx): Promise<Proof | undefined>;
  /** @throws InvalidGrant where the client's tokens are bound to a key */
  export function checkDpopRequired(provider: Provider, ctx: Ctx, proof: Proof | undefined): void;
  /** @throws InvalidGrant, InvalidDpopProof for a proof that was used before */
  export function checkDpopReplay(
    provider: Provider,
    ctx: Ctx,
    proof: Proof | undefined,
    clientId: string,
  ): Promise<void>;
  /** Undefined where the client's tokens are bound to no certificate. @throws InvalidGrant without one */
  export function checkMtlsCert(provider: Provider, ctx: Ctx): X509Certificate | undefined;
  /** @throws InvalidTarget */
  export function resolveRequestedResources(provider: Provider, ctx: Ctx): Promise<ResourceServerInstance[]>;
}
