/** What the client group of a client means for its sign-ins (contract/saml.md 4); the group itself is a noun of its own (sso/). */
import type { SsoGroupId } from '../base/ids.ts';

/** Seconds in one unit of `sessionTimeout`. */
export const GRANULARITIES = {
  seconds: 1,
  minutes: 60,
  hours: 3600,
  days: 86_400,
  weeks: 604_800,
} as const;
export type Granularity = keyof typeof GRANULARITIES;

export interface ClientGroup {
  readonly groupId: SsoGroupId;
  /** A second client of the group signs in without a page. */
  readonly allowsSilentLogin: boolean;
  /** After the authentication; absent where the group sets no end of its own. */
  readonly sessionSeconds?: number;
  /** Absent where hosted login signs people in as the application has it. */
  readonly policy?: {
    /** Another text after every change of the policy. */
    readonly version: string;
    readonly requiresSecondFactor: boolean;
  };
}

/** As the database gives it along with a client. */
export interface StoredClientGroup {
  readonly groupId: SsoGroupId;
  readonly configuration: {
    readonly allowSilentLogin?: boolean;
    readonly sessionTimeout?: number;
    readonly sessionTimeoutGranularity?: Granularity;
  };
  readonly policyVersion: string | null;
  readonly secondFactor: string | null;
}

export function toClientGroup(stored: StoredClientGroup): ClientGroup {
  const { groupId, configuration, policyVersion, secondFactor } = stored;
  const { allowSilentLogin = false, sessionTimeout, sessionTimeoutGranularity = 'seconds' } = configuration;
  return {
    groupId,
    allowsSilentLogin: allowSilentLogin,
    ...(sessionTimeout !== undefined && {
      sessionSeconds: sessionTimeout * GRANULARITIES[sessionTimeoutGranularity],
    }),
    ...(policyVersion !== null && {
      policy: { version: policyVersion, requiresSecondFactor: secondFactor === 'required' },
    }),
  };
}

/**
 * Names the rules that a sign-in goes by; another text after every change. Empty without a group: then there are none but
 * the application's.
 */
export const rulesIn = (group: { readonly policy?: { readonly version: string } } | undefined): string =>
  group === undefined ? '' : (group.policy?.version ?? 'default');

interface Member {
  readonly appRequiresMfa: boolean;
  readonly group?: ClientGroup;
}

/** The stricter of the application and the policy counts. */
export const requiresSecondFactor = ({ appRequiresMfa, group }: Member): boolean =>
  appRequiresMfa || group?.policy?.requiresSecondFactor === true;

/**
 * True where a policy signs people in: that happens on the pages, which alone run it. What an application proves by
 * itself, at the authentication API or with the password grant, would be a way around it.
 */
export const signsInOnPagesOnly = ({ group }: Pick<Member, 'group'>): boolean => group?.policy !== undefined;
