/** What the addresses must fulfil at which a client hears that a session has ended. */
import type { OidcClientSettings } from './client.ts';
import { redirectUriProblem } from './redirect-uri.ts';

type LogoutSettings = Pick<
  OidcClientSettings,
  'backchannel_logout_uri' | 'frontchannel_logout_uri' | 'redirect_uris'
>;

/** https, or http on a local host; no fragment (Back-Channel Logout 1.0 section 2.2, Front-Channel Logout 1.0 section 2). */
export function logoutProblems(settings: LogoutSettings): string[] {
  const addresses = ['backchannel_logout_uri', 'frontchannel_logout_uri'] as const;
  const problems = addresses.flatMap((name) => {
    const uri = settings[name];
    const problem = uri === '' ? undefined : redirectUriProblem(uri, 'web');
    return problem === undefined ? [] : [`${name} ${problem}: ${JSON.stringify(uri.slice(0, 200))}`];
  });
  return problems.length > 0 ? problems : originProblems(settings);
}

/** A page that Tessera frames has to be the client's own. */
function originProblems({ frontchannel_logout_uri: uri, redirect_uris }: LogoutSettings): string[] {
  if (uri === '') return [];
  const { origin } = new URL(uri);
  return redirect_uris.some((one) => URL.parse(one)?.origin === origin)
    ? []
    : ['frontchannel_logout_uri must have the scheme, host and port of one of the redirect_uris'];
}
