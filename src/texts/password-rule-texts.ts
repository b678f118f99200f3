/** What is wrong with a new password, as a sentence in every language, by the rule that it breaks. */
import { fill, type InEveryLanguage, type Language } from './language.ts';

/** Names a rule for good; the sentences may change. */
export type PasswordRule =
  | 'tooLong'
  | 'tooShort'
  | 'fewKinds'
  | 'repeated'
  | 'ownIdentifier'
  | 'guessable'
  | 'breached'
  | 'usedBefore';

export const PASSWORD_RULE_TEXTS: InEveryLanguage<Readonly<Record<PasswordRule, string>>> = {
  en: {
    tooLong: 'The password must have at most {count} characters.',
    tooShort: 'The password must have at least {count} characters.',
    fewKinds: 'The password must have {count} of: lower case letters, upper case letters, digits, symbols.',
    repeated: 'The password must not have the same character three times in a row.',
    ownIdentifier: 'The password must not contain your email, phone number or username.',
    guessable: 'The password is too easy to guess; use words that do not belong together, or a longer one.',
    breached: 'The password is known from a data breach; choose another one.',
    usedBefore: 'The password was used before; choose one that you have not had lately.',
  },
  es: {
    tooLong: 'La contraseña debe tener como máximo {count} caracteres.',
    tooShort: 'La contraseña debe tener al menos {count} caracteres.',
    fewKinds: 'La contraseña debe tener {count} de: minúsculas, mayúsculas, cifras, símbolos.',
    repeated: 'La contraseña no debe tener el mismo carácter tres veces seguidas.',
    ownIdentifier: 'La contraseña no debe contener tu correo, teléfono ni nombre de usuario.',
    guessable: 'La contraseña es demasiado fácil de adivinar; usa palabras sin relación o una más larga.',
    breached: 'La contraseña se conoce por una filtración de datos; elige otra.',
    usedBefore: 'La contraseña ya se ha usado; elige una que no hayas tenido últimamente.',
  },
  fr: {
    tooLong: 'Le mot de passe doit avoir au plus {count} caractères.',
    tooShort: 'Le mot de passe doit avoir au moins {count} caractères.',
    fewKinds:
      'Le mot de passe doit comporter {count} de ces types : minuscules, majuscules, chiffres, symboles.',
    repeated: 'Le mot de passe ne doit pas avoir le même caractère trois fois de suite.',
    ownIdentifier:
      'Le mot de passe ne doit contenir ni votre e-mail, ni votre téléphone, ni votre nom d’utilisateur.',
    guessable: 'Le mot de passe est trop facile à deviner ; prenez des mots sans rapport, ou un plus long.',
    breached: 'Le mot de passe figure dans une fuite de données ; choisissez-en un autre.',
    usedBefore: 'Le mot de passe a déjà servi ; choisissez-en un que vous n’avez pas eu récemment.',
  },
  pt: {
    tooLong: 'A senha deve ter no máximo {count} caracteres.',
    tooShort: 'A senha deve ter pelo menos {count} caracteres.',
    fewKinds: 'A senha deve ter {count} de: minúsculas, maiúsculas, algarismos, símbolos.',
    repeated: 'A senha não deve ter o mesmo caractere três vezes seguidas.',
    ownIdentifier: 'A senha não deve conter o seu e-mail, telefone ou nome de utilizador.',
    guessable: 'A senha é demasiado fácil de adivinhar; use palavras sem relação, ou uma mais longa.',
    breached: 'A senha é conhecida de uma fuga de dados; escolha outra.',
    usedBefore: 'A senha já foi usada; escolha uma que não tenha tido recentemente.',
  },
  ja: {
    tooLong: 'パスワードは {count} 文字以内にしてください。',
    tooShort: 'パスワードは {count} 文字以上にしてください。',
    fewKinds: 'パスワードには、小文字、大文字、数字、記号のうち {count} 種類を使ってください。',
    repeated: 'パスワードで同じ文字を 3 回続けないでください。',
    ownIdentifier: 'パスワードにメールアドレス、電話番号、ユーザー名を含めないでください。',
    guessable: 'パスワードが推測されやすいです。関係のない言葉か、より長いものを使ってください。',
    breached: 'このパスワードは漏えいしたものとして知られています。別のものにしてください。',
    usedBefore: 'このパスワードは以前に使われています。最近使っていないものにしてください。',
  },
};

/** A rule that a password breaks, with the number in it, if there is one. */
export interface BrokenRule {
  readonly rule: PasswordRule;
  readonly count?: number;
}

export const passwordRule = (language: Language, { rule, count = 0 }: BrokenRule): string =>
  fill(PASSWORD_RULE_TEXTS[language][rule], { count });
