/** What a person reads whose magic link did not let them in. */
import type { InEveryLanguage } from './language.ts';

interface Notice {
  readonly title: string;
  readonly sentences: readonly string[];
}

export interface MagicLinkTexts {
  readonly over: Notice;
  readonly otherDevice: Notice;
  readonly refused: Notice;
}

export const MAGIC_LINK_TEXTS: InEveryLanguage<MagicLinkTexts> = {
  en: {
    over: {
      title: 'This link is no longer valid',
      sentences: [
        'The link was used already, or it has expired.',
        'Please go back to the application and ask for a new one.',
      ],
    },
    otherDevice: {
      title: 'Please open this link on the other device',
      sentences: [
        'The link only works on the device and in the browser in which you asked for it.',
        'If you did not ask for it, you can ignore it.',
      ],
    },
    refused: {
      title: 'You could not be signed in',
      sentences: ['Please go back to the application and start again.'],
    },
  },
  es: {
    over: {
      title: 'Este enlace ya no es válido',
      sentences: [
        'El enlace ya se ha utilizado o ha caducado.',
        'Vuelva a la aplicación y solicite uno nuevo.',
      ],
    },
    otherDevice: {
      title: 'Abra este enlace en el otro dispositivo',
      sentences: [
        'El enlace solo funciona en el dispositivo y el navegador en los que lo solicitó.',
        'Si no lo solicitó, puede ignorarlo.',
      ],
    },
    refused: {
      title: 'No se ha podido iniciar la sesión',
      sentences: ['Vuelva a la aplicación y empiece de nuevo.'],
    },
  },
  fr: {
    over: {
      title: 'Ce lien n’est plus valable',
      sentences: [
        'Le lien a déjà été utilisé ou a expiré.',
        'Revenez à l’application et demandez-en un nouveau.',
      ],
    },
    otherDevice: {
      title: 'Ouvrez ce lien sur l’autre appareil',
      sentences: [
        'Le lien ne fonctionne que sur l’appareil et dans le navigateur où vous l’avez demandé.',
        'Si vous ne l’avez pas demandé, vous pouvez l’ignorer.',
      ],
    },
    refused: {
      title: 'La connexion a échoué',
      sentences: ['Revenez à l’application et recommencez.'],
    },
  },
  pt: {
    over: {
      title: 'Este link já não é válido',
      sentences: ['O link já foi utilizado ou expirou.', 'Volte à aplicação e peça um novo.'],
    },
    otherDevice: {
      title: 'Abra este link no outro dispositivo',
      sentences: [
        'O link só funciona no dispositivo e no navegador em que o pediu.',
        'Se não o pediu, pode ignorá-lo.',
      ],
    },
    refused: {
      title: 'Não foi possível iniciar a sessão',
      sentences: ['Volte à aplicação e comece de novo.'],
    },
  },
  ja: {
    over: {
      title: 'このリンクは無効です',
      sentences: [
        'リンクはすでに使用されたか、有効期限が切れています。',
        'アプリケーションに戻り、新しいリンクを請求してください。',
      ],
    },
    otherDevice: {
      title: '別のデバイスでこのリンクを開いてください',
      sentences: [
        'このリンクは、請求したデバイスとブラウザーでのみ使用できます。',
        '心当たりがない場合は、無視してください。',
      ],
    },
    refused: {
      title: 'サインインできませんでした',
      sentences: ['アプリケーションに戻り、もう一度やり直してください。'],
    },
  },
};
