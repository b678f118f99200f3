/** The words of the consent page. Names in braces are filled in. */
import type { InEveryLanguage } from './language.ts';

interface NoticeTexts {
  readonly title: string;
  readonly sentences: readonly string[];
}
export interface ConsentTexts {
  readonly title: string;
  readonly heading: string;
  readonly asks: string;
  readonly resource: string;
  readonly periods: Readonly<Record<'less' | 'one' | 'many', string>>;
  readonly again: string;
  readonly allow: string;
  readonly deny: string;
  readonly foreign: string;
  readonly undecided: string;
  readonly closed: NoticeTexts;
  readonly malformed: NoticeTexts;
  /** Standard scopes. */
  readonly meanings: Readonly<Record<string, string>>;
  /** What a permission `resource:action` allows; `{what}` is the resource. */
  readonly verbs: Readonly<Record<string, string>>;
}

export const CONSENT_TEXTS: InEveryLanguage<ConsentTexts> = {
  en: {
    title: 'Allow access',
    heading: 'Allow access?',
    asks: '{client} asks for access to your account at {app}. It wants to:',
    resource: 'This is for {name}',
    periods: { less: 'less than a day', one: 'one day', many: '{days} days' },
    again: 'You will be asked again after {period}. {client} is not part of {app}.',
    allow: 'Allow',
    deny: 'Deny',
    foreign: 'The form could not be matched to this browser. Please allow cookies and send it again.',
    undecided: 'Please choose Allow or Deny.',
    closed: {
      title: 'This question is no longer open',
      sentences: [
        'The request for your consent was already answered, has expired, or was begun in another browser. Nothing was changed.',
        'Please go back to the application and start again.',
      ],
    },
    malformed: {
      title: 'The answer could not be understood',
      sentences: [
        'The address must have the parameters src_interaction, as given to the consent page, and approved, which is true or false.',
      ],
    },
    meanings: {
      openid: 'Know who you are',
      profile: 'See your name, birthday, language and picture',
      email: 'See your email address',
      phone: 'See your phone number',
      address: 'See your postal address',
      offline_access: 'Keep this access while you are away',
    },
    verbs: {
      create: 'Create {what}',
      read: 'See {what}',
      edit: 'Change {what}',
      update: 'Change {what}',
      write: 'Change {what}',
      delete: 'Delete {what}',
      list: 'List {what}',
      execute: 'Use {what}',
    },
  },
  es: {
    title: 'Permitir el acceso',
    heading: '¿Permitir el acceso?',
    asks: '{client} pide acceso a tu cuenta en {app}. Quiere:',
    resource: 'Es para {name}',
    periods: { less: 'menos de un día', one: 'un día', many: '{days} días' },
    again: 'Se te preguntará de nuevo después de {period}. {client} no forma parte de {app}.',
    allow: 'Permitir',
    deny: 'Denegar',
    foreign: 'El formulario no corresponde a este navegador. Permite las cookies y envíalo de nuevo.',
    undecided: 'Elige Permitir o Denegar.',
    closed: {
      title: 'Esta pregunta ya no está abierta',
      sentences: [
        'La solicitud de tu consentimiento ya se ha respondido, ha caducado o se empezó en otro navegador. No se ha cambiado nada.',
        'Vuelve a la aplicación y empieza de nuevo.',
      ],
    },
    malformed: {
      title: 'No se ha entendido la respuesta',
      sentences: [
        'La dirección debe tener los parámetros src_interaction, tal como lo recibió la página de consentimiento, y approved, que es true o false.',
      ],
    },
    meanings: {
      openid: 'Saber quién eres',
      profile: 'Ver tu nombre, fecha de nacimiento, idioma e imagen',
      email: 'Ver tu correo electrónico',
      phone: 'Ver tu número de teléfono',
      address: 'Ver tu dirección postal',
      offline_access: 'Mantener este acceso mientras no estás',
    },
    verbs: {
      create: 'Crear {what}',
      read: 'Ver {what}',
      edit: 'Cambiar {what}',
      update: 'Cambiar {what}',
      write: 'Cambiar {what}',
      delete: 'Borrar {what}',
      list: 'Enumerar {what}',
      execute: 'Usar {what}',
    },
  },
  fr: {
    title: 'Autoriser l’accès',
    heading: 'Autoriser l’accès ?',
    asks: '{client} demande l’accès à votre compte chez {app}. L’application veut :',
    resource: 'C’est pour {name}',
    periods: { less: 'moins d’un jour', one: 'un jour', many: '{days} jours' },
    again: 'On vous le redemandera après {period}. {client} ne fait pas partie de {app}.',
    allow: 'Autoriser',
    deny: 'Refuser',
    foreign: 'Le formulaire ne correspond pas à ce navigateur. Autorisez les cookies et renvoyez-le.',
    undecided: 'Choisissez Autoriser ou Refuser.',
    closed: {
      title: 'Cette question n’est plus ouverte',
      sentences: [
        'La demande de consentement a déjà reçu une réponse, a expiré, ou a été commencée dans un autre navigateur. Rien n’a été modifié.',
        'Retournez à l’application et recommencez.',
      ],
    },
    malformed: {
      title: 'La réponse n’a pas été comprise',
      sentences: [
        'L’adresse doit avoir les paramètres src_interaction, tel que reçu par la page de consentement, et approved, qui vaut true ou false.',
      ],
    },
    meanings: {
      openid: 'Savoir qui vous êtes',
      profile: 'Voir votre nom, date de naissance, langue et photo',
      email: 'Voir votre adresse e-mail',
      phone: 'Voir votre numéro de téléphone',
      address: 'Voir votre adresse postale',
      offline_access: 'Garder cet accès en votre absence',
    },
    verbs: {
      create: 'Créer : {what}',
      read: 'Voir : {what}',
      edit: 'Modifier : {what}',
      update: 'Modifier : {what}',
      write: 'Modifier : {what}',
      delete: 'Supprimer : {what}',
      list: 'Lister : {what}',
      execute: 'Utiliser : {what}',
    },
  },
  pt: {
    title: 'Permitir o acesso',
    heading: 'Permitir o acesso?',
    asks: '{client} pede acesso à sua conta em {app}. Quer:',
    resource: 'É para {name}',
    periods: { less: 'menos de um dia', one: 'um dia', many: '{days} dias' },
    again: 'Será perguntado de novo após {period}. {client} não faz parte de {app}.',
    allow: 'Permitir',
    deny: 'Recusar',
    foreign: 'O formulário não corresponde a este navegador. Permita os cookies e envie-o de novo.',
    undecided: 'Escolha Permitir ou Recusar.',
    closed: {
      title: 'Esta pergunta já não está aberta',
      sentences: [
        'O pedido de consentimento já foi respondido, expirou ou começou noutro navegador. Nada foi alterado.',
        'Volte à aplicação e comece de novo.',
      ],
    },
    malformed: {
      title: 'A resposta não foi entendida',
      sentences: [
        'O endereço tem de ter os parâmetros src_interaction, tal como a página de consentimento o recebeu, e approved, que é true ou false.',
      ],
    },
    meanings: {
      openid: 'Saber quem você é',
      profile: 'Ver o seu nome, data de nascimento, idioma e imagem',
      email: 'Ver o seu e-mail',
      phone: 'Ver o seu número de telefone',
      address: 'Ver a sua morada',
      offline_access: 'Manter este acesso enquanto está ausente',
    },
    verbs: {
      create: 'Criar {what}',
      read: 'Ver {what}',
      edit: 'Alterar {what}',
      update: 'Alterar {what}',
      write: 'Alterar {what}',
      delete: 'Apagar {what}',
      list: 'Listar {what}',
      execute: 'Usar {what}',
    },
  },
  ja: {
    title: 'アクセスの許可',
    heading: 'アクセスを許可しますか？',
    asks: '{client} が {app} のあなたのアカウントへのアクセスを求めています。内容：',
    resource: '対象：{name}',
    periods: { less: '1 日未満', one: '1 日', many: '{days} 日' },
    again: '{period}が過ぎると、もう一度確認します。{client} は {app} の一部ではありません。',
    allow: '許可する',
    deny: '拒否する',
    foreign: 'フォームがこのブラウザーのものと確認できません。Cookie を許可して、もう一度送信してください。',
    undecided: '「許可する」か「拒否する」を選んでください。',
    closed: {
      title: 'この確認は終了しています',
      sentences: [
        '同意の確認は、すでに回答されたか、有効期限が切れたか、別のブラウザーで始められたものです。何も変更されていません。',
        'アプリケーションに戻って、もう一度始めてください。',
      ],
    },
    malformed: {
      title: '回答を理解できませんでした',
      sentences: [
        'アドレスには、同意ページに渡された src_interaction と、true または false の approved が必要です。',
      ],
    },
    meanings: {
      openid: 'あなたが誰かを知る',
      profile: '名前、生年月日、言語、写真を見る',
      email: 'メールアドレスを見る',
      phone: '電話番号を見る',
      address: '住所を見る',
      offline_access: '不在の間もこのアクセスを続ける',
    },
    verbs: {
      create: '{what} を作成する',
      read: '{what} を見る',
      edit: '{what} を変更する',
      update: '{what} を変更する',
      write: '{what} を変更する',
      delete: '{what} を削除する',
      list: '{what} を一覧する',
      execute: '{what} を使う',
    },
  },
};
