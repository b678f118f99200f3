/** The words of the pages that ask for a second factor, in every language. Names in braces are filled in. */
import type { InEveryLanguage } from './language.ts';

export interface SecondFactorTexts {
  readonly title: string;
  readonly lead: string;
  /** What a person may choose; `{to}` is a shortened address or number. */
  readonly choices: Readonly<Record<'app' | 'passkey' | 'email' | 'sms' | 'recovery', string>>;
  readonly otherFactor: string;
  readonly confirm: string;
  readonly appTitle: string;
  readonly appHint: string;
  readonly recoveryTitle: string;
  readonly recoveryLabel: string;
  readonly recoveryHint: string;
  readonly codeSent: Readonly<Record<'email' | 'sms', string>>;
  readonly wrongCode: string;
  readonly enrolTitle: string;
  readonly enrolLead: string;
  /** Before the authenticator app, where the session came by a code or link. */
  readonly passwordFirst: string;
  readonly wrongPassword: string;
  readonly picture: string;
  readonly openApp: string;
  readonly typeKey: string;
  readonly enrolOver: string;
  readonly keepTitle: string;
  readonly keepLead: string;
  readonly kept: string;
  readonly shownOnce: string;
}

const en: SecondFactorTexts = {
  title: 'Confirm that it is you',
  lead: '{app} asks for a second proof that it is you.',
  choices: {
    app: 'Use your authenticator app',
    passkey: 'Use a passkey',
    email: 'Get a code by email to {to}',
    sms: 'Get a code by text message to {to}',
    recovery: 'Use a recovery code',
  },
  otherFactor: 'Confirm in another way',
  confirm: 'Confirm',
  appTitle: 'Enter the code of your app',
  appHint: 'The code that your authenticator app shows now.',
  recoveryTitle: 'Enter a recovery code',
  recoveryLabel: 'Recovery code',
  recoveryHint: 'One of the codes that you kept when you set up your authenticator app. Each works once.',
  codeSent: {
    email: 'We have sent a code to {to}.',
    sms: 'We have sent a code by text message to {to}.',
  },
  wrongCode: 'The code is not right, or was used before.',
  enrolTitle: 'Set up an authenticator app',
  passwordFirst: 'Enter your password first: then you can set up an authenticator app.',
  wrongPassword: 'The password is not right.',
  enrolLead:
    '{app} asks for a second proof that it is you, and you have none yet. Scan the picture with an authenticator app, then enter the code that it shows.',
  picture: 'QR code for your authenticator app',
  openApp: 'Open it in an app on this device',
  typeKey: 'Or type this key into the app:',
  enrolOver: 'This took too long. Please scan the new picture.',
  keepTitle: 'Keep your recovery codes',
  keepLead:
    'Each of these codes works once, in place of your app. They are shown only now: write them down and keep them safe.',
  kept: 'I have kept them, continue',
  shownOnce: 'Your app is set up. Its recovery codes were shown once, and cannot be shown again here.',
};

