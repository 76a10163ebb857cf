/** A category as a file or a request has it: a text, or typed. */
export type CategoryValue = string | number | boolean;

/** One text for a number that files and JSON write differently: a whole number without .0. */
export const canonicalText = (text: string): string => (/^-?\d+\.0$/.test(text) ? text.slice(0, -2) : text);

/** One text for a category that programs write differently: as for numbers, and true and false in lower case. */
export const categoryKey = (text: string): string =>
  /^(true|false)$/i.test(text) ? text.toLowerCase() : canonicalText(text);

/** A decimal with zeros at its end, such as 1.50. */
const PADDED = /^-?\d+\.\d*0$/;

/**
 * Finds categories by their texts; −1 for one that is none. A number with a type is also found as a decimal with zeros at
 * its end: 1.5 as 1.50. The text 1.50 is not the text 1.5, as they may be versions.
 */
export function findCategories(categories: readonly string[]): (value: CategoryValue) => number {
  const places = new Map(categories.map((text, i) => [categoryKey(text), i]));
  const padded = new Map<string, number>();
  for (const [i, text] of categories.entries()) {
    const shortest = String(Number(text));
    if (PADDED.test(text) && !padded.has(shortest)) padded.set(shortest, i);
  }
  return (value) => {
    const text = String(value);
    const place = places.get(text) ?? places.get(categoryKey(text));
    return place ?? (typeof value === 'number' ? padded.get(text) : undefined) ?? -1;
  };
}
