/** An application: what it stores, its defaults, and what a caller may set. */
import type { AppId, TenantId } from '../base/ids.ts';
import type { AuthenticationMethod, Client, Pkce } from '../clients/client.ts';
import type { ClientInput } from '../clients/client-input.ts';
import type { OidcClientInput } from '../clients/client-rules.ts';
import { DEFAULT_HOSTED_LOGIN, type HostedLogin } from './hosted-login.ts';

export interface CustomDomain {
  domain: string;
  /** ISO date-time. */
  updated_at: string;
  status: 'pending' | 'verified' | 'error';
  error?: string;
}

/** The stored document, under the public names of contract/management-api.md section 1. */
export interface ApplicationSettings {
  app_description: string;
  logo: string;
  service_providers: string[];
  allow_public_signup: boolean;
  authenticator_preferences: { is_centralized: boolean; login_uri: string };
  login_uri: string;
  invite_member_uri: string;
  invite_member_email_expiration_minutes: number;
  invite_client_id: string;
  refresh_token_invalidation_trigger_configuration: {
    invalidateOnMemberSuspension: boolean;
    invalidateOnMemberPasswordReset: boolean;
    invalidateOnMemberRoleUpdate: boolean;
  };
  subdomain: string;
  custom_domain: CustomDomain | null;
  signing_key_enabled: boolean;
  login_preferences: { auth_methods: Record<string, unknown> };
  hosted_login: HostedLogin;
}

export const DEFAULT_APPLICATION_SETTINGS: Readonly<ApplicationSettings> = {
  app_description: '',
  logo: '',
  service_providers: [],
  allow_public_signup: false,
  authenticator_preferences: { is_centralized: false, login_uri: '' },
  login_uri: '',
  invite_member_uri: '',
  invite_member_email_expiration_minutes: 2880,
  invite_client_id: '',
  refresh_token_invalidation_trigger_configuration: {
    invalidateOnMemberSuspension: true,
    invalidateOnMemberPasswordReset: true,
    invalidateOnMemberRoleUpdate: true,
  },
  subdomain: '',
  custom_domain: null,
  signing_key_enabled: false,
  login_preferences: { auth_methods: {} },
  hosted_login: DEFAULT_HOSTED_LOGIN,
};

export type ApplicationKind = 'end_user' | 'management';

export interface Application {
  readonly tenantId: TenantId;
  readonly appId: AppId;
  readonly kind: ApplicationKind;
  readonly name: string;
  readonly settings: ApplicationSettings;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** An application as it is shown: its default client's fields belong to it, while there is one. */
export interface ShownApplication {
  readonly application: Application;
  readonly client: Client | undefined;
}

type Optional<T> = { [K in keyof T]?: T[K] | undefined };
type Replaced =
  | 'custom_domain'
  | 'login_preferences'
  | 'hosted_login'
  | 'refresh_token_invalidation_trigger_configuration';

/** A body as the edge hands it over: absent members stay as they are. */
export interface ApplicationInput extends Optional<Omit<ApplicationSettings, Replaced>> {
  app_name?: string | undefined;
  /** With the own key switched off: deletes the keys, which ends every token signed with them. */
  should_delete_signing_key?: boolean | undefined;
  custom_domain?: string | undefined;
  hosted_login?: Optional<HostedLogin> | undefined;
  refresh_token_invalidation_trigger_configuration?:
    | Optional<ApplicationSettings['refresh_token_invalidation_trigger_configuration']>
    | undefined;
  /** Takes the place of the deprecated members below. */
  first_client?: ClientInput | undefined;
  client_display_name?: string | undefined;
  client_description?: string | undefined;
  client_type?: OidcClientInput['client_type'];
  client_auth_method?: AuthenticationMethod | undefined;
  redirect_uris?: string[] | undefined;
  resources?: string[] | undefined;
  pkce?: Pkce | undefined;
  device_authorization?: OidcClientInput['device_authorization'];
  ciba_authorization?: OidcClientInput['ciba_authorization'];
}

/** The settings after this body. */
export function mergeApplication(
  current: Readonly<ApplicationSettings>,
  input: ApplicationInput,
  now: Date,
): ApplicationSettings {
  const known = Object.keys(DEFAULT_APPLICATION_SETTINGS);
  const members = Object.entries(input).filter(
    ([name, value]) => known.includes(name) && value !== undefined,
  );
  return {
    ...current,
    ...(Object.fromEntries(members) as Partial<ApplicationSettings>),
    custom_domain: customDomain(current.custom_domain, input.custom_domain, now),
    hosted_login: input.hosted_login
      ? ({ ...DEFAULT_HOSTED_LOGIN, ...input.hosted_login } as HostedLogin)
      : current.hosted_login,
    refresh_token_invalidation_trigger_configuration: input.refresh_token_invalidation_trigger_configuration
      ? ({
          ...DEFAULT_APPLICATION_SETTINGS.refresh_token_invalidation_trigger_configuration,
          ...input.refresh_token_invalidation_trigger_configuration,
        } as ApplicationSettings['refresh_token_invalidation_trigger_configuration'])
      : current.refresh_token_invalidation_trigger_configuration,
  };
}

function customDomain(
  current: CustomDomain | null,
  domain: string | undefined,
  now: Date,
): CustomDomain | null {
  if (domain === undefined || domain === current?.domain) return current;
  return domain === '' ? null : { domain, updated_at: now.toISOString(), status: 'pending' };
}

/** What the deprecated members say about the default client. */
export function deprecatedClientInput(input: ApplicationInput): OidcClientInput {
  const fields = {
    name: input.client_display_name,
    description: input.client_description,
    client_type: input.client_type,
    token_endpoint_auth_method: input.client_auth_method,
    redirect_uris: input.redirect_uris,
    resources: input.resources,
    pkce: input.pkce,
    device_authorization: input.device_authorization,
    ciba_authorization: input.ciba_authorization,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
