/** The map of the house: builds every part and mounts it, decides nothing. */
import { availableParallelism } from 'node:os';
import type Koa from 'koa';
import { accountPages } from './account/account-pages.ts';
import { createAccountRouter } from './account/account-router.ts';
import { createAdminRouter } from './admin/admin-routes.ts';
import { delegatedConsentRoutes } from './admin/delegated-consent-routes.ts';
import { groupRoutes } from './admin/group-routes.ts';
import { createLogoRouter } from './admin/logo-router.ts';
import { newUserDelegations } from './admin/new-user-delegations.ts';
import { organizationRoutes } from './admin/organization-routes.ts';
import { outboxRoutes } from './admin/outbox-routes.ts';
import { ownProfileRoutes } from './admin/own-profile-routes.ts';
import { roleGroupRoutes } from './admin/role-group-routes.ts';
import { roleRoutes } from './admin/role-routes.ts';
import { samlCertificateRoutes } from './admin/saml-certificate-routes.ts';
import { scimRoutes } from './admin/scim-routes.ts';
import { serviceProviderRoutes } from './admin/service-provider-routes.ts';
import { sessionRoutes } from './admin/session-routes.ts';
import { signInPolicyRoutes } from './admin/sign-in-policy-routes.ts';
import { ssoGroupRoutes } from './admin/sso-group-routes.ts';
import { userContactRoutes } from './admin/user-contact-routes.ts';
import { userRoutes } from './admin/user-routes.ts';
import { UserSessions } from './admin/user-sessions.ts';
import { ApplicationService } from './applications/application-service.ts';
import { ApplicationStore } from './applications/application-store.ts';
import { LoginSecrets } from './applications/login-secrets.ts';
import { passwordSettings } from './applications/sign-in-settings.ts';
import { AuditLog } from './audit/audit-log.ts';
import { TrailStore } from './audit/trail-store.ts';
import { createAuthRouter } from './auth/auth-routes.ts';
import { authSessionRoutes } from './auth/auth-session-routes.ts';
import { AuthSessions } from './auth/auth-sessions.ts';
import { backchannelRoutes } from './auth/backchannel-routes.ts';
import { crossDeviceRoutes } from './auth/cross-device-routes.ts';
import { hubRoutes } from './auth/hub-routes.ts';
import { logoutRoutes } from './auth/logout-routes.ts';
import { createMagicLinkRouter } from './auth/magic-link-router.ts';
import { PasskeyStartLimit } from './auth/passkey-start-limit.ts';
import { passwordLoginRoutes } from './auth/password-login-routes.ts';
import { passwordResetRoutes } from './auth/password-reset-routes.ts';
import { totpRoutes } from './auth/totp-routes.ts';
import { verificationRoutes } from './auth/verification-routes.ts';
import { webauthnRoutes } from './auth/webauthn-routes.ts';
import type { AppId, ClientId, TenantId } from './base/ids.ts';
import type { Logger } from './base/logger.ts';
import type { Client } from './clients/client.ts';
import { clientCertificateHolder } from './clients/client-certificates.ts';
import { ClientService } from './clients/client-service.ts';
import { ClientStore } from './clients/client-store.ts';
import { metadataImport } from './clients/metadata-import.ts';
import type { Config } from './config/config.ts';
import { ConsentService } from './consents/consent-service.ts';
import { ConsentStore } from './consents/consent-store.ts';
import { DelegatedConsentService } from './consents/delegated-consent-service.ts';
import { DelegatedConsentStore } from './consents/delegated-consent-store.ts';
import { PasskeyList } from './factors/passkey-list.ts';
import { PasskeyOffer } from './factors/passkey-offer.ts';
import { passkeys } from './factors/passkeys.ts';
import { strongSignIn } from './factors/strong-sign-in.ts';
import { TotpService } from './factors/totp-service.ts';
import { federationParts } from './federation-parts.ts';
import { ensureFirstIdentities, type FirstIdentities } from './first-start.ts';
import { GroupService } from './groups/group-service.ts';
import { GroupStore } from './groups/group-store.ts';
import { clientCertificates } from './http/client-certificate.ts';
import { crowdGate, Places, refuseCall } from './http/crowd-gate.ts';
import { errorResponder } from './http/error-responder.ts';
import { outbound } from './http/outbound.ts';
import { createPasskeyScriptRouter } from './http/passkey-script.ts';
import { createKoa } from './http/server.ts';
import { ApplicationKeyService } from './keys/application-key-service.ts';
import { CertificateExpiry } from './keys/certificate-expiry.ts';
import { consentParamsSigner } from './keys/consent-params.ts';
import { KeyRing } from './keys/key-ring.ts';
import { openSealer } from './keys/master-key.ts';
import { SamlCertificateService } from './keys/saml-certificate-service.ts';
import { SamlCertificates } from './keys/saml-certificates.ts';
import { legacySamlParts } from './legacy-saml-parts.ts';
import { createConsentRouter } from './login/consent-router.ts';
import { refuseForm } from './login/crowded-page.ts';
import { createHubRouter } from './login/hub-router.ts';
import { createLoginRouter } from './login/login-router.ts';
import { createPasskeyEntryRouter } from './login/passkey-entry-router.ts';
import { createPasskeyOfferRouter } from './login/passkey-offer-router.ts';
import { createPasskeyRegistrationRouter } from './login/passkey-registration-router.ts';
import { createPasskeyStartRouter } from './login/passkey-start-router.ts';
import { createSecondFactorRouter } from './login/second-factor-router.ts';
import { SignUpLimit } from './login/sign-up-limit.ts';
import { Outbox } from './messages/outbox.ts';
import { transportsOf } from './messages/transports.ts';
import { tellClient } from './oidc/back-channel-logout.ts';
import { createEngine, type Engine } from './oidc/engine.ts';
import { backchannelAnswer } from './oidc/sessions/backchannel-answer.ts';
import { framesOf } from './oidc/sessions/front-channel.ts';
import { hubAnswers } from './oidc/sessions/hub-answers.ts';
import { hubSignIns } from './oidc/sessions/hub-sign-in.ts';
import { LogoutNoticeStore } from './oidc/sessions/logout-notice-store.ts';
import { LogoutNotices } from './oidc/sessions/logout-notices.ts';
import { type SessionControl, sessionControl } from './oidc/sessions/session-control.ts';
import { healthRoutes } from './ops/health-routes.ts';
import { IdentityProviderService } from './organizations/identity-provider-service.ts';
import { OidcIdentityProviderService } from './organizations/oidc-identity-provider-service.ts';
import { OrganizationMemberService } from './organizations/organization-member-service.ts';
import { OrganizationMemberStore } from './organizations/organization-member-store.ts';
import { OrganizationRoleService } from './organizations/organization-role-service.ts';
import { OrganizationService } from './organizations/organization-service.ts';
import { resetParts } from './reset-parts.ts';
import type { Resource } from './resources/resource.ts';
import { ResourceService } from './resources/resource-service.ts';
import { ResourceStore } from './resources/resource-store.ts';
import { RoleAssignmentService } from './roles/role-assignment-service.ts';
import { RoleGroupService } from './roles/role-group-service.ts';
import { RoleService } from './roles/role-service.ts';
import { RoleStore } from './roles/role-store.ts';
import { LEGACY_SIGN_ON } from './saml/legacy-sign-on-schema.ts';
import { samlFederationParts } from './saml-federation-parts.ts';
import { samlParts } from './saml-parts.ts';
import { serviceProviderCertificateHolder } from './service-providers/service-provider-certificates.ts';
import { ServiceProviderService } from './service-providers/service-provider-service.ts';
import { signInParts } from './sign-in-parts.ts';
import { signInRows } from './sign-in-rows.ts';
import { SignInPolicyService } from './sso/sign-in-policy-service.ts';
import { SignInPolicyStore } from './sso/sign-in-policy-store.ts';
import { SsoGroupService } from './sso/sso-group-service.ts';
import { AttemptLimit } from './storage/attempt-limit.ts';
import type { ChangeFeed } from './storage/change-feed.ts';
import type { Database } from './storage/database.ts';
import type { EphemeralStore } from './storage/ephemeral-store.ts';
import { FreshCache } from './storage/fresh-cache.ts';
import { type Tenant, TenantStore } from './tenants/tenant-store.ts';
import { ContactService } from './users/contact-service.ts';
import { MembershipListStore } from './users/membership-list-store.ts';
import { OwnAccount } from './users/own-account.ts';
import { OwnContacts } from './users/own-contacts.ts';
import { OwnProfile } from './users/own-profile.ts';
import { PasskeyStore } from './users/passkey-store.ts';
import { PasswordHasher } from './users/password.ts';
import {
  FORMS_AT_ONCE,
  hashThreads,
  isPasswordCall,
  isPasswordForm,
  SIGN_INS_AT_ONCE,
} from './users/password-load.ts';
import { UserService } from './users/user-service.ts';
import { UserStore } from './users/user-store.ts';

