/** Answers of the Authentication Hub on their way to the browser that waits: each is taken once, at its own interaction. */
import type { TenantId } from '../../base/ids.ts';
import { hashSecret, newSecret } from '../../base/secrets.ts';
import type { EphemeralStore, ItemKey } from '../../storage/ephemeral-store.ts';
import type { HubSignIn } from './hub-sign-in.ts';

/** What the hub says: who signed in, or that nobody did. */
export type HubAnswer = { readonly signIn: HubSignIn } | { readonly refused: string };

export interface HubAnswers {
  /** @returns the path; the browser that began the interaction opens it within five minutes */
  keep(interactionUid: string, answer: HubAnswer): Promise<string>;
  /** Undefined for one that is unknown, used, expired, or of another interaction. */
  take(interactionUid: string, secret: string): Promise<HubAnswer | undefined>;
}

/** Kind of the stored item. */
export const HUB_ANSWER = 'HubAnswer';
const ANSWER_SECONDS = 300;

export function hubAnswers(parts: {
  readonly ephemeral: Pick<EphemeralStore, 'put' | 'get' | 'consume'>;
  readonly tenantId: TenantId;
}): HubAnswers {
  const { ephemeral, tenantId } = parts;
  const at = (uid: string, secret: string): ItemKey => ({
    tenantId,
    kind: HUB_ANSWER,
    key: hashSecret(`${uid} ${secret}`),
  });
  return {
    async keep(uid, answer) {
      const secret = newSecret();
      const user = 'signIn' in answer ? { userId: answer.signIn.userId } : {};
      await ephemeral.put(at(uid, secret), { ...answer }, { ttlSeconds: ANSWER_SECONDS, ...user });
      return `/hub/${uid}/answer?${new URLSearchParams({ answer: secret })}`;
    },
    async take(uid, secret) {
      const item = await ephemeral.get(at(uid, secret));
      if (!item || !(await ephemeral.consume(at(uid, secret)))) return undefined;
      return item.value as unknown as HubAnswer;
    },
  };
}
