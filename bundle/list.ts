const choices = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** Lists choices in words: `a, b or c`. */
export const listChoices = (names: readonly string[]): string => choices.format(names);
