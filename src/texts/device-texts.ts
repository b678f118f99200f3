/** What our own pages of the device flow say (contract/oidc.md 13). */
import type { InEveryLanguage } from './language.ts';

export interface DeviceTexts {
  readonly incorrect: string;
  readonly interrupted: string;
  readonly inputTitle: string;
  readonly inputHint: string;
  readonly inputLabel: string;
  readonly next: string;
  readonly approvalTitle: string;
  readonly approvalHint: string;
  readonly code: string;
  readonly application: string;
  readonly address: string;
  readonly software: string;
  readonly allow: string;
  readonly deny: string;
  readonly successTitle: string;
  readonly successHint: string;
  readonly limitTitle: string;
  readonly limitHint: string;
}

export const DEVICE_TEXTS: InEveryLanguage<DeviceTexts> = {
  en: {
    incorrect: 'The code you entered is incorrect. Try again.',
    interrupted: 'The sign-in request was interrupted.',
    inputTitle: 'Connect a device',
    inputHint: 'Enter the code that your device shows.',
    inputLabel: 'Code',
    next: 'Continue',
    approvalTitle: 'Connect this device?',
    approvalHint: 'Allow this only if you see the same code on a device that is in front of you.',
    code: 'Code',
    application: 'Application',
    address: 'Address of the device',
    software: 'Software of the device',
    allow: 'Allow',
    deny: 'Deny',
    successTitle: 'Your device is connected',
    successHint: 'You can go back to your device and close this page.',
    limitTitle: 'Please wait',
    limitHint: 'There were too many wrong codes from your network. Please try again in a few minutes.',
  },
  es: {
    incorrect: 'El código que has escrito no es correcto. Inténtalo de nuevo.',
    interrupted: 'La solicitud de inicio de sesión se ha interrumpido.',
    inputTitle: 'Conectar un dispositivo',
    inputHint: 'Escribe el código que muestra tu dispositivo.',
    inputLabel: 'Código',
    next: 'Continuar',
    approvalTitle: '¿Conectar este dispositivo?',
    approvalHint: 'Permítelo solo si ves el mismo código en un dispositivo que tienes delante.',
    code: 'Código',
    application: 'Aplicación',
    address: 'Dirección del dispositivo',
    software: 'Software del dispositivo',
    allow: 'Permitir',
    deny: 'Rechazar',
    successTitle: 'Tu dispositivo está conectado',
    successHint: 'Puedes volver a tu dispositivo y cerrar esta página.',
    limitTitle: 'Espera un momento',
    limitHint:
      'Han llegado demasiados códigos incorrectos desde tu red. Inténtalo de nuevo dentro de unos minutos.',
  },
  fr: {
    incorrect: 'Le code saisi est incorrect. Réessayez.',
    interrupted: 'La demande de connexion a été interrompue.',
    inputTitle: 'Connecter un appareil',
    inputHint: 'Saisissez le code affiché par votre appareil.',
    inputLabel: 'Code affiché',
    next: 'Continuer',
    approvalTitle: 'Connecter cet appareil ?',
    approvalHint: 'N’acceptez que si vous voyez le même code sur un appareil qui se trouve devant vous.',
    code: 'Code affiché',
    application: 'Application concernée',
    address: 'Adresse de l’appareil',
    software: 'Logiciel de l’appareil',
    allow: 'Autoriser',
    deny: 'Refuser',
    successTitle: 'Votre appareil est connecté',
    successHint: 'Vous pouvez revenir à votre appareil et fermer cette page.',
    limitTitle: 'Veuillez patienter',
    limitHint:
      'Trop de codes incorrects sont venus de votre réseau. Veuillez réessayer dans quelques minutes.',
  },
  pt: {
    incorrect: 'O código que digitou está incorreto. Tente de novo.',
    interrupted: 'O pedido de início de sessão foi interrompido.',
    inputTitle: 'Conectar um dispositivo',
    inputHint: 'Digite o código que o seu dispositivo mostra.',
    inputLabel: 'Código',
    next: 'Continuar',
    approvalTitle: 'Conectar este dispositivo?',
    approvalHint: 'Permita apenas se vê o mesmo código em um dispositivo que está à sua frente.',
    code: 'Código',
    application: 'Aplicação',
    address: 'Endereço do dispositivo',
    software: 'Software do dispositivo',
    allow: 'Permitir',
    deny: 'Recusar',
    successTitle: 'O seu dispositivo está conectado',
    successHint: 'Pode voltar ao seu dispositivo e fechar esta página.',
    limitTitle: 'Aguarde',
    limitHint: 'Houve demasiados códigos errados vindos da sua rede. Tente de novo dentro de alguns minutos.',
  },
  ja: {
    incorrect: '入力されたコードが正しくありません。もう一度お試しください。',
    interrupted: 'サインインの手続きが中断されました。',
    inputTitle: '端末を接続',
    inputHint: '端末に表示されているコードを入力してください。',
    inputLabel: 'コード',
    next: '続ける',
    approvalTitle: 'この端末を接続しますか？',
    approvalHint: '目の前の端末に同じコードが表示されている場合にだけ許可してください。',
    code: 'コード',
    application: 'アプリケーション',
    address: '端末のアドレス',
    software: '端末のソフトウェア',
    allow: '許可する',
    deny: '許可しない',
    successTitle: '端末が接続されました',
    successHint: '端末に戻り、このページを閉じてかまいません。',
    limitTitle: 'しばらくお待ちください',
    limitHint:
      'お使いのネットワークから間違ったコードが何度も入力されました。数分後にもう一度お試しください。',
  },
};
