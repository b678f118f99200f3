/** The link that resets a password: the application's own page, with the reset token. */

/** `code` is the published name of the parameter; `reset_token` says what it is. */
export function resetLink(redirectUri: string, token: string): string {
  const link = new URL(redirectUri);
  link.searchParams.set('code', token);
  link.searchParams.set('reset_token', token);
  return link.href;
}
