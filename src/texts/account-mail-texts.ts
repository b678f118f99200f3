/** The mails of the account pages: word of a change to whoever has the account. `{app}` is filled in. */
import type { InEveryLanguage } from './language.ts';
import type { MailTexts } from './message-texts.ts';

export type AccountMail =
  | 'contactsChanged'
  | 'authenticatorAdded'
  | 'authenticatorRemoved'
  | 'passkeyAdded'
  | 'passkeyRemoved'
  | 'passwordChanged'
  | 'accountDeleted';

const mail = (subject: string, header: string, body: string, info: string): MailTexts => ({
  subject,
  header,
  body,
  link: '',
  info,
});

const NOT_YOU_EN =
  'If this was not you, somebody else may have been in your account: change your password and tell the operator at once.';
const NOT_YOU_ES =
  'Si no has sido tú, puede que otra persona haya entrado en tu cuenta: cambia la contraseña y avisa al operador de inmediato.';
const NOT_YOU_FR =
  'Si ce n’était pas vous, quelqu’un d’autre a peut-être accédé à votre compte : changez votre mot de passe et prévenez immédiatement l’exploitant.';
const NOT_YOU_PT =
  'Se não foi você, outra pessoa pode ter entrado na sua conta: altere a palavra-passe e avise o operador de imediato.';
const NOT_YOU_JA =
  '心当たりがない場合は、第三者がアカウントに入った可能性があります。すぐにパスワードを変更し、運営者に連絡してください。';

