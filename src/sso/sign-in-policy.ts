/** A sign-in policy of the SSO Service: how the clients of a group sign people in (contract/saml.md 4), laid over an application's hosted login. */
import type { HostedLogin, LoginIdentifier, LoginMethod } from '../applications/hosted-login.ts';
import type { SignInPolicyId, TenantId } from '../base/ids.ts';

/** The journey of a group that has no policy: the hosted login of the client's own application. */
export const DEFAULT_JOURNEY = 'default';
export const SECOND_FACTORS = ['application', 'required'] as const;

/** The stored document, under its public names. */
export interface SignInRules {
  /** The first is offered first. */
  readonly methods: readonly LoginMethod[];
  readonly identifiers: readonly LoginIdentifier[];
  /** `application` leaves it to the client's application: a policy asks for more than that, never for less. */
  readonly second_factor: (typeof SECOND_FACTORS)[number];
}

export interface SignInPolicyInput {
  /** A group names the policy by it. */
  readonly name: string;
  readonly description: string;
  readonly rules: SignInRules;
}

export interface SignInPolicy extends SignInPolicyInput {
  readonly policyId: SignInPolicyId;
  readonly tenantId: TenantId;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** As a client's group has it (clients/client-group.ts). */
export const versionOfPolicy = ({ policyId, updatedAt }: SignInPolicy): string =>
  `${policyId} ${updatedAt.getTime()}`;

/** Looks, sign-up and everything else that the policy does not speak of stay the application's. */
export function underRules(hosted: HostedLogin, rules: SignInRules): HostedLogin {
  const [first, ...others] = rules.methods;
  return {
    ...hosted,
    identifiers: [...rules.identifiers],
    primary_method: first ?? hosted.primary_method,
    secondary_methods: others,
    mfa: rules.second_factor === 'required' ? 'required' : hosted.mfa,
    // A reset ends in a sign-in.
    forgotten_password: hosted.forgotten_password && rules.methods.includes('password'),
  };
}
