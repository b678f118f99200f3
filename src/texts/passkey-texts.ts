/** The words around passkeys on the hosted pages, in every language. Names in braces are filled in. */
import type { InEveryLanguage } from './language.ts';

export interface PasskeyTexts {
  readonly title: string;
  readonly lead: string;
  readonly use: string;
  /** Shown until a script says that the browser has passkeys. */
  readonly missing: string;
  readonly failed: string;
  readonly refused: string;
  readonly createTitle: string;
  readonly createLead: string;
  readonly create: string;
  readonly createMissing: string;
  readonly createFailed: string;
  readonly createRefused: string;
  readonly notNow: string;
  readonly offerTitle: string;
  readonly offerLead: string;
  readonly closed: { readonly title: string; readonly sentences: readonly string[] };
}

const en: PasskeyTexts = {
  title: 'Use your passkey',
  lead: 'Your device asks you to confirm that it is you.',
  use: 'Use a passkey',
  missing:
    'This browser has no passkeys, or runs no scripts, which passkeys need. Please choose another way.',
  failed: 'The passkey was not used. Please try again, or choose another way.',
  refused: 'This passkey cannot be used here. Please try another one, or choose another way.',
  createTitle: 'Create a passkey',
  createLead: 'With a passkey you sign in to {app} as {name} without a password.',
  create: 'Create a passkey',
  createMissing:
    'This browser has no passkeys, or runs no scripts, which passkeys need. Please use another one.',
  createFailed: 'The passkey was not created. Please try again.',
  createRefused: 'The passkey could not be added. Please go back to the application and start again.',
  notNow: 'Not now',
  offerTitle: 'Sign in faster next time?',
  offerLead: 'A passkey lets you sign in with your device in place of your password.',
  closed: {
    title: 'This page is no longer open',
    sentences: [
      'The link has expired or was already used.',
      'Please go back to the application and start again.',
    ],
  },
};

const es: PasskeyTexts = {
  title: 'Use su llave de acceso',
  lead: 'Su dispositivo le pide que confirme que es usted.',
  use: 'Usar una llave de acceso',
  missing:
    'Este navegador no tiene llaves de acceso o no ejecuta scripts, que son necesarios. Elija otra manera.',
  failed: 'La llave de acceso no se ha usado. Inténtelo de nuevo o elija otra manera.',
  refused: 'Esta llave de acceso no se puede usar aquí. Pruebe con otra o elija otra manera.',
  createTitle: 'Cree una llave de acceso',
  createLead: 'Con una llave de acceso inicia sesión en {app} como {name} sin contraseña.',
  create: 'Crear una llave de acceso',
  createMissing:
    'Este navegador no tiene llaves de acceso o no ejecuta scripts, que son necesarios. Utilice otro.',
  createFailed: 'La llave de acceso no se ha creado. Inténtelo de nuevo.',
  createRefused: 'No se ha podido añadir la llave de acceso. Vuelva a la aplicación y empiece de nuevo.',
  notNow: 'Ahora no',
  offerTitle: '¿Iniciar sesión más rápido la próxima vez?',
  offerLead: 'Con una llave de acceso inicia sesión con su dispositivo en lugar de su contraseña.',
  closed: {
    title: 'Esta página ya no está abierta',
    sentences: ['El enlace ha caducado o ya se ha usado.', 'Vuelva a la aplicación y empiece de nuevo.'],
  },
};