const es: SecondFactorTexts = {
  title: 'Confirme que es usted',
  lead: '{app} pide una segunda prueba de que es usted.',
  choices: {
    app: 'Usar su aplicación de autenticación',
    passkey: 'Usar una llave de acceso',
    email: 'Recibir un código por correo en {to}',
    sms: 'Recibir un código por SMS en {to}',
    recovery: 'Usar un código de recuperación',
  },
  otherFactor: 'Confirmar de otra manera',
  confirm: 'Confirmar',
  appTitle: 'Introduzca el código de su aplicación',
  appHint: 'El código que muestra ahora su aplicación de autenticación.',
  recoveryTitle: 'Introduzca un código de recuperación',
  recoveryLabel: 'Código de recuperación',
  recoveryHint:
    'Uno de los códigos que guardó al configurar su aplicación de autenticación. Cada uno sirve una vez.',
  codeSent: {
    email: 'Hemos enviado un código a {to}.',
    sms: 'Hemos enviado un código por SMS a {to}.',
  },
  wrongCode: 'El código no es correcto o ya se ha usado.',
  enrolTitle: 'Configure una aplicación de autenticación',
  passwordFirst: 'Escribe primero tu contraseña: después podrás configurar una aplicación de autenticación.',
  wrongPassword: 'La contraseña no es correcta.',
  enrolLead:
    '{app} pide una segunda prueba de que es usted, y aún no tiene ninguna. Escanee la imagen con una aplicación de autenticación y después introduzca el código que muestra.',
  picture: 'Código QR para su aplicación de autenticación',
  openApp: 'Abrirlo en una aplicación de este dispositivo',
  typeKey: 'O escriba esta clave en la aplicación:',
  enrolOver: 'Ha tardado demasiado. Escanee la nueva imagen.',
  keepTitle: 'Guarde sus códigos de recuperación',
  keepLead:
    'Cada uno de estos códigos sirve una vez, en lugar de su aplicación. Solo se muestran ahora: anótelos y guárdelos bien.',
  kept: 'Los he guardado, continuar',
  shownOnce:
    'Su aplicación está configurada. Sus códigos de recuperación se mostraron una vez y no se pueden mostrar de nuevo aquí.',
};

const fr: SecondFactorTexts = {
  title: 'Confirmez que c’est bien vous',
  lead: '{app} demande une seconde preuve qu’il s’agit de vous.',
  choices: {
    app: 'Utiliser votre application d’authentification',
    passkey: 'Utiliser une clé d’accès',
    email: 'Recevoir un code par e-mail à {to}',
    sms: 'Recevoir un code par SMS au {to}',
    recovery: 'Utiliser un code de récupération',
  },
  otherFactor: 'Confirmer d’une autre manière',
  confirm: 'Confirmer',
  appTitle: 'Saisissez le code de votre application',
  appHint: 'Le code que votre application d’authentification affiche maintenant.',
  recoveryTitle: 'Saisissez un code de récupération',
  recoveryLabel: 'Code de récupération',
  recoveryHint:
    'L’un des codes que vous avez conservés en configurant votre application d’authentification. Chacun sert une fois.',
  codeSent: {
    email: 'Nous avons envoyé un code à {to}.',
    sms: 'Nous avons envoyé un code par SMS au {to}.',
  },
  wrongCode: 'Le code n’est pas correct ou a déjà été utilisé.',
  enrolTitle: 'Configurez une application d’authentification',
  passwordFirst:
    'Saisissez d’abord votre mot de passe : vous pourrez ensuite configurer une application d’authentification.',
  wrongPassword: 'Le mot de passe est incorrect.',
  enrolLead:
    '{app} demande une seconde preuve qu’il s’agit de vous, et vous n’en avez pas encore. Scannez l’image avec une application d’authentification, puis saisissez le code qu’elle affiche.',
  picture: 'Code QR pour votre application d’authentification',
  openApp: 'L’ouvrir dans une application de cet appareil',
  typeKey: 'Ou saisissez cette clé dans l’application :',
  enrolOver: 'Cela a pris trop de temps. Veuillez scanner la nouvelle image.',
  keepTitle: 'Conservez vos codes de récupération',
  keepLead:
    'Chacun de ces codes sert une fois, à la place de votre application. Ils ne sont affichés que maintenant : notez-les et gardez-les en lieu sûr.',
  kept: 'Je les ai conservés, continuer',
  shownOnce:
    'Votre application est configurée. Ses codes de récupération ont été affichés une fois et ne peuvent plus l’être ici.',
};

