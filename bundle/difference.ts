/** Where two JSON values differ. Undefined stands for a value that is not there. */
export interface Difference {
  /** Keys and places in lists, with dots between them. */
  path: string;
  before: unknown;
  after: unknown;
}

/**
 * The places where two JSON values differ, in the order of their keys. Objects and lists of objects are compared part
 * by part; a list of numbers or texts is one value.
 */
export function findDifferences(before: unknown, after: unknown, path = ''): Difference[] {
  if (hasParts(before) && hasParts(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) =>
      findDifferences(before[key], after[key], path === '' ? key : `${path}.${key}`),
    );
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

const hasParts = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  (!Array.isArray(value) || (value.length > 0 && typeof value[0] === 'object'));
