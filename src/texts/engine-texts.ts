/** The words of the engine's own pages: errors, the sign-out question, signed out. */
import type { InEveryLanguage } from './language.ts';

export interface EngineTexts {
  readonly error: { readonly title: string; readonly heading: string; readonly operator: string };
  /** Of a page about what another try mends. */
  readonly again: Readonly<Record<'expired' | 'busy', string>>;
  readonly signOut: { readonly heading: string; readonly sentence: string; readonly button: string };
  readonly signedOut: { readonly title: string; readonly sentence: string };
  /** Of a page that sends a form on, where no script does. */
  readonly passing: { readonly title: string; readonly button: string };
}

export const ENGINE_TEXTS: InEveryLanguage<EngineTexts> = {
  en: {
    error: {
      title: 'Something is wrong',
      heading: 'This request cannot be completed',
      operator: 'Tell the operator of the application you came from.',
    },
    again: { expired: 'Please start again', busy: 'Please try again' },
    signOut: {
      heading: 'Sign out?',
      sentence: 'This ends your session here for every application.',
      button: 'Sign out',
    },
    signedOut: {
      title: 'You are signed out',
      sentence: 'You have been signed out. You can close this page.',
    },
    passing: { title: 'One moment, please', button: 'Continue' },
  },
  es: {
    error: {
      title: 'Algo va mal',
      heading: 'Esta solicitud no se puede completar',
      operator: 'Avisa al operador de la aplicación de la que vienes.',
    },
    again: { expired: 'Empieza de nuevo', busy: 'Inténtalo de nuevo' },
    signOut: {
      heading: '¿Cerrar la sesión?',
      sentence: 'Esto termina aquí tu sesión en todas las aplicaciones.',
      button: 'Cerrar la sesión',
    },
    signedOut: {
      title: 'La sesión está cerrada',
      sentence: 'Se ha cerrado tu sesión. Puedes cerrar esta página.',
    },
    passing: { title: 'Un momento, por favor', button: 'Continuar' },
  },
  fr: {
    error: {
      title: 'Quelque chose ne va pas',
      heading: 'Cette demande ne peut pas aboutir',
      operator: 'Prévenez l’exploitant de l’application d’où vous venez.',
    },
    again: { expired: 'Recommencez', busy: 'Réessayez' },
    signOut: {
      heading: 'Se déconnecter ?',
      sentence: 'Cela met fin à votre session ici, pour toutes les applications.',
      button: 'Se déconnecter',
    },
    signedOut: {
      title: 'Vous êtes déconnecté',
      sentence: 'Vous avez été déconnecté. Vous pouvez fermer cette page.',
    },
    passing: { title: 'Un instant, s’il vous plaît', button: 'Continuer' },
  },
  pt: {
    error: {
      title: 'Algo está errado',
      heading: 'Este pedido não pode ser concluído',
      operator: 'Avise o operador da aplicação de onde veio.',
    },
    again: { expired: 'Comece de novo', busy: 'Tente de novo' },
    signOut: {
      heading: 'Sair?',
      sentence: 'Isto termina aqui a sua sessão em todas as aplicações.',
      button: 'Sair',
    },
    signedOut: { title: 'A sessão terminou', sentence: 'Saiu da sua conta. Pode fechar esta página.' },
    passing: { title: 'Um momento, por favor', button: 'Continuar' },
  },
  ja: {
    error: {
      title: '問題が発生しました',
      heading: 'このリクエストは完了できません',
      operator: '元のアプリケーションの運営者にお知らせください。',
    },
    again: { expired: 'もう一度始めてください', busy: 'もう一度お試しください' },
    signOut: {
      heading: 'サインアウトしますか？',
      sentence: 'すべてのアプリケーションで、ここでのセッションを終了します。',
      button: 'サインアウト',
    },
    signedOut: {
      title: 'サインアウトしました',
      sentence: 'サインアウトしました。このページは閉じてかまいません。',
    },
    passing: { title: '少々お待ちください', button: '続ける' },
  },
};
