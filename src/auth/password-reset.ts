/** The second half of a reset: a reset token becomes a new password, and a sign-in where the caller wants one. */
import { passwordSettings } from '../applications/sign-in-settings.ts';
import { TextCodeError } from '../base/text-code-error.ts';
import { areDifferent, type Factor } from '../factors/factor.ts';
import type { ResetToken, ResetTokens } from '../oidc/sessions/reset-token.ts';
import type { Admission } from '../users/admission.ts';
import type { PasswordSettings } from '../users/password-policy.ts';
import { ownerOf, type PasswordRules } from '../users/password-rules.ts';
import type { PasswordService } from '../users/password-service.ts';
import type { Member } from '../users/user.ts';
import type { UserStore } from '../users/user-store.ts';
import type { CallingClient, callingClient } from './calling-client.ts';
import { noResetToken } from './password-reset-proof.ts';
import type { ResetPassword } from './password-reset-schema.ts';
import type { RedirectRequest, RedirectSignIns } from './redirect-request.ts';

export interface PasswordResetParts {
  readonly users: Pick<UserStore, 'findMember' | 'find'>;
  readonly resets: Pick<ResetTokens, 'read' | 'use'>;
  readonly rules: Pick<PasswordRules, 'assertGood'>;
  readonly passwords: Pick<PasswordService, 'reset'>;
  readonly redirects: RedirectSignIns;
  readonly admission: Pick<Admission, 'signedIn'>;
  readonly clientOf: ReturnType<typeof callingClient>;
}

/** Texts that have no value are empty (contract C3). */
export interface ResetAnswer {
  readonly message: string;
  readonly url: string;
  readonly email: string;
}

export class PasswordReset {
  readonly #parts: PasswordResetParts;
  constructor(parts: PasswordResetParts) {
    this.#parts = parts;
  }

  /**
   * Everything that can be wrong with the request is found before the token is used up.
   * @throws 400 for a token that is no good, a weak password, or a redirect URI of another client; 403 `mfa_required`
   */
  async reset(body: ResetPassword): Promise<ResetAnswer> {
    const { resets, passwords, clientOf, rules, redirects } = this.#parts;
    const token = await resets.read(body.reset_token);
    if (!token) throw noResetToken();
    const calling = await clientOf(token.clientId);
    const member = await this.#ownerOf(calling, token);
    const settings = passwordSettings(calling.application);
    assertFactors(settings, token.factors);
    const { redirect_uri } = body;
    const request =
      redirect_uri === undefined ? undefined : await redirects.accept(calling, { ...body, redirect_uri });
    await rules.assertGood(settings.policy, body.new_password, ownerOf(member));
    if (!(await resets.use(token))) throw noResetToken();
    const { tenantId, userId } = member.user;
    await passwords.reset(tenantId, userId, body.new_password, {
      settings,
      appId: token.appId,
      // Who knows the old password may keep what was set besides it.
      proved: token.factors.includes('pwd') ? [] : token.proved,
      ...(token.passwordHash !== undefined && { was: token.passwordHash }),
    });
    const url = request && (await this.#signInUrl(calling, request, token));
    return { message: 'Password changed successfully', url: url ?? '', email: member.user.email ?? '' };
  }

  /** As the application sees the user; a user of the tenant who is new to it signs in there as well. */
  async #ownerOf({ sender, client }: CallingClient, token: ResetToken): Promise<Member> {
    const { tenantId } = sender;
    const { userId, appId } = token;
    const { users } = this.#parts;
    const member =
      (await users.findMember({ tenantId, appId }, 'userId', userId)) ??
      (await users.findMember({ tenantId }, 'userId', userId));
    if (!member || member.user.status === 'Disabled' || client.appId !== appId) throw noResetToken();
    return member;
  }

  async #signInUrl(calling: CallingClient, request: RedirectRequest, token: ResetToken): Promise<string> {
    const { userId, factors } = token;
    // What was proved, not what was set: a mailbox is no password, and must not count as a second factor beside itself.
    const factor = factors.at(-1) ?? 'pwd';
    const { tenantId, appId } = calling.sender;
    if (!(await this.#parts.admission.signedIn({ tenantId, appId, factor }, userId))) throw noResetToken();
    return this.#parts.redirects.url(calling, request, { userId, factor });
  }
}

/** Who knows the old password changes it; who does not has to prove two things where the application wants it. */
function assertFactors({ requireMfa }: PasswordSettings, factors: readonly Factor[]): void {
  const isEnough = factors.includes('pwd') || factors.some((a) => factors.some((b) => areDifferent(a, b)));
  if (requireMfa && !isEnough)
    throw new TextCodeError(
      403,
      'mfa_required',
      'The application asks for two factors: send this reset_token along when you validate a code of the other channel',
    );
}
