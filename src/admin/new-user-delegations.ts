/** Reads who may act for a user that is being created (contract/management-api.md 12). */
import type { ManagementCaller } from '../base/caller.ts';
import type { UserId } from '../base/ids.ts';
import type { DelegatedConsentService } from '../consents/delegated-consent-service.ts';
import type { Database } from '../storage/database.ts';

interface Body {
  readonly delegated_access?: { readonly actor_id: string; readonly permissions: string[] } | undefined;
}

export interface NewUserDelegations {
  /** What is done with the new user, if anything. */
  forNewUser(
    caller: ManagementCaller,
    body: Body,
  ): ((db: Database, userId: UserId) => Promise<void>) | undefined;
}

export const newUserDelegations = (
  consents: Pick<DelegatedConsentService, 'giveAtCreation'>,
): NewUserDelegations => ({
  forNewUser: (caller, { delegated_access: given }) =>
    given &&
    ((db, userId) =>
      consents.giveAtCreation(db, caller, userId, {
        actorId: given.actor_id as UserId,
        permissions: given.permissions,
      })),
});
