/** Keeps a client that has roles from getting beyond them by way of another client (contract D15). */
import type { SystemAuthor } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { forbidden } from '../base/errors.ts';
import { effectivePermissions } from '../roles/role.ts';
import type { Client, Pkce } from './client.ts';
import type { OidcClientInput } from './client-rules.ts';

type Author = ManagementCaller | SystemAuthor;

/** What the author's roles permit; undefined where nothing limits the author. */
const limitsOf = (author: Author): ReadonlySet<string> | undefined =>
  author.kind === 'client' ? author.permissions : undefined;

export const isLimited = (author: Author): boolean => limitsOf(author) !== undefined;

const isPublic = (pkce: Pkce): boolean => pkce === 'enforcePkceInsteadOfClientCredentials';

/** True for a body that changes how the client proves who it is, or that it has to (contract D10). */
export const touchesAuthentication = (input: OidcClientInput, current: { readonly pkce: Pkce }): boolean =>
  input.authentication_configuration !== undefined ||
  input.token_endpoint_auth_method !== undefined ||
  (input.pkce !== undefined && isPublic(input.pkce) !== isPublic(current.pkce));

/** @throws 403 where the author could authenticate as a client that may do more than the author itself. */
export function assertMayActAs(author: Author, target: Pick<Client, 'clientId' | 'roles'>): void {
  const limits = limitsOf(author);
  if (limits === undefined || author.kind === 'system' || author.clientId === target.clientId) return;
  const isWithin =
    target.roles.length > 0 &&
    effectivePermissions(target.roles).every((permission) => limits.has(permission));
  if (!isWithin)
    throw forbidden(
      'A client that has roles cannot set the authentication of a client that may do more than itself',
    );
}
