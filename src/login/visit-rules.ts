/** Which rules one sign-in on the pages goes by: those of the application, and over them those of the client's group (contract/saml.md 4). */
import type { Application } from '../applications/application.ts';
import { rulesIn } from '../clients/client-group.ts';
import type { InteractionDetails } from '../oidc/sessions/interaction.ts';
import { type SignInRules, underRules, versionOfPolicy } from '../sso/sign-in-policy.ts';
import type { SignInPolicyStore } from '../sso/sign-in-policy-store.ts';

export interface VisitRules {
  /** As the pages show it and sign people in to it. */
  readonly application: Application;
  /** Of the group's policy; absent without one. */
  readonly rules?: SignInRules;
  /** Names what this sign-in went by, for the engine to hold it against what holds then. */
  readonly version: string;
}

/** Read anew for every request: a page that stood open while the policy was changed goes by the new one. */
export async function visitRules(
  policies: Pick<SignInPolicyStore, 'findForClient'>,
  { tenantId, clientId, groupId }: Pick<InteractionDetails, 'tenantId' | 'clientId' | 'groupId'>,
  application: Application,
): Promise<VisitRules> {
  if (groupId === undefined) return { application, version: rulesIn(undefined) };
  const policy = await policies.findForClient(tenantId, clientId);
  if (!policy) return { application, version: rulesIn({}) };
  const { settings } = application;
  const hosted_login = underRules(settings.hosted_login, policy.rules);
  return {
    application: { ...application, settings: { ...settings, hosted_login } },
    rules: policy.rules,
    version: rulesIn({ policy: { version: versionOfPolicy(policy) } }),
  };
}