const pt: SecondFactorTexts = {
  title: 'Confirme que é você',
  lead: '{app} pede uma segunda prova de que é você.',
  choices: {
    app: 'Usar o seu aplicativo autenticador',
    passkey: 'Usar uma chave de acesso',
    email: 'Receber um código por e-mail em {to}',
    sms: 'Receber um código por SMS em {to}',
    recovery: 'Usar um código de recuperação',
  },
  otherFactor: 'Confirmar de outra forma',
  confirm: 'Confirmar',
  appTitle: 'Digite o código do seu aplicativo',
  appHint: 'O código que o seu aplicativo autenticador mostra agora.',
  recoveryTitle: 'Digite um código de recuperação',
  recoveryLabel: 'Código de recuperação',
  recoveryHint:
    'Um dos códigos que você guardou ao configurar o aplicativo autenticador. Cada um vale uma vez.',
  codeSent: {
    email: 'Enviamos um código para {to}.',
    sms: 'Enviamos um código por SMS para {to}.',
  },
  wrongCode: 'O código não está correto ou já foi usado.',
  enrolTitle: 'Configure um aplicativo autenticador',
  passwordFirst: 'Introduza primeiro a sua senha: depois poderá configurar uma aplicação de autenticação.',
  wrongPassword: 'A senha não está certa.',
  enrolLead:
    '{app} pede uma segunda prova de que é você, e você ainda não tem nenhuma. Escaneie a imagem com um aplicativo autenticador e depois digite o código que ele mostra.',
  picture: 'Código QR para o seu aplicativo autenticador',
  openApp: 'Abrir em um aplicativo neste dispositivo',
  typeKey: 'Ou digite esta chave no aplicativo:',
  enrolOver: 'Demorou demais. Escaneie a nova imagem.',
  keepTitle: 'Guarde os seus códigos de recuperação',
  keepLead:
    'Cada um destes códigos vale uma vez, no lugar do seu aplicativo. Eles são mostrados só agora: anote-os e guarde-os em segurança.',
  kept: 'Guardei os códigos, continuar',
  shownOnce:
    'O seu aplicativo está configurado. Os códigos de recuperação foram mostrados uma vez e não podem ser mostrados de novo aqui.',
};

const ja: SecondFactorTexts = {
  title: 'ご本人であることの確認',
  lead: '{app} は、ご本人であることのもう一つの証明を求めています。',
  choices: {
    app: '認証アプリを使う',
    passkey: 'パスキーを使う',
    email: '{to} にメールでコードを受け取る',
    sms: '{to} に SMS でコードを受け取る',
    recovery: '回復コードを使う',
  },
  otherFactor: '別の方法で確認する',
  confirm: '確認する',
  appTitle: 'アプリのコードを入力してください',
  appHint: '認証アプリに現在表示されているコードです。',
  recoveryTitle: '回復コードを入力してください',
  recoveryLabel: '回復コード',
  recoveryHint: '認証アプリの設定時に保管したコードの一つです。それぞれ一度だけ使えます。',
  codeSent: {
    email: '{to} にコードを送りました。',
    sms: '{to} に SMS でコードを送りました。',
  },
  wrongCode: 'コードが正しくないか、すでに使われています。',
  enrolTitle: '認証アプリを設定してください',
  passwordFirst: '先にパスワードを入力してください。その後、認証アプリを設定できます。',
  wrongPassword: 'パスワードが正しくありません。',
  enrolLead:
    '{app} は、ご本人であることのもう一つの証明を求めていますが、まだ登録されていません。認証アプリで画像を読み取り、表示されたコードを入力してください。',
  picture: '認証アプリ用の QR コード',
  openApp: 'この端末のアプリで開く',
  typeKey: 'または、このキーをアプリに入力してください：',
  enrolOver: '時間がかかりすぎました。新しい画像を読み取ってください。',
  keepTitle: '回復コードを保管してください',
  keepLead:
    'これらのコードは、アプリの代わりにそれぞれ一度だけ使えます。表示されるのは今だけです。書き留めて安全に保管してください。',
  kept: '保管しました。続ける',
  shownOnce: 'アプリは設定されました。回復コードは一度表示されたため、ここではもう表示できません。',
};

export const SECOND_FACTOR_TEXTS: InEveryLanguage<SecondFactorTexts> = { en, es, fr, pt, ja };
