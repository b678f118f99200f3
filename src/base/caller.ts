/** Who is asking: what a verified access token says about its bearer. */
import type { AppId, ClientId, OrganizationId, TenantId, UserId } from './ids.ts';

interface TokenCaller {
  readonly tenantId: TenantId;
  readonly clientId: ClientId;
  readonly appId: AppId;
  /** `If-Match` of the request: the caller writes only over the state that it has seen (RFC 9110 13.1.1). */
  readonly ifMatch?: string;
}

/** Client-credentials token of an end-user application: reaches its own application. */
export interface ClientCaller extends TokenCaller {
  readonly kind: 'client';
  /** What the roles of the client permit, together; absent where it has no roles and may do everything in its reach. */
  readonly permissions?: ReadonlySet<string>;
}
/** Client-credentials token of a management application: reaches the whole tenant. */
export interface AdminCaller extends TokenCaller {
  readonly kind: 'admin';
}
/** A user's token: reaches that user only. */
export interface UserCaller extends TokenCaller {
  readonly kind: 'user';
  readonly userId: UserId;
  readonly scopes: ReadonlySet<string>;
  /** Obtained by an outside service: good for what the user has approved there, not for the user's own account (C25). */
  readonly isThirdParty: boolean;
  /** The browser or backend session that the token came from. */
  readonly sessionUid?: string;
  /** When the user signed in, epoch seconds; a refreshed token keeps it. */
  readonly authTime?: number;
  /** What the user proved then, in the words of `amr`. */
  readonly amr?: readonly string[];
  /** The organization for which the user signed in, as a member. */
  readonly organizationId?: OrganizationId;
}
export type Caller = ClientCaller | AdminCaller | UserCaller;
/** The two kinds that may use the management API. */
export type ManagementCaller = ClientCaller | AdminCaller;

/** True where the caller may act on objects of this application (contract C1, R1, R2). */
export const reaches = (caller: ManagementCaller, appId: AppId): boolean =>
  caller.kind === 'admin' || caller.appId === appId;
