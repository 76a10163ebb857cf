import { type RecordValue, unknownCategory } from '../../bundle/record.ts';

/** The option of a category's menu for a value: its index, -1 for an unknown category, empty for a missing one. */
export const categoryOption = (categories: readonly string[], value: RecordValue | undefined): string =>
  value === null || value === undefined ? '' : String(categories.indexOf(String(value)));

/** The inverse of {@link categoryOption}; an unknown category gets a name that no category has. */
export function readCategoryOption(categories: readonly string[], option: string): string | null {
  if (option === '') return null;
  return option === '-1' ? unknownCategory(categories) : categories[Number(option)]!;
}

/** A date for an input field: `2024-05-31`, or with the time in UTC and without its zone. */
export const dateInputText = (value: RecordValue | undefined): string =>
  String(value ?? '').replace(/Z$/, '');

/** Which fields of a form are wrong, in a sentence; empty if none is. */
export function describeWrongFields(names: readonly string[]): string {
  if (names.length === 0) return '';
  return `${names.length === 1 ? 'A field is' : `${names.length} fields are`} wrong: ${names.join(', ')}.`;
}
