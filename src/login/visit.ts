/** One request of one browser to the pages of one interaction: what is asked, what was done so far, and how to speak. */
import type { Context } from 'koa';
import type { Application } from '../applications/application.ts';
import type { HostedLogin } from '../applications/hosted-login.ts';
import type { InteractionDetails } from '../oidc/sessions/interaction.ts';
import type { SignInRules } from '../sso/sign-in-policy.ts';
import type { Language } from '../texts/language.ts';
import type { LoginTexts } from '../texts/login-text-shape.ts';
import type { Progress } from './progress.ts';

export interface Visit {
  readonly ctx: Context;
  readonly details: InteractionDetails;
  /** Under the rules of the client's group, where it has some (visit-rules.ts). */
  readonly application: Application;
  readonly hosted: HostedLogin;
  /** Of the policy of the client's group; absent without one. */
  readonly rules?: SignInRules;
  /** Names the rules of this sign-in. */
  readonly rulesVersion: string;
  readonly language: Language;
  readonly texts: LoginTexts;
  readonly progress: Progress;
  /** Lays these members over the progress; `undefined` takes one away. */
  save(news: { readonly [Member in keyof Progress]?: Progress[Member] | undefined }): Promise<void>;
  /** Forgets everything typed and sent. */
  forget(): Promise<void>;
}
