/** The words of the pages between a sign-in and the service provider. */
import type { InEveryLanguage } from './language.ts';

export interface SamlTexts {
  readonly signingIn: string;
  readonly signingOut: string;
  /** Before the name of an application that is told of the sign-out now. */
  readonly asking: string;
  /** The same, where it did not answer. */
  readonly notAnswered: string;
  readonly goOnWithout: string;
  readonly goOn: string;
  readonly refused: string;
  readonly signOutRefused: string;
  readonly startAgain: string;
  readonly signedOut: string;
  readonly signedOutSentence: string;
  readonly partlySignedOut: string;
  readonly partlySignedOutSentence: string;
}

export const SAML_TEXTS: InEveryLanguage<SamlTexts> = {
  en: {
    signingIn: 'Signing you in',
    signingOut: 'Signing you out',
    asking: 'You are being signed out of',
    notAnswered: 'No answer has come yet from',
    goOnWithout: 'Continue without it',
    goOn: 'Continue',
    refused: 'This sign-in cannot be completed',
    signOutRefused: 'This sign-out cannot be completed',
    startAgain:
      'Go back to the application and try again. If that does not help, tell its operator what is written here:',
    signedOut: 'You are signed out',
    signedOutSentence: 'You have been signed out. You can close this page.',
    partlySignedOut: 'You are signed out here',
    partlySignedOutSentence: 'At least one application could not be told. Close the browser to be safe.',
  },
  es: {
    signingIn: 'Iniciando tu sesión',
    signingOut: 'Cerrando tu sesión',
    asking: 'Se está cerrando tu sesión en',
    notAnswered: 'Todavía no ha respondido',
    goOnWithout: 'Continuar sin ella',
    goOn: 'Continuar',
    refused: 'Este inicio de sesión no se puede completar',
    signOutRefused: 'Este cierre de sesión no se puede completar',
    startAgain:
      'Vuelve a la aplicación e inténtalo de nuevo. Si no ayuda, comunica a su operador lo que pone aquí:',
    signedOut: 'La sesión está cerrada',
    signedOutSentence: 'Se ha cerrado tu sesión. Puedes cerrar esta página.',
    partlySignedOut: 'Aquí la sesión está cerrada',
    partlySignedOutSentence:
      'No se ha podido avisar al menos a una aplicación. Cierra el navegador para mayor seguridad.',
  },
  fr: {
    signingIn: 'Connexion en cours',
    signingOut: 'Déconnexion en cours',
    asking: 'Vous êtes en cours de déconnexion de',
    notAnswered: 'Pas encore de réponse de',
    goOnWithout: 'Continuer sans elle',
    goOn: 'Continuer',
    refused: 'Cette connexion ne peut pas aboutir',
    signOutRefused: 'Cette déconnexion ne peut pas aboutir',
    startAgain:
      'Revenez à l’application et réessayez. Si cela n’aide pas, transmettez à son exploitant ce qui est écrit ici :',
    signedOut: 'Vous êtes déconnecté',
    signedOutSentence: 'Vous avez été déconnecté. Vous pouvez fermer cette page.',
    partlySignedOut: 'Vous êtes déconnecté ici',
    partlySignedOutSentence:
      'Au moins une application n’a pas pu être prévenue. Fermez le navigateur par sécurité.',
  },
  pt: {
    signingIn: 'Iniciando sua sessão',
    signingOut: 'Encerrando sua sessão',
    asking: 'Sua sessão está sendo encerrada em',
    notAnswered: 'Ainda não respondeu',
    goOnWithout: 'Continuar sem ele',
    goOn: 'Continuar',
    refused: 'Não é possível concluir este acesso',
    signOutRefused: 'Não é possível concluir esta saída',
    startAgain:
      'Volte ao aplicativo e tente de novo. Se não ajudar, informe ao operador o que está escrito aqui:',
    signedOut: 'Sessão encerrada',
    signedOutSentence: 'Sua sessão foi encerrada. Você pode fechar esta página.',
    partlySignedOut: 'Sua sessão aqui foi encerrada',
    partlySignedOutSentence:
      'Pelo menos um aplicativo não pôde ser avisado. Feche o navegador por segurança.',
  },
  ja: {
    signingIn: 'サインインしています',
    signingOut: 'サインアウトしています',
    asking: '次のアプリケーションからサインアウトしています:',
    notAnswered: '次のアプリケーションからまだ応答がありません:',
    goOnWithout: '応答を待たずに続ける',
    goOn: '続ける',
    refused: 'このサインインは完了できません',
    signOutRefused: 'このサインアウトは完了できません',
    startAgain:
      'アプリケーションに戻ってもう一度お試しください。解決しない場合は、次の内容を運営者にお伝えください。',
    signedOut: 'サインアウトしました',
    signedOutSentence: 'サインアウトしました。このページを閉じてかまいません。',
    partlySignedOut: 'ここではサインアウトしました',
    partlySignedOutSentence:
      '少なくとも 1 つのアプリケーションに通知できませんでした。念のためブラウザーを閉じてください。',
  },
};
