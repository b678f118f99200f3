/** Builds what every way of signing in needs: limits, passwords, codes, links, messages, and the doors into the engine. */
import type Koa from 'koa';
import { ApplicationStore } from './applications/application-store.ts';
import { withHouse } from './applications/house-application.ts';
import type { AuditLog } from './audit/audit-log.ts';
import { callingClient } from './auth/calling-client.ts';
import { RedirectSignIns } from './auth/redirect-request.ts';
import type { ClientId, TenantId, UserId } from './base/ids.ts';
import type { Logger } from './base/logger.ts';
import { Secret } from './base/secrets.ts';
import type { Client } from './clients/client.ts';
import type { Config } from './config/config.ts';
import { credentialsNotice } from './factors/credentials-notice.ts';
import { OneTimeCodes } from './factors/one-time-code.ts';
import { OneTimeLinks } from './factors/one-time-link.ts';
import { passwordNotice } from './factors/password-notice.ts';
import { SignInMessages } from './factors/sign-in-messages.ts';
import { UnsentMessages } from './factors/unsent-messages.ts';
import type { Sealer } from './keys/sealer.ts';
import type { Messages } from './messages/message.ts';
import type { Engine } from './oidc/engine.ts';
import { redirectUriAllowed } from './oidc/policies/redirect-uris.ts';
import { backendSignIn } from './oidc/sessions/backend-sign-in.ts';
import { browserSession } from './oidc/sessions/browser-session.ts';
import { codeExchange } from './oidc/sessions/code-exchange.ts';
import { interactionDoor } from './oidc/sessions/interaction.ts';
import { loginHandoff } from './oidc/sessions/login-handoff.ts';
import type { SessionControl } from './oidc/sessions/session-control.ts';
import { sessionEnd } from './oidc/sessions/session-end.ts';
import { signInTickets } from './oidc/sessions/sign-in-ticket.ts';
import { OrganizationMemberStore } from './organizations/organization-member-store.ts';
import type { Resource } from './resources/resource.ts';
import type { Database } from './storage/database.ts';
import type { EphemeralStore } from './storage/ephemeral-store.ts';
import { Admission } from './users/admission.ts';
import { breachedPasswords } from './users/breached-passwords.ts';
import { FirstProof } from './users/first-proof.ts';
import { GuessLimiter } from './users/guess-limiter.ts';
import type { PasswordHasher } from './users/password.ts';
import { PasswordRules } from './users/password-rules.ts';
import { PasswordService } from './users/password-service.ts';
import { PasswordSignIn } from './users/password-sign-in.ts';
import { UserStore } from './users/user-store.ts';

export interface Ground {
  readonly config: Config;
  readonly db: Database;
  readonly ephemeral: EphemeralStore;
  readonly sealer: Sealer;
  readonly audit: AuditLog;
  readonly hasher: PasswordHasher;
  readonly messages: Messages;
  readonly engine: Engine;
  readonly sessions: SessionControl;
  readonly tenantId: TenantId;
  readonly tenant: () => { readonly name: string };
  readonly log: Logger;
  findClient(tenantId: TenantId, clientId: ClientId): Promise<Client | undefined>;
  findResource(uri: string): Promise<Resource | undefined>;
}

export type SignInParts = ReturnType<typeof signInParts>;

export function signInParts(ground: Ground) {
  const { config, db, ephemeral, sealer, audit, hasher, engine, tenantId, log } = ground;
  const limiter = new GuessLimiter({
    db,
    secret: new Secret(sealer.derive('failure counts')),
    perAddress: config.failuresPerAddress,
  });
  const rules = new PasswordRules({
    db,
    hasher,
    breached: breachedPasswords({
      folder: config.breachedPasswordsDir,
      onMissing: (sentence) => log.error(sentence),
    }),
  });
  const applications = withHouse(new ApplicationStore(db), () => ground.tenant().name);
  const backend = backendSignIn({
    provider: engine.provider,
    engine: engine.middleware as Koa.Middleware,
    ephemeral,
    sealer,
    organizations: new OrganizationMemberStore(db),
    users: new UserStore(db),
    tenantId,
  });
  const endSessions = async (
    userId: UserId,
    exceptUid?: string,
    exceptBackendSession?: string,
  ): Promise<void> => {
    await ground.sessions.endAll(userId, exceptUid);
    await backend.leaveAll(userId, exceptBackendSession);
  };
  const sessionParts = { provider: engine.provider, users: new UserStore(db), tenantId };
  const firstProof = new FirstProof({
    audit,
    onCredentialsRemoved: credentialsNotice({
      limiter,
      messages: ground.messages,
      houseName: () => ground.tenant().name,
    }),
  });
  return {
    limiter,
    applications,
    passwordRules: rules,
    passwordSignIn: new PasswordSignIn({ db, hasher, audit, limiter }),
    passwords: new PasswordService({
      db,
      hasher,
      audit,
      limiter,
      rules,
      firstProof,
      endSessions,
      onPasswordUpdated: passwordNotice({ limiter, messages: ground.messages }),
    }),
    codes: new OneTimeCodes({ ephemeral, limiter, secret: new Secret(sealer.derive('one-time codes')) }),
    links: new OneTimeLinks({ ephemeral }),
    signInMessages: new SignInMessages({ db, messages: ground.messages, limiter }),
    unsentMessages: new SignInMessages({
      db,
      messages: new UnsentMessages({ db, messages: ground.messages, audit }),
      limiter,
    }),
    admission: new Admission({ db, audit, firstProof, endSessions }),
    handoff: loginHandoff({
      provider: engine.provider,
      ephemeral,
      tenantId,
      issuer: `${config.publicUrl.origin}/oidc`,
      endFor: sessionEnd(engine.provider),
    }),
    sessionOf: browserSession({ ...sessionParts, kind: 'shared' }),
    anySessionOf: browserSession({ ...sessionParts, kind: 'any' }),
    interactions: interactionDoor({ provider: engine.provider, tenantId }),
    clientOf: callingClient({
      tenantId,
      findClient: ground.findClient,
      findApplication: (ofTenant, appId) => applications.find(ofTenant, appId),
    }),
    redirects: new RedirectSignIns({
      tickets: signInTickets({ ephemeral, tenantId, issuer: `${config.publicUrl.origin}/oidc` }),
      tenantId,
      findResource: ground.findResource,
      isRedirectUri: ({ settings }, uri) =>
        redirectUriAllowed({ redirectUris: settings.redirect_uris, clientType: settings.client_type }, uri),
    }),
    exchangeCode: codeExchange({ provider: engine.provider, engine: engine.middleware as Koa.Middleware }),
    backend,
  };
}
