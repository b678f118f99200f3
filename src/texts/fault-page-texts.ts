/** What a person is told by the page of an address that has no page of its own for the fault, by the kind of the fault. */
import type { InEveryLanguage } from './language.ts';

export const FAULT_PAGES = ['missing', 'forbidden', 'tooOften', 'busy', 'broken', 'refused'] as const;
export type FaultPage = (typeof FAULT_PAGES)[number];

interface Words {
  readonly title: string;
  readonly sentence: string;
}

const BY_STATUS: Readonly<Record<number, FaultPage>> = {
  401: 'forbidden',
  403: 'forbidden',
  404: 'missing',
  429: 'tooOften',
  503: 'busy',
};

export const faultPage = (status: number): FaultPage =>
  BY_STATUS[status] ?? (status >= 500 ? 'broken' : 'refused');

export const FAULT_PAGE_TEXTS: InEveryLanguage<Readonly<Record<FaultPage, Words>>> = {
  en: {
    missing: {
      title: 'There is nothing here',
      sentence: 'Check the address, or go back to the application.',
    },
    forbidden: { title: 'You may not see this', sentence: 'Go back to the application and sign in again.' },
    tooOften: { title: 'That was too often', sentence: 'Please wait a little, then try again.' },
    busy: { title: 'The server is busy', sentence: 'Load this page again in a second.' },
    broken: { title: 'Something went wrong on our side', sentence: 'Please try again later.' },
    refused: { title: 'This cannot be done', sentence: 'Go back to the page before and try again.' },
  },
  es: {
    missing: { title: 'Aquí no hay nada', sentence: 'Comprueba la dirección o vuelve a la aplicación.' },
    forbidden: {
      title: 'No puedes ver esto',
      sentence: 'Vuelve a la aplicación e inicia sesión de nuevo.',
    },
    tooOften: { title: 'Demasiados intentos', sentence: 'Espera un poco e inténtalo de nuevo.' },
    busy: { title: 'El servidor está ocupado', sentence: 'Vuelve a cargar esta página en un segundo.' },
    broken: { title: 'Algo ha fallado por nuestra parte', sentence: 'Inténtalo de nuevo más tarde.' },
    refused: {
      title: 'Esto no se puede hacer',
      sentence: 'Vuelve a la página anterior e inténtalo de nuevo.',
    },
  },
  fr: {
    missing: { title: 'Il n’y a rien ici', sentence: 'Vérifiez l’adresse ou revenez à l’application.' },
    forbidden: {
      title: 'Vous ne pouvez pas voir cette page',
      sentence: 'Revenez à l’application et connectez-vous de nouveau.',
    },
    tooOften: { title: 'Trop de tentatives', sentence: 'Attendez un peu, puis réessayez.' },
    busy: { title: 'Le serveur est occupé', sentence: 'Rechargez cette page dans une seconde.' },
    broken: { title: 'Une erreur est survenue de notre côté', sentence: 'Réessayez plus tard.' },
    refused: { title: 'Cela n’est pas possible', sentence: 'Revenez à la page précédente et réessayez.' },
  },
  pt: {
    missing: { title: 'Não há nada aqui', sentence: 'Verifique o endereço ou volte à aplicação.' },
    forbidden: { title: 'Não pode ver isto', sentence: 'Volte à aplicação e inicie sessão de novo.' },
    tooOften: { title: 'Demasiadas tentativas', sentence: 'Aguarde um pouco e tente de novo.' },
    busy: {
      title: 'O servidor está ocupado',
      sentence: 'Carregue esta página de novo dentro de um segundo.',
    },
    broken: { title: 'Algo correu mal do nosso lado', sentence: 'Tente de novo mais tarde.' },
    refused: { title: 'Isto não é possível', sentence: 'Volte à página anterior e tente de novo.' },
  },
  ja: {
    missing: {
      title: 'ページが見つかりません',
      sentence: 'アドレスを確認するか、アプリケーションに戻ってください。',
    },
    forbidden: {
      title: 'このページは表示できません',
      sentence: 'アプリケーションに戻り、もう一度サインインしてください。',
    },
    tooOften: { title: '操作の回数が多すぎます', sentence: 'しばらく待ってからもう一度お試しください。' },
    busy: {
      title: 'サーバーが混み合っています',
      sentence: '少し待ってからこのページを再読み込みしてください。',
    },
    broken: { title: 'サーバーで問題が発生しました', sentence: 'しばらくしてからもう一度お試しください。' },
    refused: { title: 'この操作は完了できません', sentence: '前のページに戻ってもう一度お試しください。' },
  },
};
