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
    reason: 'The ways to sign in (contract/authentication.md) are served by an API that does not exist yet.',
    operations: [
      'authenticateMagicLink',
      'sendMagicLinkEmail',
      'SendEmail',
      'authenticateOTP',
      'sendEmailOtp',
      'validateEmailOtp',
      'sendOTP',
      'sendSmsOtp',
      'validateSms',
      'tokenExchange',
    ],
    differences: ['is not served'],
  },
  {
    reason: 'Organizations, their role groups and the groups of users are not here yet.',
    operations: [
      'getAssignedRoleGroups',
      'setAssignedRoleGroups',
      'getAssignedRolesAndGroups',
      'setAssignedRolesAndGroups',
      'createOrganization',
      'getAllOrganizations',
      'getOrganizationByName',
      'getOrganization',
      'updateOrganization',
      'deleteOrganization',
      'createManagedOrganization',
      'addAppsToOrganization',
      'removeAppsFromOrganization',
      'uploadLogo',
      'getUserGroups',
    ],
    differences: ['is not served'],
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
    reason: 'Delegated access is refused by name: nothing here can act for somebody else yet.',
    operations: ['createUser'],
    differences: [
      'body member delegated_access.actor_id is missing',
      'body member delegated_access.permissions is missing',
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
];
