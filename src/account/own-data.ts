/** Everything that is kept about the person, without secrets, as one document. */
import type { TrailStore } from '../audit/trail-store.ts';
import type { ConsentStore } from '../consents/consent-store.ts';
import type { PasskeyList } from '../factors/passkey-list.ts';
import type { TotpService } from '../factors/totp-service.ts';
import type { BackendSignInDoor } from '../oidc/sessions/backend-sign-in.ts';
import type { SessionControl } from '../oidc/sessions/session-control.ts';
import { contactsOf } from '../users/own-contacts.ts';
import { backendSessions } from './sessions-page.ts';
import type { Visit } from './visit.ts';

export interface OwnDataParts {
  readonly totp: Pick<TotpService, 'list' | 'countRecoveryCodes'>;
  readonly passkeys: Pick<PasskeyList, 'list'>;
  readonly sessions: Pick<SessionControl, 'list'>;
  readonly backend: Pick<BackendSignInDoor, 'list'>;
  readonly stored: Pick<ConsentStore, 'list'>;
  readonly trail: Pick<TrailStore, 'about'>;
}

/** The newest ones; older ones are rare and are named by their number in the trail itself. */
const MOST_EVENTS = 10_000;

export async function ownData(parts: OwnDataParts, visit: Visit): Promise<Record<string, unknown>> {
  const { tenantId, userId, user, memberships } = visit;
  const { secondary_emails: _, secondary_phone_numbers: __, ...profile } = user.profile;
  return {
    made_at: new Date(),
    user: {
      user_id: userId,
      status: user.status,
      external_user_id: user.externalUserId,
      created_at: user.createdAt,
      updated_at: user.updatedAt,
      last_auth: user.lastAuth,
      has_password: user.hasPassword,
      password_updated_at: user.passwordUpdatedAt,
    },
    profile,
    emails: contactsOf(user, 'email').map(toOuter),
    phone_numbers: contactsOf(user, 'phoneNumber').map(toOuter),
    applications: memberships.map(({ appId, appName, username, since }) => ({
      ...{ app_id: appId, app_name: appName, username, since },
    })),
    consents: await consentsOf(parts, visit),
    sessions: await sessionsOf(parts, visit),
    authenticators: await authenticatorsOf(parts, visit),
    events: (await parts.trail.about(tenantId, userId, MOST_EVENTS)).map(({ at, type, actor, details }) => ({
      ...{ at, type, by: actor.kind, details },
    })),
  };
}

const toOuter = (one: ReturnType<typeof contactsOf>[number]) => ({
  value: one.value,
  verified: one.isVerified,
  primary: one.isPrimary,
});

async function consentsOf({ stored }: OwnDataParts, { tenantId, userId }: Visit) {
  return (await stored.list(tenantId, { userId })).map((one) => ({
    client: one.clientName,
    scope: one.scope,
    resource: one.resource,
    given_at: one.createdAt,
    expires_at: one.expiresAt,
  }));
}

async function sessionsOf({ sessions, backend }: OwnDataParts, visit: Visit) {
  const browsers = (await sessions.list(visit.userId)).map(({ clientIds, startedAt, expiresAt }) => ({
    ...{ kind: 'browser', clients: clientIds, since: startedAt, until: expiresAt },
  }));
  const others = (await backendSessions(backend, visit)).map(({ appName, session }) => ({
    kind: 'application',
    application: appName,
    since: new Date(session.start_time),
    until: new Date(session.expiration_time),
  }));
  return [...browsers, ...others];
}

async function authenticatorsOf({ totp, passkeys }: OwnDataParts, { tenantId, userId }: Visit) {
  return {
    authenticator_apps: (await totp.list({ tenantId, userId })).map(({ createdAt }) => ({
      created_at: createdAt,
    })),
    recovery_codes_left: await totp.countRecoveryCodes({ tenantId, userId }),
    passkeys: (await passkeys.list(tenantId, userId)).map((one) => ({
      ...{
        name: one.username,
        label: one.label,
        rp_id: one.rpId,
        created_at: one.createdAt,
        last_used_at: one.lastUsedAt,
      },
    })),
  };
}