export const ACCOUNT_MAIL_TEXTS: InEveryLanguage<Readonly<Record<AccountMail, MailTexts>>> = {
  en: {
    contactsChanged: mail(
      'The contact details of your account have changed',
      'Your contact details have changed',
      'An email address or a phone number of your {app} account was added, removed or made the primary one.',
      NOT_YOU_EN,
    ),
    authenticatorAdded: mail(
      'An authenticator app was added to your account',
      'An authenticator app was added',
      'From now on codes of an authenticator app are good for your {app} account.',
      NOT_YOU_EN,
    ),
    authenticatorRemoved: mail(
      'The authenticator app was removed from your account',
      'The authenticator app was removed',
      'Codes of the authenticator app are no longer good for your {app} account.',
      NOT_YOU_EN,
    ),
    passkeyAdded: mail(
      'A passkey was added to your account',
      'A passkey was added',
      'From now on a new passkey signs in to your {app} account.',
      NOT_YOU_EN,
    ),
    passkeyRemoved: mail(
      'A passkey was removed from your account',
      'A passkey was removed',
      'A passkey of your {app} account is no longer good.',
      NOT_YOU_EN,
    ),
    passwordChanged: mail(
      'Your password was changed',
      'Your password was changed',
      'The password of your {app} account was changed on the account page.',
      NOT_YOU_EN,
    ),
    accountDeleted: mail(
      'Your account was deleted',
      'Your account was deleted',
      'Your {app} account was deleted with everything that belonged to it, as asked for on the account page.',
      'If this was not you, tell the operator at once.',
    ),
  },
  es: {
    contactsChanged: mail(
      'Los datos de contacto de tu cuenta han cambiado',
      'Tus datos de contacto han cambiado',
      'Se ha añadido, quitado o hecho principal una dirección de correo o un número de teléfono de tu cuenta de {app}.',
      NOT_YOU_ES,
    ),
    authenticatorAdded: mail(
      'Se ha añadido una aplicación de autenticación a tu cuenta',
      'Se ha añadido una aplicación de autenticación',
      'Desde ahora valen códigos de una aplicación de autenticación para tu cuenta de {app}.',
      NOT_YOU_ES,
    ),
    authenticatorRemoved: mail(
      'Se ha quitado la aplicación de autenticación de tu cuenta',
      'Se ha quitado la aplicación de autenticación',
      'Los códigos de la aplicación de autenticación ya no valen para tu cuenta de {app}.',
      NOT_YOU_ES,
    ),
    passkeyAdded: mail(
      'Se ha añadido una llave de acceso a tu cuenta',
      'Se ha añadido una llave de acceso',
      'Desde ahora se puede iniciar sesión en tu cuenta de {app} con una nueva llave de acceso.',
      NOT_YOU_ES,
    ),
    passkeyRemoved: mail(
      'Se ha quitado una llave de acceso de tu cuenta',
      'Se ha quitado una llave de acceso',
      'Una llave de acceso de tu cuenta de {app} ya no vale.',
      NOT_YOU_ES,
    ),
    passwordChanged: mail(
      'Tu contraseña se ha cambiado',
      'Tu contraseña se ha cambiado',
      'La contraseña de tu cuenta de {app} se ha cambiado en la página de la cuenta.',
      NOT_YOU_ES,
    ),
    accountDeleted: mail(
      'Tu cuenta se ha eliminado',
      'Tu cuenta se ha eliminado',
      'Tu cuenta de {app} se ha eliminado con todo lo que le pertenecía, como se pidió en la página de la cuenta.',
      'Si no has sido tú, avisa al operador de inmediato.',
    ),
  },
  fr: {
    contactsChanged: mail(
      'Les coordonnées de votre compte ont changé',
      'Vos coordonnées ont changé',
      'Une adresse e-mail ou un numéro de téléphone de votre compte {app} a été ajouté, supprimé ou rendu principal.',
      NOT_YOU_FR,
    ),
    authenticatorAdded: mail(
      'Une application d’authentification a été ajoutée à votre compte',
      'Une application d’authentification a été ajoutée',
      'Désormais, les codes d’une application d’authentification sont valables pour votre compte {app}.',
      NOT_YOU_FR,
    ),
    authenticatorRemoved: mail(
      'L’application d’authentification a été supprimée de votre compte',
      'L’application d’authentification a été supprimée',
      'Les codes de l’application d’authentification ne sont plus valables pour votre compte {app}.',
      NOT_YOU_FR,
    ),
    passkeyAdded: mail(
      'Une clé d’accès a été ajoutée à votre compte',
      'Une clé d’accès a été ajoutée',
      'Désormais, une nouvelle clé d’accès permet de se connecter à votre compte {app}.',
      NOT_YOU_FR,
    ),
    passkeyRemoved: mail(
      'Une clé d’accès a été supprimée de votre compte',
      'Une clé d’accès a été supprimée',
      'Une clé d’accès de votre compte {app} n’est plus valable.',
      NOT_YOU_FR,
    ),
    passwordChanged: mail(
      'Votre mot de passe a été modifié',
      'Votre mot de passe a été modifié',
      'Le mot de passe de votre compte {app} a été modifié sur la page du compte.',
      NOT_YOU_FR,
    ),
    accountDeleted: mail(
      'Votre compte a été supprimé',
      'Votre compte a été supprimé',
      'Votre compte {app} a été supprimé avec tout ce qui lui appartenait, comme demandé sur la page du compte.',
      'Si ce n’était pas vous, prévenez immédiatement l’exploitant.',
    ),
  },
  pt: {
    contactsChanged: mail(
      'Os contactos da sua conta mudaram',
      'Os seus contactos mudaram',
      'Um endereço de e-mail ou um número de telefone da sua conta {app} foi adicionado, removido ou tornado principal.',
      NOT_YOU_PT,
    ),
    authenticatorAdded: mail(
      'Foi adicionada uma aplicação de autenticação à sua conta',
      'Foi adicionada uma aplicação de autenticação',
      'A partir de agora valem códigos de uma aplicação de autenticação para a sua conta {app}.',
      NOT_YOU_PT,
    ),
    authenticatorRemoved: mail(
      'A aplicação de autenticação foi removida da sua conta',
      'A aplicação de autenticação foi removida',
      'Os códigos da aplicação de autenticação já não valem para a sua conta {app}.',
      NOT_YOU_PT,
    ),
    passkeyAdded: mail(
      'Uma chave de acesso foi adicionada à sua conta',
      'Uma chave de acesso foi adicionada',
      'A partir de agora é possível iniciar sessão na sua conta {app} com uma nova chave de acesso.',
      NOT_YOU_PT,
    ),
    passkeyRemoved: mail(
      'Uma chave de acesso foi removida da sua conta',
      'Uma chave de acesso foi removida',
      'Uma chave de acesso da sua conta {app} deixou de valer.',
      NOT_YOU_PT,
    ),
    passwordChanged: mail(
      'A sua palavra-passe foi alterada',
      'A sua palavra-passe foi alterada',
      'A palavra-passe da sua conta {app} foi alterada na página da conta.',
      NOT_YOU_PT,
    ),
    accountDeleted: mail(
      'A sua conta foi eliminada',
      'A sua conta foi eliminada',
      'A sua conta {app} foi eliminada com tudo o que lhe pertencia, como pedido na página da conta.',
      'Se não foi você, avise o operador de imediato.',
    ),
  },
  ja: {
    contactsChanged: mail(
      'アカウントの連絡先が変更されました',
      '連絡先が変更されました',
      '{app} アカウントのメールアドレスまたは電話番号が追加、削除、またはメインに設定されました。',
      NOT_YOU_JA,
    ),
    authenticatorAdded: mail(
      'アカウントに認証アプリが追加されました',
      '認証アプリが追加されました',
      '今後、認証アプリのコードが {app} アカウントで有効になります。',
      NOT_YOU_JA,
    ),
    authenticatorRemoved: mail(
      'アカウントから認証アプリが削除されました',
      '認証アプリが削除されました',
      '認証アプリのコードは {app} アカウントで無効になりました。',
      NOT_YOU_JA,
    ),
    passkeyAdded: mail(
      'アカウントにパスキーが追加されました',
      'パスキーが追加されました',
      '今後、新しいパスキーで {app} のアカウントにサインインできます。',
      NOT_YOU_JA,
    ),
    passkeyRemoved: mail(
      'アカウントからパスキーが削除されました',
      'パスキーが削除されました',
      '{app} アカウントのパスキーが無効になりました。',
      NOT_YOU_JA,
    ),
    passwordChanged: mail(
      'パスワードが変更されました',
      'パスワードが変更されました',
      '{app} アカウントのパスワードがアカウントページで変更されました。',
      NOT_YOU_JA,
    ),
    accountDeleted: mail(
      'アカウントが削除されました',
      'アカウントが削除されました',
      'アカウントページでの依頼により、{app} アカウントと関連するすべての情報が削除されました。',
      '心当たりがない場合は、すぐに運営者に連絡してください。',
    ),
  },
};
