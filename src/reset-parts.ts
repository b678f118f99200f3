/** Builds what resetting passwords and verifying contact data need from the parts of signing in. */
import { ContactVerification } from './auth/contact-verification.ts';
import { handedResetLinks } from './auth/handed-reset-link.ts';
import { PasswordReset } from './auth/password-reset.ts';
import { ResetProofs } from './auth/password-reset-proof.ts';
import type { PasswordResetRouteParts } from './auth/password-reset-routes.ts';
import { Secret } from './base/secrets.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { type ResetTokens, resetTokens } from './oidc/sessions/reset-token.ts';
import type { Ground, SignInParts } from './sign-in-parts.ts';
import { ContactService } from './users/contact-service.ts';
import type { UserService } from './users/user-service.ts';
import { UserStore } from './users/user-store.ts';

type ResetGround = Pick<Ground, 'config' | 'db' | 'ephemeral' | 'sealer' | 'audit' | 'tenantId'> & {
  readonly keyRing: KeyRing;
  readonly users: UserService;
};

export interface ResetParts extends PasswordResetRouteParts {
  readonly resets: ResetTokens;
  readonly verification: ContactVerification;
}

export function resetParts(ground: ResetGround, signIn: SignInParts): ResetParts {
  const { config, db, ephemeral, sealer, audit, tenantId, keyRing } = ground;
  const users = new UserStore(db);
  const resets = resetTokens({
    issuer: `${config.publicUrl.origin}/oidc`,
    tenantId,
    keys: () => keyRing.load(tenantId),
    ephemeral,
    users,
    secret: new Secret(sealer.derive('reset tokens')),
  });
  const messages = signIn.signInMessages;
  const parts = { ...signIn, users, resets, messages, rules: signIn.passwordRules };
  return {
    resets,
    proofs: new ResetProofs({ ...parts, sealer, passwords: signIn.passwordSignIn }),
    handLink: handedResetLinks({ ...parts, db }),
    reset: new PasswordReset(parts),
    redirects: signIn.redirects,
    rules: signIn.passwordRules,
    users: ground.users,
    clientOf: signIn.clientOf,
    verification: new ContactVerification({
      ...parts,
      tenantId,
      contacts: new ContactService({ db, audit }),
      publicUrl: config.publicUrl,
    }),
  };
}
