/** A text in small letters without accents: Störung is storung, Straße strasse. */
export const plainLetters = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss');

/** The parts of a name: `isFraud`, `Is Fraud` and `is-fraud` are is and fraud. */
export const nameParts = (name: string): string[] =>
  plainLetters(name.replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1_$2').replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2'))
    .split(/[^\p{L}\d]+/u)
    .filter((part) => part !== '');
