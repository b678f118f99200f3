/** The columns of every table, as Kysely types. Dates are timestamptz; documents are jsonb. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type {
  AppId,
  ClientId,
  ConsentId,
  GroupId,
  OrganizationId,
  ResourceId,
  RoleGroupId,
  RoleId,
  ServiceProviderId,
  SignInPolicyId,
  SsoGroupId,
  TenantId,
  UserId,
} from '../base/ids.ts';

type Timestamp = ColumnType<Date, Date | undefined, Date>;
type NullableTimestamp = ColumnType<Date | null, Date | null | undefined, Date | null>;
type Json = JSONColumnType<Record<string, unknown>>;

export interface TenantsTable {
  tenant_id: TenantId;
  name: string;
  default_audience: string;
  access_token_ttl: number;
  refresh_token_ttl: number;
  max_refresh_rotate: number;
  refresh_grace_seconds: number;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface ApplicationsTable {
  tenant_id: TenantId;
  app_id: AppId;
  kind: 'end_user' | 'management';
  name: string;
  /** Every other member of the public application body. */
  settings: Json;
  created_by: string;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface ClientsTable {
  tenant_id: TenantId;
  client_id: ClientId;
  app_id: AppId;
  protocol: 'oidc' | 'saml';
  is_default: boolean;
  name: string;
  sp_entity_id: string | null;
  /** Every other member of the public client body but secrets and resources. */
  settings: Json;
  /** The member of the settings, where it is not empty. */
  client_group_id: ColumnType<SsoGroupId | null, never, never>;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface ClientSecretsTable {
  tenant_id: TenantId;
  secret_id: string;
  client_id: ClientId;
  secret_hash: string;
  hint: string;
  created_at: Timestamp;
}

export interface ClientResourcesTable {
  tenant_id: TenantId;
  client_id: ClientId;
  resource_id: ResourceId;
  position: number;
}

export type SigningAlg = 'RS256' | 'PS256' | 'ES256' | 'EdDSA';

export interface ResourcesTable {
  tenant_id: TenantId;
  resource_id: ResourceId;
  name: string;
  description: string;
  uri: string;
  access_token_ttl: number;
  refresh_token_ttl: number;
  max_refresh_rotate: number;
  signing_alg: SigningAlg;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export type UserStatus = 'Active' | 'Disabled' | 'Pending';

export interface UsersTable {
  tenant_id: TenantId;
  user_id: UserId;
  status: UserStatus;
  status_changed_at: NullableTimestamp;
  /** Lower case. Unique in the tenant. */
  email: string | null;
  email_verified_at: NullableTimestamp;
  /** E.164. Unique in the tenant. */
  phone_number: string | null;
  phone_number_verified_at: NullableTimestamp;
  external_user_id: string | null;
  /** name, address, birthday, language, picture, custom_data, secondary_emails, secondary_phone_numbers. */
  profile: Json;
  /** PHC text of Argon2id; null where no password is set. */
  password_hash: string | null;
  password_updated_at: NullableTimestamp;
  /** The password is a temporary one. */
  password_must_change: Generated<boolean>;
  last_auth: NullableTimestamp;
  created_at: Timestamp;
  updated_at: Timestamp;
}

/** Which users belong to which application, with what belongs to that pair alone. */
export interface UserApplicationsTable {
  tenant_id: TenantId;
  user_id: UserId;
  app_id: AppId;
  /** Unique in the application, compared in lower case. */
  username: string | null;
  external_account_id: string | null;
  custom_app_data: Json;
  created_at: Timestamp;
}

export interface RolesTable {
  tenant_id: TenantId;
  role_id: RoleId;
  /** Null for a client role of the tenant. */
  app_id: AppId | null;
  /** Unique in its application; a client role in the tenant. */
  role_name: string;
  display_name: string;
  description: string;
  permissions: JSONColumnType<string[]>;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export type RoleEntityType = 'User' | 'Group' | 'Application';

export interface RoleAssignmentsTable {
  tenant_id: TenantId;
  role_id: RoleId;
  entity_type: RoleEntityType;
  entity_id: string;
  /** The entity id where the entity is a user. */
  user_id: ColumnType<UserId | null, never, never>;
  assigned_app_id: ColumnType<AppId | null, never, never>;
  assigned_group_id: ColumnType<GroupId | null, never, never>;
  created_at: Timestamp;
}

export interface RoleGroupsTable {
  tenant_id: TenantId;
  group_id: RoleGroupId;
  app_id: AppId;
  name: string;
  display_name: string;
  description: string;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface RoleGroupRolesTable {
  tenant_id: TenantId;
  group_id: RoleGroupId;
  role_id: RoleId;
  position: number;
}

export interface ClientRolesTable {
  tenant_id: TenantId;
  client_id: ClientId;
  role_id: RoleId;
  position: number;
}

export interface GroupsTable {
  tenant_id: TenantId;
  group_id: GroupId;
  /** Unique in the tenant. */
  name: string;
  description: string;
  custom_data: Json;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface GroupUsersTable {
  tenant_id: TenantId;
  group_id: GroupId;
  user_id: UserId;
  created_at: Timestamp;
}

export interface OrganizationsTable {
  tenant_id: TenantId;
  organization_id: OrganizationId;
  /** Unique in the tenant. */
  name: string;
  alias_name: string;
  domains: JSONColumnType<string[]>;
  enabled: boolean;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface OrganizationLogosTable {
  tenant_id: TenantId;
  organization_id: OrganizationId;
  media_type: string;
  content: Uint8Array;
  updated_at: Timestamp;
}

export interface OrganizationIdentityProvidersTable {
  tenant_id: TenantId;
  organization_id: OrganizationId;
  entity_id: string;
  sso_url: string;
  sso_binding: 'redirect' | 'post';
  /** PEM, one certificate each. */
  certificates: JSONColumnType<string[]>;
  email_attribute: string;
  first_name_attribute: string;
  last_name_attribute: string;
  create_members: boolean;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface OrganizationOidcProvidersTable {
  tenant_id: TenantId;
  organization_id: OrganizationId;
  issuer: string;
  client_id: string;
  sealed_client_secret: string;
  token_endpoint_auth_method: 'client_secret_basic' | 'client_secret_post';
  scopes: JSONColumnType<string[]>;
  email_claim: string;
  first_name_claim: string;
  last_name_claim: string;
  require_email_verified: boolean;
  create_members: boolean;
  own_callback: boolean;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface OrganizationAppsTable {
  tenant_id: TenantId;
  organization_id: OrganizationId;
  app_id: AppId;
  created_at: Timestamp;
}

export interface ManagedOrganizationsTable {
  tenant_id: TenantId;
  organization_id: OrganizationId;
  managing_organization_id: OrganizationId;
  app_id: AppId;
}

export interface OrganizationRolesTable {
  tenant_id: TenantId;
  organization_id: OrganizationId;
  app_id: AppId;
  role_id: RoleId;
  position: number;
}

export interface OrganizationRoleGroupsTable {
  tenant_id: TenantId;
  organization_id: OrganizationId;
  app_id: AppId;
  group_id: RoleGroupId;
  position: number;
}

export interface OrganizationMembersTable {
  tenant_id: TenantId;
  organization_id: OrganizationId;
  user_id: UserId;
  created_at: Timestamp;
}

export interface OrganizationMemberRolesTable {
  tenant_id: TenantId;
  organization_id: OrganizationId;
  user_id: UserId;
  app_id: AppId;
  role_id: RoleId;
  /** The role id where the role is one of the application. */
  app_role_id: ColumnType<RoleId | null, never, never>;
  position: number;
}

export interface SigningKeysTable {
  tenant_id: TenantId;
  kid: string;
  alg: SigningAlg;
  status: 'signing' | 'validating' | 'disabled';
  public_jwk: Json;
  /** AES-256-GCM under the master key. */
  sealed_private_jwk: string;
  created_at: Timestamp;
}

export interface ApplicationSigningKeysTable {
  tenant_id: TenantId;
  key_id: string;
  app_id: AppId;
  /** Unique in the tenant. */
  kid: string;
  name: string;
  alg: SigningAlg;
  status: 'signing' | 'validating' | 'disabled';
  source: 'mosaic' | 'uploaded';
  public_jwk: Json;
  sealed_private_jwk: string;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface ApplicationLoginSecretsTable {
  tenant_id: TenantId;
  app_id: AppId;
  /** Name of the way to sign in: `google`. */
  method: string;
  name: string;
  /** JSON under the master key; the context is the place (applications/login-secrets.ts). */
  sealed_value: string;
}

export interface ConsentsTable {
  tenant_id: TenantId;
  consent_id: ConsentId;
  client_id: ClientId;
  user_id: UserId;
  scope: string;
  /** URI of the named resource, or empty. */
  resource: string;
  created_at: Timestamp;
  updated_at: Timestamp;
  expires_at: Timestamp;
}

export interface DelegatedConsentsTable {
  tenant_id: TenantId;
  consent_id: ConsentId;
  /** Null where every application of the tenant is meant. */
  app_id: AppId | null;
  actor_id: UserId;
  subject_id: UserId;
  permissions: Json;
  validity_seconds: number;
  created_at: Timestamp;
  /** Null while the subject has not answered. */
  granted_at: Timestamp | null;
  expires_at: Timestamp;
}

export interface GrantsTable {
  tenant_id: TenantId;
  grant_id: string;
  client_id: string;
  user_id: string;
  /** The consent a third-party client's grant rests on. */
  consent_id: ConsentId | null;
  /** What lets the actor of a delegated grant act for its user. */
  delegated_consent_id: ConsentId | null;
  payload: Json;
  expires_at: Timestamp;
}

export interface RefreshTokensTable {
  tenant_id: TenantId;
  /** SHA-256 of the token. */
  token_hash: string;
  grant_id: string;
  client_id: string;
  payload: Json;
  expires_at: Timestamp;
  consumed_at: NullableTimestamp;
  /** The token that replaced this one, sealed under the master key, for the grace window. */
  sealed_successor: string | null;
}

export interface RevokedTokensTable {
  tenant_id: TenantId;
  jti: string;
  expires_at: Timestamp;
}

export interface EphemeralItemsTable {
  tenant_id: TenantId;
  kind: string;
  key: string;
  value: Json;
  grant_id: string | null;
  user_id: string | null;
  consumed_at: NullableTimestamp;
  expires_at: Timestamp;
}

export interface PasswordHistoryTable {
  tenant_id: TenantId;
  entry_id: Generated<string>;
  user_id: UserId;
  password_hash: string;
  created_at: Timestamp;
}

export interface FailureCountsTable {
  tenant_id: TenantId;
  /** A keyed hash. */
  key: string;
  failures: number;
  /** Attempts that are counted and not yet checked. */
  pending: number;
  reserved_at: Timestamp;
  locked_until: NullableTimestamp;
  expires_at: Timestamp;
}

export interface AuditEventsTable {
  tenant_id: TenantId;
  event_id: Generated<string>;
  at: Timestamp;
  type: string;
  actor: Json;
  subject: string;
  details: Json;
}

export interface SsoGroupsTable {
  tenant_id: TenantId;
  group_id: SsoGroupId;
  name: string;
  description: string;
  configuration: Json;
  policy_name: ColumnType<string | null, never, never>;
  created_by: string;
  created_at: Timestamp;
  updated_at: Timestamp;
}

/** `sso_groups.policy_name` is generated from the configuration and names one of these. */
export interface SignInPoliciesTable {
  tenant_id: TenantId;
  policy_id: SignInPolicyId;
  name: string;
  description: string;
  rules: Json;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface ServiceProvidersTable {
  tenant_id: TenantId;
  service_provider_id: ServiceProviderId;
  name: string;
  description: string;
  assertion_consumer_service_url: string;
  entity_id: string;
  name_qualifier: string;
  created_at: Timestamp;
  updated_at: Timestamp;
}

export interface ApplicationServiceProvidersTable {
  tenant_id: TenantId;
  app_id: AppId;
  service_provider_id: ServiceProviderId;
}

export interface SamlCertificatesTable {
  tenant_id: TenantId;
  certificate_id: string;
  /** The owner is this client or the provider below. */
  client_id: ClientId | null;
  service_provider_id: ServiceProviderId | null;
  /** At most one of each per owner. */
  status: 'next' | 'current' | 'previous';
  pem: string;
  /** PKCS #8 PEM under the master key; the context is the certificate id. */
  sealed_private_key: string;
  not_before: Timestamp;
  not_after: Timestamp;
  /** When the trail was told that it ends soon. */
  warned_at: NullableTimestamp;
  created_at: Timestamp;
}

export interface OutboxTable {
  tenant_id: TenantId;
  message_id: string;
  app_id: AppId | null;
  channel: 'email' | 'sms';
  recipient: string;
  /** The whole message under the master key, the context is its id; null as soon as it is sent or given up. */
  sealed_content: string | null;
  /** Written where the channel had no transport: such a message is kept for reading and never leaves. */
  is_development: boolean;
  status: ColumnType<'waiting' | 'sent' | 'kept' | 'dead', never, 'waiting' | 'sent' | 'kept' | 'dead'>;
  /** How often a process took it for delivery; also tells the holder of the present lease from earlier ones. */
  attempts: ColumnType<number, never, number>;
  /** When it may be taken: for the first time, after a failure, or because the lease of a process ran out. */
  due_at: Timestamp;
  /** After this it is not worth sending. */
  valid_until: NullableTimestamp;
  last_fault: string | null;
  created_at: Timestamp;
  /** When the row itself is removed. */
  expires_at: Timestamp;
}

/** Clients that have yet to be told that a session ended (OpenID Connect Back-Channel Logout 1.0). */
export interface LogoutNoticesTable {
  tenant_id: TenantId;
  notice_id: string;
  client_id: ClientId;
  /** Of a user who may be gone by now. */
  user_id: UserId;
  /** The session as this client knows it. */
  sid: string;
  /** Also tells the holder of the present lease from earlier ones. */
  attempts: ColumnType<number, never, number>;
  due_at: Timestamp;
  created_at: Timestamp;
  /** After this nobody is told any more. */
  expires_at: Timestamp;
}

export interface TotpAuthenticatorsTable {
  tenant_id: TenantId;
  totp_id: string;
  user_id: UserId;
  /** Base32 under the master key; the context is the authenticator id. */
  sealed_secret: string;
  algorithm: 'sha1' | 'sha256' | 'sha512';
  digits: number;
  period: number;
  /** The latest time step whose code was accepted. A bigint: the driver may give it as text. */
  last_step: ColumnType<number | string, number, number>;
  created_at: Timestamp;
}

export interface RecoveryCodesTable {
  tenant_id: TenantId;
  user_id: UserId;
  code_hash: string;
  used_at: NullableTimestamp;
  created_at: Timestamp;
}

export interface PasskeysTable {
  tenant_id: TenantId;
  /** Base64url, unique in the tenant. */
  credential_id: string;
  user_id: UserId;
  /** Null for a passkey of the hosted pages. */
  app_id: AppId | null;
  rp_id: string;
  /** The name under which the passkey was made. */
  username: string;
  user_handle: string;
  /** COSE, base64url. */
  public_key: string;
  /** A bigint: the driver may give it as text. */
  counter: ColumnType<number | string, number, number>;
  transports: JSONColumnType<string[]>;
  aaguid: string;
  device_type: 'singleDevice' | 'multiDevice';
  backed_up: boolean;
  created_at: Timestamp;
  last_used_at: NullableTimestamp;
  /** What its owner calls it. */
  label: ColumnType<string | null, string | null | undefined, string | null>;
}

export interface SettingsTable {
  name: string;
  value: string;
}

export interface Tables {
  settings: SettingsTable;
  tenants: TenantsTable;
  applications: ApplicationsTable;
  clients: ClientsTable;
  client_secrets: ClientSecretsTable;
  client_resources: ClientResourcesTable;
  resources: ResourcesTable;
  users: UsersTable;
  user_applications: UserApplicationsTable;
  roles: RolesTable;
  role_assignments: RoleAssignmentsTable;
  role_groups: RoleGroupsTable;
  role_group_roles: RoleGroupRolesTable;
  client_roles: ClientRolesTable;
  groups: GroupsTable;
  group_users: GroupUsersTable;
  organizations: OrganizationsTable;
  organization_logos: OrganizationLogosTable;
  organization_identity_providers: OrganizationIdentityProvidersTable;
  organization_oidc_providers: OrganizationOidcProvidersTable;
  organization_apps: OrganizationAppsTable;
  managed_organizations: ManagedOrganizationsTable;
  organization_roles: OrganizationRolesTable;
  organization_role_groups: OrganizationRoleGroupsTable;
  organization_members: OrganizationMembersTable;
  organization_member_roles: OrganizationMemberRolesTable;
  signing_keys: SigningKeysTable;
  application_signing_keys: ApplicationSigningKeysTable;
  application_login_secrets: ApplicationLoginSecretsTable;
  sso_groups: SsoGroupsTable;
  sign_in_policies: SignInPoliciesTable;
  service_providers: ServiceProvidersTable;
  application_service_providers: ApplicationServiceProvidersTable;
  saml_certificates: SamlCertificatesTable;
  consents: ConsentsTable;
  totp_authenticators: TotpAuthenticatorsTable;
  recovery_codes: RecoveryCodesTable;
  passkeys: PasskeysTable;
  delegated_consents: DelegatedConsentsTable;
  grants: GrantsTable;
  refresh_tokens: RefreshTokensTable;
  revoked_tokens: RevokedTokensTable;
  ephemeral_items: EphemeralItemsTable;
  password_history: PasswordHistoryTable;
  failure_counts: FailureCountsTable;
  audit_events: AuditEventsTable;
  outbox: OutboxTable;
  logout_notices: LogoutNoticesTable;
}
