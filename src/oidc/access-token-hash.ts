/** Binds each ID token from the token endpoint to the access token beside it: `at_hash` (OpenID Connect Core 3.1.3.6). */
import type Provider from 'oidc-provider';
import { requestState } from './request-state.ts';

interface SavedToken {
  save(): Promise<string>;
}
interface IssuedToken {
  set(claim: string, value: unknown): void;
  issue(options: { use: string }): Promise<string>;
}

/** The engine hashes what it is given as `at_hash`, but gives it itself at the authorization endpoint only. */
export function addAccessTokenHash({ AccessToken, IdToken }: Provider): void {
  const saved = AccessToken.prototype as unknown as SavedToken;
  const { save } = saved;
  saved.save = async function rememberedSave(this: SavedToken) {
    const value = await save.call(this);
    requestState().accessToken = value;
    return value;
  };
  const issued = IdToken.prototype as unknown as IssuedToken;
  const { issue } = issued;
  issued.issue = function hashedIssue(this: IssuedToken, options) {
    const { accessToken } = requestState();
    if (options.use === 'idtoken' && accessToken !== undefined) this.set('at_hash', accessToken);
    return issue.call(this, options);
  };
}
