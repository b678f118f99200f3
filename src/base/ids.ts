/** Branded identifiers: a user id cannot be passed where a client id is meant. */

export type TenantId = string & { readonly kind: 'TenantId' };
export type AppId = string & { readonly kind: 'AppId' };
export type ClientId = string & { readonly kind: 'ClientId' };
export type ResourceId = string & { readonly kind: 'ResourceId' };
export type ConsentId = string & { readonly kind: 'ConsentId' };
export type RoleId = string & { readonly kind: 'RoleId' };
export type RoleGroupId = string & { readonly kind: 'RoleGroupId' };
export type GroupId = string & { readonly kind: 'GroupId' };
export type OrganizationId = string & { readonly kind: 'OrganizationId' };
export type ServiceProviderId = string & { readonly kind: 'ServiceProviderId' };
export type SignInPolicyId = string & { readonly kind: 'SignInPolicyId' };
export type SsoGroupId = string & { readonly kind: 'SsoGroupId' };
export type UserId = string & { readonly kind: 'UserId' };
