/** A reset link that the application's backend delivers itself (published as "generate reset link"; contract/authentication.md 5). */
import { passwordSettings } from '../applications/sign-in-settings.ts';
import { notFound } from '../base/errors.ts';
import type { SignInMessages } from '../factors/sign-in-messages.ts';
import type { ResetTokens } from '../oidc/sessions/reset-token.ts';
import type { Database } from '../storage/database.ts';
import { assertSoleApplication } from '../users/sole-application.ts';
import type { UserStore } from '../users/user-store.ts';
import type { CallingClient } from './calling-client.ts';
import type { Person } from './password-reset-proof.ts';
import { resetLink } from './reset-link.ts';

export interface HandedResetLinkParts {
  readonly db: Database;
  readonly users: Pick<UserStore, 'findMember'>;
  readonly resets: Pick<ResetTokens, 'issue'>;
  readonly messages: Pick<SignInMessages, 'assertNotAskedTooOften'>;
}

/**
 * Whoever has the link sets the password, which is good in the whole tenant: there is one only for users of this application
 * and no other. It proves no mailbox, so it is no factor either.
 * @throws 404 for a stranger and for who has no password to reset, 403 for a user of other applications, 429
 */
export const handedResetLinks =
  ({ db, users, resets, messages }: HandedResetLinkParts) =>
  async ({ application, client }: CallingClient, person: Person, redirectUri: string): Promise<string> => {
    const { tenantId, appId } = application;
    await messages.assertNotAskedTooOften(tenantId, person.identifier);
    const { identifierKind, identifier } = person;
    const { user } = (await users.findMember({ tenantId, appId }, identifierKind, identifier)) ?? {};
    if (!user?.hasPassword || user.status === 'Disabled') throw notFound('User not found');
    await assertSoleApplication(db, { kind: 'client', tenantId, appId }, user.userId);
    const { userId } = user;
    const token = await resets.issue(
      { userId, appId, clientId: client.clientId, factors: [] },
      passwordSettings(application).resetValidityMinutes,
    );
    return resetLink(redirectUri, token);
  };
