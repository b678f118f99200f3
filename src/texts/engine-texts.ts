/** The words of the engine's own pages: errors, the sign-out question, signed out. */
import type { InEveryLanguage } from './language.ts';

export interface EngineTexts {
  readonly error: { readonly title: string; readonly heading: string; readonly operator: string };
  readonly expired: { readonly heading: string; readonly sentence: string };
  readonly busy: { readonly heading: string; readonly sentence: string };
  readonly signOut: { readonly heading: string; readonly sentence: string; readonly button: string };
  readonly signedOut: { readonly title: string; readonly sentence: string };
}

export const ENGINE_TEXTS: InEveryLanguage<EngineTexts> = {
  en: {
    error: {
      title: 'Something is wrong',
      heading: 'This request cannot be completed',
      operator: 'Tell the operator of the application you came from.',
    },
    expired: {
      heading: 'Please start again',
      sentence:
        'This sign-in has expired, was already completed, or was begun in another browser. Go back to the application and start again.',
    },
    busy: {
      heading: 'Please try again',
      sentence: 'The server is busy at the moment. Load this page again in a second.',
    },
    signOut: {
      heading: 'Sign out?',
      sentence: 'This ends your session here for every application.',
      button: 'Sign out',
    },
    signedOut: {
      title: 'You are signed out',
      sentence: 'You have been signed out. You can close this page.',
    },
  },
  es: {
    error: {
      title: 'Algo va mal',
      heading: 'Esta solicitud no se puede completar',
      operator: 'Avisa al operador de la aplicación de la que vienes.',
    },
    expired: {
      heading: 'Empieza de nuevo',
      sentence:
        'Este inicio de sesión ha caducado, ya se ha completado o se empezó en otro navegador. Vuelve a la aplicación y empieza de nuevo.',
    },
    busy: {
      heading: 'Inténtalo de nuevo',
      sentence: 'El servidor está ocupado en este momento. Vuelve a cargar esta página en un segundo.',
    },
    signOut: {
      heading: '¿Cerrar la sesión?',
      sentence: 'Esto termina aquí tu sesión en todas las aplicaciones.',
      button: 'Cerrar la sesión',
    },
    signedOut: {
      title: 'La sesión está cerrada',
      sentence: 'Se ha cerrado tu sesión. Puedes cerrar esta página.',
    },
  },
  fr: {
    error: {
      title: 'Quelque chose ne va pas',
      heading: 'Cette demande ne peut pas aboutir',
      operator: 'Prévenez l’exploitant de l’application d’où vous venez.',
    },
    expired: {
      heading: 'Recommencez',
      sentence:
        'Cette connexion a expiré, est déjà terminée, ou a été commencée dans un autre navigateur. Retournez à l’application et recommencez.',
    },
    busy: {
      heading: 'Réessayez',
      sentence: 'Le serveur est occupé en ce moment. Rechargez cette page dans une seconde.',
    },
    signOut: {
      heading: 'Se déconnecter ?',
      sentence: 'Cela met fin à votre session ici, pour toutes les applications.',
      button: 'Se déconnecter',
    },
    signedOut: {
      title: 'Vous êtes déconnecté',
      sentence: 'Vous avez été déconnecté. Vous pouvez fermer cette page.',
    },
  },
  pt: {
    error: {
      title: 'Algo está errado',
      heading: 'Este pedido não pode ser concluído',
      operator: 'Avise o operador da aplicação de onde veio.',
    },
    expired: {
      heading: 'Comece de novo',
      sentence:
        'Esta entrada expirou, já foi concluída ou começou noutro navegador. Volte à aplicação e comece de novo.',
    },
    busy: {
      heading: 'Tente de novo',
      sentence: 'O servidor está ocupado neste momento. Volte a carregar esta página dentro de um segundo.',
    },
    signOut: {
      heading: 'Sair?',
      sentence: 'Isto termina aqui a sua sessão em todas as aplicações.',
      button: 'Sair',
    },
    signedOut: { title: 'A sessão terminou', sentence: 'Saiu da sua conta. Pode fechar esta página.' },
  },
  ja: {
    error: {
      title: '問題が発生しました',
      heading: 'このリクエストは完了できません',
      operator: '元のアプリケーションの運営者にお知らせください。',
    },
    expired: {
      heading: 'もう一度始めてください',
      sentence:
        'このサインインは有効期限が切れたか、すでに完了したか、別のブラウザーで始められたものです。アプリケーションに戻って、もう一度始めてください。',
    },
    busy: {
      heading: 'もう一度お試しください',
      sentence: 'サーバーが混み合っています。少し待ってから、このページを再読み込みしてください。',
    },
    signOut: {
      heading: 'サインアウトしますか？',
      sentence: 'すべてのアプリケーションで、ここでのセッションを終了します。',
      button: 'サインアウト',
    },
    signedOut: {
      title: 'サインアウトしました',
      sentence: 'サインアウトしました。このページは閉じてかまいません。',
    },
  },
};
