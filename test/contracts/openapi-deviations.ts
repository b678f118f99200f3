/** Every point where our OpenAPI document deliberately says something else than contract/openapi.json, with the reason. */

export interface Deviation {
  readonly reason: string;
  /** Published operation ids. */
  readonly operations: readonly string[];
  /** As `differences` writes them; each is true of each operation. Members in `result` and lists go by their own names. */
  readonly differences: readonly string[];
}

const USER_ANSWERS = [
  'createUser',
  'getUsers',
  'getUserByEmail',
  'getUserByExternalUserId',
  'getUserByIdentifier',
  'getUserByPhone',
  'deprecatedGetUserByPhone',
  'getUserByUsername',
  'getUserById',
  'updateUser',
];

export const DEVIATIONS: readonly Deviation[] = [
  {
    reason:
      'The hosted pages are configured by application (contract/authentication.md 2), for which no member is published.',
    operations: ['createApp', 'updateApp'],
    differences: ['body member hosted_login is ours'],
  },
  {
    reason:
      'The published claims are any object; ours says which members it may have (tokens-and-sessions.md 3).',
    operations: ['SendEmail', 'authenticateOTP', 'sendEmailOtp', 'sendSmsOtp'],
    differences: [
      'body member claims.id_token is ours',
      'body member claims.userinfo is ours',
      'body member claims.access_token is ours',
    ],
  },
  {
    reason: 'Claims may be asked for at UserInfo, too, as in every other way to sign in.',
    operations: ['authenticateMagicLink'],
    differences: ['body member claims.userinfo is ours'],
  },
  {
    reason: 'The published token type is any text; ours says which ones there are (RFC 6750, RFC 9449).',
    operations: ['authenticateMagicLink', 'authenticateOTP'],
    differences: ['answer member token_type has the values [Bearer,DPoP], published []'],
  },
  {
    reason:
      'A code of an authorization request without offline_access brings no refresh token (contract D8).',
    operations: ['tokenExchange'],
    differences: ['answer member refresh_token is not required'],
  },
  {
    reason:
      'Optional members that have no value here: users have no identity providers yet, addresses no date of their own, passwords no expiry.',
    operations: USER_ANSWERS,
    differences: [
      'answer member address.updated_at is missing',
      'answer member identity_providers is missing',
      'answer member identities is missing',
      'answer member app_name is missing',
      'answer member groupIds is missing',
      'answer member password_information.expires_in is missing',
    ],
  },
  {
    reason: 'The published name is any text; management-api.md section 12 says which names there are.',
    operations: ['getUserByIdentifier'],
    differences: [
      'query parameter identifier_name has the values [email,externalUserId,idpIdentifier,phoneNumber,username], published []',
    ],
  },
  {
    reason: 'Nobody has a device key yet: the operation answers 404 and nothing else.',
    operations: ['getDeviceKeysForTenant'],
    differences: [
      'answer member status has the values [], published [Active,Blocked,Suspended]',
      'answer member push_config.device_token is missing',
      'answer member push_config.type is missing',
      'answer member push_config.bundle_id is missing',
    ],
  },
  {
    reason:
      'A first client is checked by the schema of the client operations; here the document says that it is an object.',
    operations: ['createApp', 'updateApp'],
    differences: [
      'body member first_client.name is missing',
      'body member first_client.description is missing',
      'body member first_client.resources is missing',
      'body member first_client.authentication_protocol is missing',
      'body member first_client.client_group_id is missing',
      'body member first_client.default_custom_claims is missing',
      'body member first_client.default_user_info_claims is missing',
      'body member first_client.sync_id_token_claims_to_userinfo is missing',
      'body member first_client.short_cookies_samesite_type is missing',
      'body member first_client.redirect_uris is missing',
      'body member first_client.client_type is missing',
      'body member first_client.device_authorization is missing',
      'body member first_client.ciba_authorization is missing',
      'body member first_client.is_third_party is missing',
      'body member first_client.allowed_scopes is missing',
      'body member first_client.consent_uri is missing',
      'body member first_client.consent_validity_period is missing',
      'body member first_client.pkce is missing',
      'body member first_client.supported_prompts is missing',
      'body member first_client.token_expiration is missing',
      'body member first_client.session_expiration is missing',
      'body member first_client.enforce_par is missing',
      'body member first_client.role_ids is missing',
      'body member first_client.fapi_version_compliancy is missing',
      'body member first_client.token_endpoint_auth_method is missing',
      'body member first_client.response_types is missing',
      'body member first_client.authentication_configuration is missing',
      'body member first_client.id_token_encryption is missing',
      'body member first_client.consent_uris is missing',
      'body member first_client.sp_acs_url is missing',
      'body member first_client.sp_entity_id is missing',
      'body member first_client.sp_name_id_type is missing',
      'body member first_client.sign_assertion is missing',
      'body member first_client.optional_acs_url is missing',
      'body member first_client.use_centralized_login is missing',
    ],
  },
  {
    reason:
      'What a read shows can be written back: members that nobody can set are taken without effect (contract C15).',
    operations: ['createApp', 'updateApp'],
    differences: ['takes back what only answers have', 'body member custom_domain.domain is ours'],
  },
  {
    reason:
      'What a read shows can be written back: members that nobody can set are taken without effect (contract C15).',
    operations: ['createAppClient'],
    differences: ['body member client_id is ours', 'body member client_secret is ours'],
  },
  {
    reason:
      'What a read shows can be written back: members that nobody can set are taken without effect (contract C15).',
    operations: ['updateAppClient'],
    differences: [
      'body member client_id is ours',
      'body member client_secret is ours',
      'body member authentication_protocol is ours',
      'body member app_id is ours',
      'body member tenant_id is ours',
      'body member client_secret_hint is ours',
      'body member created_at is ours',
      'body member updated_at is ours',
      'body member metadata_url is ours',
      'body member sso_url is ours',
      'body member entity_id is ours',
      'body member x509_certificate is ours',
    ],
  },
  {
    reason:
      'A client says where it wants to hear of logouts; the published API knows no such logouts (contract/oidc.md 11).',
    operations: ['createAppClient', 'updateAppClient'],
    differences: [
      'body member backchannel_logout_uri is ours',
      'body member backchannel_logout_session_required is ours',
      'body member frontchannel_logout_uri is ours',
      'body member frontchannel_logout_session_required is ours',
    ],
  },
  {
    reason:
      'What a read shows can be written back: members that nobody can set are taken without effect (contract C15).',
    operations: ['updateOrganization'],
    differences: ['takes back what only answers have'],
  },
  {
    reason: 'The published number has no bounds; authentication.md section 6 names 6 and 8.',
    operations: ['createApp', 'getAllApps', 'getAppById', 'updateApp', 'updateResourcesInApp'],
    differences: [
      'answer member login_preferences.auth_methods.totp.digits has the values [6,8], published []',
    ],
  },
  {
    reason: 'Secrets of the ways to sign in are taken and never shown again.',
    operations: ['createApp', 'getAllApps', 'getAppById', 'updateApp', 'updateResourcesInApp'],
    differences: [
      'answer member login_preferences.auth_methods.google.clientSecret is missing',
      'answer member login_preferences.auth_methods.facebook.clientSecret is missing',
      'answer member login_preferences.auth_methods.apple.clientSecret is missing',
      'answer member login_preferences.auth_methods.line.clientSecret is missing',
      'answer member login_preferences.auth_methods.tiktok.clientSecret is missing',
      'answer member login_preferences.auth_methods.push.apn.key is missing',
      'answer member login_preferences.auth_methods.push.apn.[].key is missing',
      'answer member login_preferences.auth_methods.push.fcm.key is missing',
    ],
  },
  {
    reason: 'The published shape calls a JWKS an object; ours says that it has keys (RFC 7517 section 5).',
    operations: ['createAppClient', 'updateAppClient'],
    differences: [
      'body member authentication_configuration.jwks.keys is ours',
      'body member id_token_encryption.jwks.keys is ours',
    ],
  },
  {
    reason:
      'Ours: identifiers that a request may ask for can be configured as well (contract/saml.md section 1.3).',
    operations: ['createAppClient', 'updateAppClient'],
    differences: [
      'body member sp_name_id_type has the values [email,externalUserId,persistent,phoneNumber,secondaryEmail,transient,username], published [email,externalUserId,phoneNumber,secondaryEmail,username]',
      'answer member sp_name_id_type has the values [email,externalUserId,persistent,phoneNumber,secondaryEmail,transient,username], published [email,externalUserId,phoneNumber,secondaryEmail,username]',
    ],
  },
  {
    reason:
      'Ours: identifiers that a request may ask for can be configured as well (contract/saml.md section 1.3).',
    operations: ['getAppClients', 'getAppClientById', 'updateAppClientResources'],
    differences: [
      'answer member sp_name_id_type has the values [email,externalUserId,persistent,phoneNumber,secondaryEmail,transient,username], published [email,externalUserId,phoneNumber,secondaryEmail,username]',
    ],
  },
  {
    reason: 'Fields of ours for SAML clients (contract/saml.md section 1.5).',
    operations: ['createAppClient', 'updateAppClient'],
    differences: [
      'body member sp_certificates is ours',
      'body member want_authn_requests_signed is ours',
      'body member encrypt_assertion is ours',
      'body member sp_encryption_certificate is ours',
      'body member attribute_mapping is ours',
      'body member signature_algorithm is ours',
      'body member clock_skew_seconds is ours',
      'body member idp_initiated is ours',
      'body member sp_slo_url is ours',
      'body member sp_slo_binding is ours',
      'body member sp_acs_endpoints is ours',
      'body member sp_metadata is ours',
    ],
  },
  {
    reason:
      'A path parameter that names an application is called appId in every path here; what a caller sends is the same.',
    operations: ['getAssignedRoleGroups'],
    differences: ['has the path /v1/applications/{appId}/organizations/{organization_id}/role-groups'],
  },
  {
    reason:
      'A path parameter that names an application is called appId in every path here; what a caller sends is the same.',
    operations: ['setAssignedRoleGroups'],
    differences: ['has the path /v1/applications/{appId}/organizations/{organization_id}/role-groups/set'],
  },
  {
    reason:
      'A path parameter that names an application is called appId in every path here; what a caller sends is the same.',
    operations: ['getAssignedRolesAndGroups'],
    differences: ['has the path /v1/applications/{appId}/organizations/{organization_id}/roles-and-groups'],
  },
  {
    reason:
      'A path parameter that names an application is called appId in every path here; what a caller sends is the same.',
    operations: ['setAssignedRolesAndGroups'],
    differences: [
      'has the path /v1/applications/{appId}/organizations/{organization_id}/roles-and-groups/set',
    ],
  },
  {
    reason:
      'A path parameter that names an application is called appId in every path here; what a caller sends is the same.',
    operations: ['createManagedOrganization'],
    differences: [
      'has the path /v1/organizations/{organization_id}/applications/{appId}/managed-organizations',
    ],
  },
  {
    reason:
      'A logo is a file in a form, which the document cannot describe as JSON; the handler requires it.',
    operations: ['uploadLogo'],
    differences: ['body member logo is not required'],
  },
];
