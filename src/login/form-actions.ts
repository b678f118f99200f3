/** Where the answer to a sign-in form may lead: browsers hold the redirects after a form against the CSP. */
import { formTargets } from '../http/form-target.ts';

interface RedirectTargets {
  readonly redirect_uris: readonly string[];
  /** The first party's pages, which follow the sign-in to a third-party client. */
  readonly consent_uris?: readonly string[];
}

/** What this file needs to know of a client. */
export type RedirectingClient =
  | { readonly protocol: 'oidc'; readonly settings: RedirectTargets }
  | { readonly protocol: 'saml' };

/**
 * CSP sources for `form-action`. Any https site, because an application may redirect onwards to a host of its own;
 * http and custom schemes only as the client has registered them.
 */
export const formActions = (client: RedirectingClient | undefined): string[] =>
  formTargets(
    client?.protocol === 'oidc'
      ? [...client.settings.redirect_uris, ...(client.settings.consent_uris ?? [])]
      : [],
  );
