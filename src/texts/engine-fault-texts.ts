/** Why the engine could not do what was asked, for the person in front of the page, in every language, by the fault. */
import type { InEveryLanguage } from './language.ts';

export const ENGINE_FAULTS = [
  'expired',
  'busy',
  'unknownClient',
  'redirectUri',
  'requestUri',
  'unsupported',
  'notAllowed',
  'denied',
  'signOut',
  'malformed',
  'unserved',
  'broken',
] as const;
/** Names a fault for good; the sentences may change. */
export type EngineFault = (typeof ENGINE_FAULTS)[number];

export const ENGINE_FAULT_TEXTS: InEveryLanguage<Readonly<Record<EngineFault, string>>> = {
  en: {
    expired:
      'This sign-in has expired, was already completed, or was begun in another browser. Go back to the application and start again.',
    busy: 'The server is busy at the moment. Load this page again in a second.',
    unknownClient: 'The application that sent you here is not known, or is no longer in use.',
    redirectUri: 'The address to which you would be sent back is not one of this application.',
    requestUri:
      'The request of the application has expired or was used before. Go back to the application and start again.',
    unsupported: 'The application asked in a way that is not supported here.',
    notAllowed: 'The application asked for something that it may not have.',
    denied: 'Access was denied: the account or the application is no longer there.',
    signOut: 'The request to sign out cannot be used. You may still be signed in.',
    malformed: 'The request of the application is incomplete or wrong.',
    unserved: 'There is nothing at this address.',
    broken: 'Something went wrong on our side. Please try again later.',
  },
  es: {
    expired:
      'Este inicio de sesión ha caducado, ya se ha completado o se empezó en otro navegador. Vuelve a la aplicación y empieza de nuevo.',
    busy: 'El servidor está ocupado en este momento. Vuelve a cargar esta página en un segundo.',
    unknownClient: 'La aplicación que te ha enviado aquí no se conoce o ya no se usa.',
    redirectUri: 'La dirección a la que volverías no es de esta aplicación.',
    requestUri:
      'La solicitud de la aplicación ha caducado o ya se ha usado. Vuelve a la aplicación y empieza de nuevo.',
    unsupported: 'La aplicación ha hecho una solicitud de una forma que aquí no se admite.',
    notAllowed: 'La aplicación ha pedido algo que no se le permite.',
    denied: 'Acceso denegado: la cuenta o la aplicación ya no existe.',
    signOut: 'La solicitud de cierre de sesión no es válida. Puede que tu sesión siga abierta.',
    malformed: 'La solicitud de la aplicación está incompleta o es incorrecta.',
    unserved: 'No hay nada en esta dirección.',
    broken: 'Algo ha fallado por nuestra parte. Inténtalo más tarde.',
  },
  fr: {
    expired:
      'Cette connexion a expiré, est déjà terminée, ou a été commencée dans un autre navigateur. Retournez à l’application et recommencez.',
    busy: 'Le serveur est occupé en ce moment. Rechargez cette page dans une seconde.',
    unknownClient: 'L’application qui vous a envoyé ici est inconnue ou n’est plus utilisée.',
    redirectUri: 'L’adresse de retour n’appartient pas à cette application.',
    requestUri:
      'La demande de l’application a expiré ou a déjà servi. Retournez à l’application et recommencez.',
    unsupported: 'L’application a fait une demande d’une manière qui n’est pas prise en charge ici.',
    notAllowed: 'L’application a demandé quelque chose qui ne lui est pas permis.',
    denied: 'Accès refusé : le compte ou l’application n’existe plus.',
    signOut: 'La demande de déconnexion n’est pas valable. Vous êtes peut-être encore connecté.',
    malformed: 'La demande de l’application est incomplète ou incorrecte.',
    unserved: 'Il n’y a rien à cette adresse.',
    broken: 'Une erreur s’est produite de notre côté. Réessayez plus tard.',
  },
  pt: {
    expired:
      'Esta entrada expirou, já foi concluída ou começou noutro navegador. Volte à aplicação e comece de novo.',
    busy: 'O servidor está ocupado neste momento. Volte a carregar esta página dentro de um segundo.',
    unknownClient: 'A aplicação que o enviou para aqui não é conhecida ou já não está em uso.',
    redirectUri: 'O endereço para onde voltaria não é desta aplicação.',
    requestUri: 'O pedido da aplicação expirou ou já foi usado. Volte à aplicação e comece de novo.',
    unsupported: 'A aplicação fez um pedido de uma forma que aqui não é aceite.',
    notAllowed: 'A aplicação pediu algo que não lhe é permitido.',
    denied: 'Acesso recusado: a conta ou a aplicação já não existe.',
    signOut: 'O pedido para sair não é válido. É possível que a sua sessão continue aberta.',
    malformed: 'O pedido da aplicação está incompleto ou errado.',
    unserved: 'Não há nada neste endereço.',
    broken: 'Algo falhou do nosso lado. Tente mais tarde.',
  },
  ja: {
    expired:
      'このサインインは有効期限が切れたか、すでに完了したか、別のブラウザーで始められたものです。アプリケーションに戻って、もう一度始めてください。',
    busy: 'サーバーが混み合っています。少し待ってから、このページを再読み込みしてください。',
    unknownClient: '元のアプリケーションは登録されていないか、すでに使われていません。',
    redirectUri: '戻り先のアドレスは、このアプリケーションのものではありません。',
    requestUri:
      'アプリケーションのリクエストは有効期限が切れたか、すでに使われています。アプリケーションに戻って、もう一度始めてください。',
    unsupported: 'アプリケーションのリクエストの方法は、ここでは対応していません。',
    notAllowed: 'アプリケーションは、許可されていないものを求めました。',
    denied: 'アクセスが拒否されました。アカウントまたはアプリケーションはすでにありません。',
    signOut: 'サインアウトのリクエストは使えません。まだサインインしている可能性があります。',
    malformed: 'アプリケーションのリクエストに不足または誤りがあります。',
    unserved: 'このアドレスには何もありません。',
    broken: 'こちら側で問題が発生しました。しばらくしてからもう一度お試しください。',
  },
};
