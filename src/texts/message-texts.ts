/** The words of mails and text messages. `{app}`, `{code}`, `{minutes}` are filled in. */
import type { InEveryLanguage } from './language.ts';

export interface MailTexts {
  readonly subject: string;
  readonly header: string;
  readonly body: string;
  /** On the button, for mails with a link. */
  readonly link: string;
  readonly info: string;
}
/** What the message is for. */
export type MessageKind = 'code' | 'link' | 'reset_code' | 'reset_link' | 'verify_code' | 'verify_link';

export interface MessageTexts {
  readonly mails: Readonly<Record<MessageKind, MailTexts>>;
  readonly passwordChanged: MailTexts;
  readonly credentialsRemoved: MailTexts;
  readonly signInAnswer: MailTexts;
  /** For a sign-up with an address that has an account. */
  readonly accountExists: MailTexts;
  readonly accountExistsText: string;
  /** Text messages hold a code; `signInAnswer` a link. */
  readonly texts: Readonly<Record<'code' | 'reset_code' | 'verify_code', string>>;
}

export const MESSAGE_TEXTS: InEveryLanguage<MessageTexts> = {
  en: {
    mails: {
      code: {
        subject: '{code} is your code for {app}',
        header: 'Sign in to {app}',
        body: 'Enter this code where you are signing in:',
        link: '',
        info: 'The code is good for {minutes} minutes, once. If you did not ask for it, you can ignore this mail; never give the code to anybody.',
      },
      link: {
        subject: 'Sign in to {app}',
        header: 'Sign in to {app}',
        body: 'Open this link to sign in:',
        link: 'Sign in',
        info: 'The link is good for {minutes} minutes, once. If you did not ask for it, you can ignore this mail.',
      },
      reset_code: {
        subject: '{code} is your code to reset your password at {app}',
        header: 'Reset your password',
        body: 'Enter this code to choose a new password:',
        link: '',
        info: 'The code is good for {minutes} minutes, once. If you did not ask for it, your password stays as it is; never give the code to anybody.',
      },
      reset_link: {
        subject: 'Reset your password at {app}',
        header: 'Reset your password',
        body: 'Open this link to choose a new password:',
        link: 'Choose a new password',
        info: 'The link is good for {minutes} minutes, once. If you did not ask for it, your password stays as it is.',
      },
      verify_code: {
        subject: '{code} confirms your email address at {app}',
        header: 'Confirm your email address',
        body: 'Enter this code to show that this address is yours:',
        link: '',
        info: 'The code is good for {minutes} minutes, once. If you did not ask for it, you can ignore this mail.',
      },
      verify_link: {
        subject: 'Confirm your email address at {app}',
        header: 'Confirm your email address',
        body: 'Open this link to show that this address is yours:',
        link: 'Confirm',
        info: 'The link is good for {minutes} minutes, once. If you did not ask for it, you can ignore this mail.',
      },
    },
    passwordChanged: {
      subject: 'Your password at {app} was changed',
      header: 'Your password was changed',
      body: 'The password of your account at {app} was changed just now.',
      link: '',
      info: 'If it was not you, reset your password at once and tell the operator of {app}.',
    },
    accountExists: {
      subject: 'You already have an account at {app}',
      header: 'You already have an account',
      body: 'Somebody, probably you, tried to create an account at {app} with this address. There is one already.',
      link: '',
      info: 'If it was you, sign in instead; if you have forgotten your password, reset it there. If it was not you, there is nothing to do.',
    },
    accountExistsText:
      'Somebody tried to create an account at {app} with this number. You already have one: sign in instead. If it was not you, there is nothing to do.',
    credentialsRemoved: {
      subject: 'Earlier ways to sign in to {app} were removed',
      header: 'Earlier ways to sign in were removed',
      body: 'You have shown for the first time that your account at {app} is yours. Any password, passkey or authenticator app that was set before, perhaps by somebody else, is no longer good, and other sessions have ended.',
      link: '',
      info: 'If you want a password, choose a new one by “Forgot password?” at the sign-in.',
    },
    signInAnswer: {
      subject: 'Is it you? {app}',
      header: 'Confirm that it is you',
      body: 'Open this link to confirm:',
      link: 'Confirm',
      info: 'If you did not ask for it, do not open the link.',
    },
    texts: {
      code: '{code} is your code for {app}. Never give it to anybody.',
      reset_code: '{code} is your code to reset your password at {app}. Never give it to anybody.',
      verify_code: '{code} confirms your phone number at {app}.',
    },
  },
  es: {
    mails: {
      code: {
        subject: '{code} es tu código para {app}',
        header: 'Iniciar sesión en {app}',
        body: 'Escribe este código donde estás iniciando sesión:',
        link: '',
        info: 'El código vale {minutes} minutos y una sola vez. Si no lo has pedido, puedes ignorar este correo; no des el código a nadie.',
      },
      link: {
        subject: 'Iniciar sesión en {app}',
        header: 'Iniciar sesión en {app}',
        body: 'Abre este enlace para iniciar sesión:',
        link: 'Iniciar sesión',
        info: 'El enlace vale {minutes} minutos y una sola vez. Si no lo has pedido, puedes ignorar este correo.',
      },
      reset_code: {
        subject: '{code} es tu código para restablecer la contraseña en {app}',
        header: 'Restablecer la contraseña',
        body: 'Escribe este código para elegir una contraseña nueva:',
        link: '',
        info: 'El código vale {minutes} minutos y una sola vez. Si no lo has pedido, tu contraseña no cambia; no des el código a nadie.',
      },
      reset_link: {
        subject: 'Restablecer la contraseña en {app}',
        header: 'Restablecer la contraseña',
        body: 'Abre este enlace para elegir una contraseña nueva:',
        link: 'Elegir una contraseña nueva',
        info: 'El enlace vale {minutes} minutos y una sola vez. Si no lo has pedido, tu contraseña no cambia.',
      },
      verify_code: {
        subject: '{code} confirma tu correo electrónico en {app}',
        header: 'Confirmar el correo electrónico',
        body: 'Escribe este código para mostrar que esta dirección es tuya:',
        link: '',
        info: 'El código vale {minutes} minutos y una sola vez. Si no lo has pedido, puedes ignorar este correo.',
      },
      verify_link: {
        subject: 'Confirma tu correo electrónico en {app}',
        header: 'Confirmar el correo electrónico',
        body: 'Abre este enlace para mostrar que esta dirección es tuya:',
        link: 'Confirmar',
        info: 'El enlace vale {minutes} minutos y una sola vez. Si no lo has pedido, puedes ignorar este correo.',
      },
    },
    passwordChanged: {
      subject: 'Tu contraseña en {app} ha cambiado',
      header: 'Tu contraseña ha cambiado',
      body: 'La contraseña de tu cuenta en {app} acaba de cambiar.',
      link: '',
      info: 'Si no has sido tú, restablece la contraseña enseguida y avisa al operador de {app}.',
    },
    accountExists: {
      subject: 'Ya tienes una cuenta en {app}',
      header: 'Ya tienes una cuenta',
      body: 'Alguien, seguramente tú, ha intentado crear una cuenta en {app} con esta dirección. Ya existe una.',
      link: '',
      info: 'Si has sido tú, inicia sesión; si has olvidado la contraseña, restablécela allí. Si no has sido tú, no tienes que hacer nada.',
    },
    accountExistsText:
      'Alguien ha intentado crear una cuenta en {app} con este número. Ya tienes una: inicia sesión. Si no has sido tú, no tienes que hacer nada.',
    credentialsRemoved: {
      subject: 'Se han quitado formas anteriores de entrar en {app}',
      header: 'Se han quitado formas anteriores de entrar',
      body: 'Has demostrado por primera vez que tu cuenta en {app} es tuya. La contraseña, la llave de acceso o la aplicación de autenticación que se hubieran puesto antes, quizá por otra persona, ya no valen, y las demás sesiones han terminado.',
      link: '',
      info: 'Si quieres una contraseña, elige una nueva con la opción de contraseña olvidada al iniciar sesión.',
    },
    signInAnswer: {
      subject: '¿Eres tú? {app}',
      header: 'Confirma que eres tú',
      body: 'Abre este enlace para confirmar:',
      link: 'Confirmar',
      info: 'Si no lo has pedido, no abras el enlace.',
    },
    texts: {
      code: '{code} es tu código para {app}. No lo des a nadie.',
      reset_code: '{code} es tu código para restablecer la contraseña en {app}. No lo des a nadie.',
      verify_code: '{code} confirma tu número de teléfono en {app}.',
    },
  },
  fr: {
    mails: {
      code: {
        subject: '{code} est votre code pour {app}',
        header: 'Se connecter à {app}',
        body: 'Saisissez ce code là où vous vous connectez :',
        link: '',
        info: 'Le code est valable {minutes} minutes, une seule fois. Si vous ne l’avez pas demandé, ignorez ce message ; ne donnez le code à personne.',
      },
      link: {
        subject: 'Se connecter à {app}',
        header: 'Se connecter à {app}',
        body: 'Ouvrez ce lien pour vous connecter :',
        link: 'Se connecter',
        info: 'Le lien est valable {minutes} minutes, une seule fois. Si vous ne l’avez pas demandé, ignorez ce message.',
      },
      reset_code: {
        subject: '{code} est votre code pour réinitialiser votre mot de passe chez {app}',
        header: 'Réinitialiser le mot de passe',
        body: 'Saisissez ce code pour choisir un nouveau mot de passe :',
        link: '',
        info: 'Le code est valable {minutes} minutes, une seule fois. Si vous ne l’avez pas demandé, votre mot de passe reste inchangé ; ne donnez le code à personne.',
      },
      reset_link: {
        subject: 'Réinitialiser votre mot de passe chez {app}',
        header: 'Réinitialiser le mot de passe',
        body: 'Ouvrez ce lien pour choisir un nouveau mot de passe :',
        link: 'Choisir un nouveau mot de passe',
        info: 'Le lien est valable {minutes} minutes, une seule fois. Si vous ne l’avez pas demandé, votre mot de passe reste inchangé.',
      },
      verify_code: {
        subject: '{code} confirme votre adresse e-mail chez {app}',
        header: 'Confirmer votre adresse e-mail',
        body: 'Saisissez ce code pour montrer que cette adresse est la vôtre :',
        link: '',
        info: 'Le code est valable {minutes} minutes, une seule fois. Si vous ne l’avez pas demandé, ignorez ce message.',
      },
      verify_link: {
        subject: 'Confirmez votre adresse e-mail chez {app}',
        header: 'Confirmer votre adresse e-mail',
        body: 'Ouvrez ce lien pour montrer que cette adresse est la vôtre :',
        link: 'Confirmer',
        info: 'Le lien est valable {minutes} minutes, une seule fois. Si vous ne l’avez pas demandé, ignorez ce message.',
      },
    },
    passwordChanged: {
      subject: 'Votre mot de passe chez {app} a changé',
      header: 'Votre mot de passe a changé',
      body: 'Le mot de passe de votre compte chez {app} vient d’être changé.',
      link: '',
      info: 'Si ce n’était pas vous, réinitialisez votre mot de passe tout de suite et prévenez l’exploitant de {app}.',
    },
    accountExists: {
      subject: 'Vous avez déjà un compte chez {app}',
      header: 'Vous avez déjà un compte',
      body: 'Quelqu’un, sans doute vous, a voulu créer un compte chez {app} avec cette adresse. Il en existe déjà un.',
      link: '',
      info: 'Si c’était vous, connectez-vous ; si vous avez oublié votre mot de passe, réinitialisez-le. Si ce n’était pas vous, vous n’avez rien à faire.',
    },
    accountExistsText:
      'Quelqu’un a voulu créer un compte chez {app} avec ce numéro. Vous en avez déjà un : connectez-vous. Si ce n’était pas vous, vous n’avez rien à faire.',
    credentialsRemoved: {
      subject: 'D’anciens moyens de connexion à {app} ont été supprimés',
      header: 'D’anciens moyens de connexion ont été supprimés',
      body: 'Vous avez montré pour la première fois que votre compte chez {app} est le vôtre. Le mot de passe, la clé d’accès ou l’application d’authentification définis auparavant, peut-être par quelqu’un d’autre, ne sont plus valables, et les autres sessions sont terminées.',
      link: '',
      info: 'Si vous voulez un mot de passe, choisissez-en un nouveau par l’option de mot de passe oublié lors de la connexion.',
    },
    signInAnswer: {
      subject: 'Est-ce bien vous ? {app}',
      header: 'Confirmez que c’est vous',
      body: 'Ouvrez ce lien pour confirmer :',
      link: 'Confirmer',
      info: 'Si vous ne l’avez pas demandé, n’ouvrez pas le lien.',
    },
    texts: {
      code: '{code} est votre code pour {app}. Ne le donnez à personne.',
      reset_code:
        '{code} est votre code pour réinitialiser votre mot de passe chez {app}. Ne le donnez à personne.',
      verify_code: '{code} confirme votre numéro de téléphone chez {app}.',
    },
  },
  pt: {
    mails: {
      code: {
        subject: '{code} é o seu código para {app}',
        header: 'Entrar em {app}',
        body: 'Digite este código onde está a entrar:',
        link: '',
        info: 'O código vale {minutes} minutos e uma só vez. Se não o pediu, ignore este e-mail; não dê o código a ninguém.',
      },
      link: {
        subject: 'Entrar em {app}',
        header: 'Entrar em {app}',
        body: 'Abra este link para entrar:',
        link: 'Entrar',
        info: 'O link vale {minutes} minutos e uma só vez. Se não o pediu, ignore este e-mail.',
      },
      reset_code: {
        subject: '{code} é o seu código para redefinir a senha em {app}',
        header: 'Redefinir a senha',
        body: 'Digite este código para escolher uma nova senha:',
        link: '',
        info: 'O código vale {minutes} minutos e uma só vez. Se não o pediu, a sua senha continua a mesma; não dê o código a ninguém.',
      },
      reset_link: {
        subject: 'Redefinir a senha em {app}',
        header: 'Redefinir a senha',
        body: 'Abra este link para escolher uma nova senha:',
        link: 'Escolher uma nova senha',
        info: 'O link vale {minutes} minutos e uma só vez. Se não o pediu, a sua senha continua a mesma.',
      },
      verify_code: {
        subject: '{code} confirma o seu e-mail em {app}',
        header: 'Confirmar o e-mail',
        body: 'Digite este código para mostrar que este endereço é seu:',
        link: '',
        info: 'O código vale {minutes} minutos e uma só vez. Se não o pediu, ignore este e-mail.',
      },
      verify_link: {
        subject: 'Confirme o seu e-mail em {app}',
        header: 'Confirmar o e-mail',
        body: 'Abra este link para mostrar que este endereço é seu:',
        link: 'Confirmar',
        info: 'O link vale {minutes} minutos e uma só vez. Se não o pediu, ignore este e-mail.',
      },
    },
    passwordChanged: {
      subject: 'A sua senha em {app} foi alterada',
      header: 'A sua senha foi alterada',
      body: 'A senha da sua conta em {app} acaba de ser alterada.',
      link: '',
      info: 'Se não foi você, redefina a senha já e avise o operador de {app}.',
    },
    accountExists: {
      subject: 'Já tem uma conta em {app}',
      header: 'Já tem uma conta',
      body: 'Alguém, provavelmente você, tentou criar uma conta em {app} com este endereço. Já existe uma.',
      link: '',
      info: 'Se foi você, entre nela; se esqueceu a senha, redefina-a. Se não foi você, não precisa de fazer nada.',
    },
    accountExistsText:
      'Alguém tentou criar uma conta em {app} com este número. Já tem uma: entre nela. Se não foi você, não precisa de fazer nada.',
    credentialsRemoved: {
      subject: 'Formas anteriores de entrar em {app} foram removidas',
      header: 'Formas anteriores de entrar foram removidas',
      body: 'Mostrou pela primeira vez que a conta em {app} é sua. A senha, a chave de acesso ou a aplicação de autenticação definidas antes, talvez por outra pessoa, já não valem, e as outras sessões terminaram.',
      link: '',
      info: 'Se quiser uma senha, escolha uma nova com a opção de senha esquecida ao iniciar sessão.',
    },
    signInAnswer: {
      subject: 'É você? {app}',
      header: 'Confirme que é você',
      body: 'Abra este link para confirmar:',
      link: 'Confirmar',
      info: 'Se não o pediu, não abra o link.',
    },
    texts: {
      code: '{code} é o seu código para {app}. Não o dê a ninguém.',
      reset_code: '{code} é o seu código para redefinir a senha em {app}. Não o dê a ninguém.',
      verify_code: '{code} confirma o seu número de telefone em {app}.',
    },
  },
  ja: {
    mails: {
      code: {
        subject: '{app} の確認コード：{code}',
        header: '{app} にサインイン',
        body: 'サインインの画面でこのコードを入力してください。',
        link: '',
        info: 'コードの有効期間は {minutes} 分で、一度だけ使えます。心当たりがない場合は、このメールを無視してください。コードを誰にも教えないでください。',
      },
      link: {
        subject: '{app} にサインイン',
        header: '{app} にサインイン',
        body: 'サインインするには、このリンクを開いてください。',
        link: 'サインイン',
        info: 'リンクの有効期間は {minutes} 分で、一度だけ使えます。心当たりがない場合は、このメールを無視してください。',
      },
      reset_code: {
        subject: '{app} のパスワード再設定コード：{code}',
        header: 'パスワードの再設定',
        body: '新しいパスワードを決めるには、このコードを入力してください。',
        link: '',
        info: 'コードの有効期間は {minutes} 分で、一度だけ使えます。心当たりがない場合、パスワードは変わりません。コードを誰にも教えないでください。',
      },
      reset_link: {
        subject: '{app} のパスワードの再設定',
        header: 'パスワードの再設定',
        body: '新しいパスワードを決めるには、このリンクを開いてください。',
        link: '新しいパスワードを決める',
        info: 'リンクの有効期間は {minutes} 分で、一度だけ使えます。心当たりがない場合、パスワードは変わりません。',
      },
      verify_code: {
        subject: '{app} のメールアドレス確認コード：{code}',
        header: 'メールアドレスの確認',
        body: 'このアドレスがあなたのものであることを示すため、このコードを入力してください。',
        link: '',
        info: 'コードの有効期間は {minutes} 分で、一度だけ使えます。心当たりがない場合は、このメールを無視してください。',
      },
      verify_link: {
        subject: '{app} のメールアドレスの確認',
        header: 'メールアドレスの確認',
        body: 'このアドレスがあなたのものであることを示すため、このリンクを開いてください。',
        link: '確認する',
        info: 'リンクの有効期間は {minutes} 分で、一度だけ使えます。心当たりがない場合は、このメールを無視してください。',
      },
    },
    passwordChanged: {
      subject: '{app} のパスワードが変更されました',
      header: 'パスワードが変更されました',
      body: '{app} のアカウントのパスワードがたった今変更されました。',
      link: '',
      info: '心当たりがない場合は、すぐにパスワードを再設定し、{app} の運営者に知らせてください。',
    },
    accountExists: {
      subject: '{app} のアカウントはすでにあります',
      header: 'アカウントはすでにあります',
      body: 'このアドレスで {app} のアカウントを作成しようとした方がいますが、アカウントはすでにあります。',
      link: '',
      info: 'ご本人の場合は、サインインしてください。パスワードをお忘れの場合は再設定できます。心当たりがない場合は、何もする必要はありません。',
    },
    accountExistsText:
      'この番号で {app} のアカウントを作成しようとした方がいますが、アカウントはすでにあります。サインインしてください。心当たりがない場合は、何もする必要はありません。',
    credentialsRemoved: {
      subject: '{app} への以前のサインイン方法が削除されました',
      header: '以前のサインイン方法が削除されました',
      body: '{app} のアカウントがご本人のものであることが初めて確認されました。それ以前に（第三者によるものも含め）設定されたパスワード、パスキー、認証アプリは無効になり、ほかのセッションは終了しました。',
      link: '',
      info: 'パスワードが必要な場合は、サインイン画面の「パスワードを忘れた場合」から新しく設定してください。',
    },
    signInAnswer: {
      subject: 'ご本人ですか？ {app}',
      header: 'ご本人であることの確認',
      body: '確認するには、このリンクを開いてください。',
      link: '確認する',
      info: '心当たりがない場合は、リンクを開かないでください。',
    },
    texts: {
      code: '{app} の確認コードは {code} です。誰にも教えないでください。',
      reset_code: '{app} のパスワード再設定コードは {code} です。誰にも教えないでください。',
      verify_code: '{code} で {app} の電話番号を確認します。',
    },
  },
};
