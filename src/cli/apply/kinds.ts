/** The catalogue of kinds: one line each, those that others point to first. Deletions go the other way. */
import { APPLICATION } from './application-kind.ts';
import { CLIENT } from './client-kind.ts';
import { GROUP } from './group-kind.ts';
import type { Kind } from './kind.ts';
import { ORGANIZATION } from './organization-kind.ts';
import { RESOURCE } from './resource-kind.ts';
import { CLIENT_ROLE, ROLE, ROLE_GROUP } from './role-kinds.ts';
import { SERVICE_PROVIDER } from './service-provider-kind.ts';
import { SIGN_IN_POLICY } from './sign-in-policy-kind.ts';
import { SSO_GROUP } from './sso-group-kind.ts';

export const KINDS: readonly Kind[] = [
  RESOURCE,
  CLIENT_ROLE,
  SERVICE_PROVIDER,
  SIGN_IN_POLICY,
  SSO_GROUP,
  APPLICATION,
  CLIENT,
  ROLE,
  ROLE_GROUP,
  GROUP,
  ORGANIZATION,
];

/** @throws Error for a section that the catalogue does not have: a mistake in a kind's `references`. */
export function kindOf(section: string): Kind {
  const kind = KINDS.find((one) => one.section === section);
  if (!kind) throw new Error(`no kind has the section ${section}`);
  return kind;
}