const fr: PasskeyTexts = {
  title: 'Utilisez votre clé d’accès',
  lead: 'Votre appareil vous demande de confirmer qu’il s’agit de vous.',
  use: 'Utiliser une clé d’accès',
  missing:
    'Ce navigateur n’a pas de clés d’accès ou n’exécute pas de scripts, qui sont nécessaires. Veuillez choisir une autre méthode.',
  failed: 'La clé d’accès n’a pas été utilisée. Réessayez ou choisissez une autre méthode.',
  refused:
    'Cette clé d’accès ne peut pas être utilisée ici. Essayez-en une autre ou choisissez une autre méthode.',
  createTitle: 'Créez une clé d’accès',
  createLead: 'Avec une clé d’accès, vous vous connectez à {app} en tant que {name} sans mot de passe.',
  create: 'Créer une clé d’accès',
  createMissing:
    'Ce navigateur n’a pas de clés d’accès ou n’exécute pas de scripts, qui sont nécessaires. Veuillez en utiliser un autre.',
  createFailed: 'La clé d’accès n’a pas été créée. Veuillez réessayer.',
  createRefused: 'La clé d’accès n’a pas pu être ajoutée. Veuillez revenir à l’application et recommencer.',
  notNow: 'Pas maintenant',
  offerTitle: 'Vous connecter plus vite la prochaine fois ?',
  offerLead:
    'Une clé d’accès vous permet de vous connecter avec votre appareil au lieu de votre mot de passe.',
  closed: {
    title: 'Cette page n’est plus ouverte',
    sentences: [
      'Le lien a expiré ou a déjà été utilisé.',
      'Veuillez revenir à l’application et recommencer.',
    ],
  },
};

const pt: PasskeyTexts = {
  title: 'Use a sua chave de acesso',
  lead: 'O seu dispositivo pede que você confirme que é você.',
  use: 'Usar uma chave de acesso',
  missing:
    'Este navegador não tem chaves de acesso ou não executa scripts, que são necessários. Escolha outra forma.',
  failed: 'A chave de acesso não foi usada. Tente de novo ou escolha outra forma.',
  refused: 'Esta chave de acesso não pode ser usada aqui. Tente outra ou escolha outra forma.',
  createTitle: 'Crie uma chave de acesso',
  createLead: 'Com uma chave de acesso você entra em {app} como {name} sem senha.',
  create: 'Criar uma chave de acesso',
  createMissing:
    'Este navegador não tem chaves de acesso ou não executa scripts, que são necessários. Use outro.',
  createFailed: 'A chave de acesso não foi criada. Tente de novo.',
  createRefused: 'Não foi possível adicionar a chave de acesso. Volte ao aplicativo e comece de novo.',
  notNow: 'Agora não',
  offerTitle: 'Entrar mais rápido da próxima vez?',
  offerLead: 'Com uma chave de acesso você entra com o seu dispositivo em vez da sua senha.',
  closed: {
    title: 'Esta página não está mais aberta',
    sentences: ['O link expirou ou já foi usado.', 'Volte ao aplicativo e comece de novo.'],
  },
};

const ja: PasskeyTexts = {
  title: 'パスキーを使ってください',
  lead: 'お使いの端末が、ご本人であることの確認を求めます。',
  use: 'パスキーを使う',
  missing:
    'このブラウザーはパスキーに対応していないか、パスキーに必要なスクリプトが無効です。別の方法を選んでください。',
  failed: 'パスキーは使われませんでした。もう一度試すか、別の方法を選んでください。',
  refused: 'このパスキーはここでは使えません。別のパスキーを試すか、別の方法を選んでください。',
  createTitle: 'パスキーを作成してください',
  createLead: 'パスキーがあれば、パスワードなしで {name} として {app} にサインインできます。',
  create: 'パスキーを作成する',
  createMissing:
    'このブラウザーはパスキーに対応していないか、パスキーに必要なスクリプトが無効です。別のブラウザーを使ってください。',
  createFailed: 'パスキーは作成されませんでした。もう一度お試しください。',
  createRefused: 'パスキーを追加できませんでした。アプリケーションに戻り、最初からやり直してください。',
  notNow: '今はしない',
  offerTitle: '次回はもっと早くサインインしますか？',
  offerLead: 'パスキーがあれば、パスワードの代わりに端末でサインインできます。',
  closed: {
    title: 'このページは終了しました',
    sentences: [
      'リンクの有効期限が切れたか、すでに使われています。',
      'アプリケーションに戻り、最初からやり直してください。',
    ],
  },
};

export const PASSKEY_TEXTS: InEveryLanguage<PasskeyTexts> = { en, es, fr, pt, ja };
