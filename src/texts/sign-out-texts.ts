/** What the page after a sign-out says. */
import type { InEveryLanguage } from './language.ts';

export interface SignOutTexts {
  readonly title: string;
  readonly done: string;
  /** Shown while applications are told in the browser. */
  readonly waiting: string;
  readonly goOn: string;
}

export const SIGN_OUT_TEXTS: InEveryLanguage<SignOutTexts> = {
  en: {
    title: 'You are signed out',
    done: 'You have been signed out. You can close this page.',
    waiting: 'You have been signed out. You are taken back to the application.',
    goOn: 'Continue',
  },
  es: {
    title: 'Sesión cerrada',
    done: 'Se ha cerrado su sesión. Puede cerrar esta página.',
    waiting: 'Se ha cerrado su sesión. Volverá a la aplicación.',
    goOn: 'Continuar',
  },
  fr: {
    title: 'Vous êtes déconnecté',
    done: 'Vous avez été déconnecté. Vous pouvez fermer cette page.',
    waiting: 'Vous avez été déconnecté. Vous allez revenir à l’application.',
    goOn: 'Continuer',
  },
  pt: {
    title: 'Sessão encerrada',
    done: 'A sua sessão foi encerrada. Pode fechar esta página.',
    waiting: 'A sua sessão foi encerrada. Vai voltar à aplicação.',
    goOn: 'Continuar',
  },
  ja: {
    title: 'サインアウトしました',
    done: 'サインアウトしました。このページを閉じてかまいません。',
    waiting: 'サインアウトしました。アプリケーションに戻ります。',
    goOn: '続ける',
  },
};