export interface AppParts {
  readonly config: Config;
  readonly db: Database;
  readonly feed: ChangeFeed;
  readonly ephemeral: EphemeralStore;
  readonly log: Logger;
}

const CLIENT_TABLES = ['clients', 'client_secrets', 'client_resources', 'client_roles', 'saml_certificates'];
/** A change of one of these may be about any client. */
const TABLES_OF_MANY_CLIENTS = ['applications', 'roles', 'sso_groups', 'sign_in_policies'];

/** @returns the koa application, what the first start made, and what is still to be started: the delivery of messages and logout notices, the look for certificates that end. */
export async function createApp({ config, db, feed, ephemeral, log }: AppParts): Promise<{
  koa: Koa;
  created: FirstIdentities | undefined;
  messages: Outbox;
  logoutNotices: LogoutNotices;
  certificateExpiry: CertificateExpiry;
}> {
  const sealer = await openSealer(db, config.masterKey, config.keysDir);
  const keyRing = new KeyRing({ db, sealer });
  const messages = new Outbox({ db, sealer, transports: transportsOf(config.messages), log });
  const tenants = new TenantStore(db);
  const audit = new AuditLog();
  const certificates = new SamlCertificates({ db, sealer });
  const loginSecrets = new LoginSecrets({ sealer });
  const hasher = new PasswordHasher({
    concurrency: hashThreads(availableParallelism()),
    queueLimit: SIGN_INS_AT_ONCE,
  });
  const passwordCalls = new Places(SIGN_INS_AT_ONCE);
  const { allowedInternalHosts } = config;
  const importMetadata = metadataImport({ fetchOutside: outbound(config), allowedInternalHosts });
  const applicationParts = { db, audit, certificates, loginSecrets, allowedInternalHosts, importMetadata };
  const applications = new ApplicationService(applicationParts);
  const clients = new ClientService(applicationParts);
  const resources = new ResourceService({ db, audit });
  const users = new UserService({
    db,
    hasher,
    audit,
    ephemeral,
    sessions: { endAll: (userId) => sessions.endAll(userId) },
  });
  const consents = new ConsentService({ db, audit });
  const organizations = new OrganizationService({ db, audit });
  const ownProfile = new OwnProfile({ db, hasher, audit });
  const { tenantId, created } = await ensureFirstIdentities({
    db,
    config,
    tenants,
    keyRing,
    applications,
    users,
  });

  const applicationStore = new ApplicationStore(db);
  const clientStore = new ClientStore(db);
  const resourceStore = new ResourceStore(db);
  const clientCache = new FreshCache<Client>({
    feed,
    isAbout: ({ table, id }) =>
      TABLES_OF_MANY_CLIENTS.includes(table) ? 'all' : CLIENT_TABLES.includes(table) ? id : undefined,
  });
  const resourceCache = new FreshCache<Resource>({
    feed,
    isAbout: ({ table }) => (table === 'resources' ? 'all' : undefined),
  });
  const findClient = (ofTenant: TenantId, clientId: ClientId) =>
    clientCache.get(clientId, () => clientStore.find(ofTenant, clientId));
  const findResource = (uri: string) => resourceCache.get(uri, () => resourceStore.findByUri(tenantId, uri));
  const tenant = await currentTenant(tenants, tenantId, feed, log);
  const logoutNotices = new LogoutNotices({
    store: new LogoutNoticeStore({ db, tenantId }),
    log,
    deliver: (notice) => tellClient(engine.provider(), notice),
  });
  const sessions: SessionControl = sessionControl({
    ephemeral,
    tenantId,
    telling: (notices, end) => logoutNotices.telling(notices, end),
  });
  const issuer = `${config.publicUrl.origin}/oidc`;
  const delegatedConsents = new DelegatedConsentService({
    db,
    audit,
    messages,
    findClient,
    requests: new AttemptLimit({ ephemeral, tenantId, kind: 'DelegatedRequest', most: 5, seconds: 3600 }),
    sign: consentParamsSigner({ keyRing, tenantId, issuer }),
  });
  const engine: Engine = await createEngine({
    issuer,
    tenantId,
    db,
    ephemeral,
    sealer,
    keyRing,
    feed,
    log,
    tenant,
    certificateOf: clientCertificates({ ...config, ...config.mutualTls }),
    mtlsUrl: config.mutualTls.publicUrl,
    fetchOutside: outbound(config),
    users: new UserStore(db),
    roles: new RoleStore(db),
    groups: new GroupStore(db),
    passkeys: new PasskeyStore(db),
    organizations: new OrganizationMemberStore(db),
    consents: new ConsentStore(db),
    delegatedConsents: new DelegatedConsentStore(db),
    messages,
    sendLimit: { assertNotTooOften: (of, to) => signIn.signInMessages.assertNotTooOften(of, to) },
    findClient,
    findResource,
    findHub: () => applicationStore.findHub(tenantId),
    sessions,
    samlVisits: { begin: (ended, next) => saml.visits.begin(ended, next) },
    logoutNotices,
    passkeyOffer: { isDue: (to) => passkeyOffer.isDue(to) },
    fetchClient: outbound({ ...config, allowsInternal: config.isLocal }),
    passwords: { signIn: (request) => signIn.passwordSignIn.signIn(request) },
    passwordCalls,
    passwordSettingsOf: (ofTenant, appId) => passwordSettingsOf(ofTenant, appId),
  });

  const signIn = signInParts({
    config,
    db,
    ephemeral,
    sealer,
    audit,
    hasher,
    messages,
    engine,
    sessions,
    tenantId,
    tenant,
    log,
    findClient,
    findResource,
  });
  const passwordSettingsOf = async (ofTenant: TenantId, appId: AppId) =>
    passwordSettings(await signIn.applications.find(ofTenant, appId));
  const passwordParts = { rules: signIn.passwordRules, settingsOf: passwordSettingsOf };
  const koa = createKoa(config);
  koa.keys = [sealer.derive('cookies')];
  koa.use(errorResponder(log));
  koa.use(crowdGate({ places: passwordCalls, isCostly: isPasswordCall, refuse: refuseCall }));
  koa.use(crowdGate({ places: new Places(FORMS_AT_ONCE), isCostly: isPasswordForm, refuse: refuseForm }));
  koa.use(
    healthRoutes([
      {
        name: 'database',
        answers: async () => (await db.selectFrom('settings').select('name').limit(1).execute()).length >= 0,
      },
      ...(config.redisUrl ? [{ name: 'redis', answers: () => ephemeral.ping() }] : []),
    ]),
  );
  koa.use(engine.middleware);
  const { interactions } = signIn;
  const totp = new TotpService({ db, ephemeral, sealer, audit, limiter: signIn.limiter });
  const passkeyList = new PasskeyList({ db, audit });
  const assertStrong = strongSignIn({ totp, passkeys: passkeyList });
  const passkeyOffer = new PasskeyOffer({ ...signIn, users, totp, passkeys: passkeyList, ephemeral });
  const passkeyParts = passkeys({
    db,
    ephemeral,
    audit,
    sealer,
    limiter: signIn.limiter,
    users,
    findClient,
    publicUrl: config.publicUrl,
    houseName: () => tenant().name,
  });
  const hosted = {
    ...signIn,
    ...passkeyParts,
    ephemeral,
    messages: signIn.signInMessages,
    unsent: signIn.unsentMessages,
    users: new UserStore(db),
    clients: clientStore,
    policies: new SignInPolicyStore(db),
    log,
  };
  koa.use(
    createLoginRouter({
      ...hosted,
      rules: signIn.passwordRules,
      signUpLimit: new SignUpLimit({ limiter: signIn.limiter, perHour: config.signUpsPerAddress }),
      hasher,
      origin: config.publicUrl.origin,
    }).routes(),
  );
  koa.use(createSecondFactorRouter({ ...hosted, totp, sealer, passkeyStore: new PasskeyStore(db) }).routes());
  koa.use(createPasskeyStartRouter(hosted).routes());
  koa.use(createPasskeyOfferRouter({ ...hosted, offer: passkeyOffer }).routes());
  koa.use(createPasskeyScriptRouter().routes());
  koa.use(createPasskeyRegistrationRouter({ ...hosted, tenantId }).routes());
  koa.use(createPasskeyEntryRouter().routes());
  koa.use(
    createConsentRouter({ interactions, consents, clients: clientStore, resources: resourceStore }).routes(),
  );
  const hub = hubSignIns({
    provider: engine.provider,
    backend: signIn.backend,
    hubs: applicationStore,
    tenantId,
  });
  const answers = hubAnswers({ ephemeral, tenantId });
  koa.use(createHubRouter({ ...signIn, hub, answers }).routes());
  const houseName = () => tenant().name;
  koa.use(
    createAccountRouter({
      tenantId,
      houseName,
      handoff: signIn.handoff,
      sessionOf: signIn.sessionOf,
      users: new UserStore(db),
      memberships: new MembershipListStore(db),
      totp,
      passkeys: passkeyList,
      pages: accountPages({
        ...signIn,
        tenantId,
        houseName,
        db,
        audit,
        ephemeral,
        passwordSettingsOf,
        profiles: ownProfile,
        contacts: new OwnContacts({ db, audit }),
        account: new OwnAccount({ db, audit, ephemeral }),
        totp,
        passkeys: passkeyList,
        passkeyPlaces: passkeyParts.places,
        passkeyRegistration: passkeyParts.registration,
        sessions,
        consents,
        storedConsents: new ConsentStore(db),
        trail: new TrailStore(db),
        findClient,
      }),
    }).routes(),
  );
  const saml = samlParts({
    config,
    db,
    audit,
    ephemeral,
    sealer,
    certificates,
    tenantId,
    findClient,
    handoff: signIn.handoff,
    sessionOf: signIn.anySessionOf,
    sessions,
    framesOf: (ended) => framesOf(engine.provider(), ended),
  });
  koa.use(saml.router.routes());
  koa.use(
    legacySamlParts({
      ...signIn,
      config,
      db,
      audit,
      ephemeral,
      certificates,
      tenantId,
      sessions,
      authenticate: (ctx) => engine.callerOf(ctx),
    }),
  );
  koa.use(federationParts({ config, db, audit, ephemeral, sealer, log, tenantId, signIn }).routes());
  const samlFederation = samlFederationParts({ config, db, audit, ephemeral, tenantId, signIn });
  koa.use(samlFederation.router.routes());
  const resets = resetParts({ config, db, ephemeral, sealer, audit, tenantId, keyRing, users }, signIn);
  const codesAndLinks = signInRows({
    signIn,
    db,
    audit,
    tenantId,
    origin: config.publicUrl.origin,
    totp,
    passkeys: passkeyParts,
  });
  koa.use(createMagicLinkRouter(codesAndLinks).routes());
  const passkeyStarts = new PasskeyStartLimit({
    limiter: signIn.limiter,
    perMinute: config.passkeyStartsPerAddress,
  });
  const authRows = [
    ...hubRoutes({ hub, answers, origin: config.publicUrl.origin }),
    ...backchannelRoutes({
      answer: backchannelAnswer({
        provider: engine.provider,
        tenantId,
        ephemeral,
        tenant,
        findResource,
        backendSessionOf: (sid) => signIn.backend.findByToken(sid),
      }),
      audit,
      db,
    }),
    ...logoutRoutes({ sessions, backend: signIn.backend, audit, db }),
    ...totpRoutes(totp, assertStrong),
    ...passwordLoginRoutes({
      ...signIn,
      passwords: signIn.passwordSignIn,
      resets: resets.resets,
    }),
    ...passwordResetRoutes(resets),
    ...verificationRoutes(resets.verification),
    ...webauthnRoutes({ tenantId, assertStrong, starts: passkeyStarts, ...passkeyParts }),
    ...crossDeviceRoutes({ tenantId, assertStrong, starts: passkeyStarts, ...signIn, ...passkeyParts }),
    ...authSessionRoutes({
      tenantId,
      starts: passkeyStarts,
      authSessions: new AuthSessions({
        ...{ ...signIn, ...passkeyParts },
        ...{ tenantId, assertStrong, users: new UserStore(db) },
      }),
    }),
    ...codesAndLinks.rows,
    ...samlFederation.rows,
  ];
  koa.use(createAuthRouter({ authenticate: (ctx) => engine.callerOf(ctx), rows: authRows }));
  koa.use(createLogoRouter({ organizations, tenantId }).routes());
  koa.use(
    createAdminRouter({
      authenticate: (ctx) => engine.callerOf(ctx),
      describedElsewhere: [...authRows, LEGACY_SIGN_ON],
      changesSettled: () => feed.caughtUp().then(() => engine.settled()),
      signingKeys: new ApplicationKeyService({ db, sealer, audit }),
      applications,
      managementApplications: new ApplicationService({ ...applicationParts, kind: 'management' }),
      clients,
      resources,
      consents,
      users: [
        ...ownProfileRoutes(ownProfile, { ...passwordParts, assertStrong }),
        ...userRoutes(
          users,
          { ...passwordParts, passwords: signIn.passwords },
          newUserDelegations(delegatedConsents),
        ),
        ...userContactRoutes(new ContactService({ db, audit })),
        ...sessionRoutes(new UserSessions({ db, audit, users, sessions, findClient })),
        ...scimRoutes(users),
        ...delegatedConsentRoutes(delegatedConsents),
      ],
      outbox: outboxRoutes(messages),
      origin: config.publicUrl.origin,
      sso: [
        ...serviceProviderRoutes(
          new ServiceProviderService({ db, audit, certificates }),
          config.publicUrl.origin,
        ),
        ...samlCertificateRoutes({
          ofClients: new SamlCertificateService({
            db,
            audit,
            certificates,
            holder: clientCertificateHolder({ audit }),
          }),
          ofServiceProviders: new SamlCertificateService({
            db,
            audit,
            certificates,
            holder: serviceProviderCertificateHolder,
          }),
        }),
        ...ssoGroupRoutes(new SsoGroupService({ db, audit })),
        ...signInPolicyRoutes(new SignInPolicyService({ db, audit })),
      ],
      roles: [
        ...roleRoutes({
          roles: new RoleService({ db, audit }),
          assignments: new RoleAssignmentService({ db, audit }),
        }),
        ...roleGroupRoutes(new RoleGroupService({ db, audit })),
      ],
      groups: groupRoutes(new GroupService({ db, audit })),
      organizations: organizationRoutes({
        organizations,
        roles: new OrganizationRoleService({ db, audit }),
        members: new OrganizationMemberService({ db, audit }),
        identityProviders: new IdentityProviderService({ db, audit }),
        oidcIdentityProviders: new OidcIdentityProviderService({ db, audit, sealer }),
        origin: config.publicUrl.origin,
      }),
    }),
  );
  const certificateExpiry = new CertificateExpiry({ db, audit, log });
  return { koa, created, messages, logoutNotices, certificateExpiry };
}

/** The tenant's numbers, read again when its row changes. */
async function currentTenant(
  tenants: TenantStore,
  tenantId: Tenant['tenantId'],
  feed: ChangeFeed,
  log: Logger,
): Promise<() => Tenant> {
  const load = async (): Promise<Tenant> => {
    const found = await tenants.find(tenantId);
    if (!found) throw new Error('the tenant is gone');
    return found;
  };
  let tenant = await load();
  feed.subscribe((change) => {
    if (change !== 'everything' && change.table !== 'tenants') return;
    load().then(
      (found) => {
        tenant = found;
      },
      (error: unknown) => log.error({ err: error }, 'the tenant could not be read again'),
    );
  });
  return () => tenant;
}
