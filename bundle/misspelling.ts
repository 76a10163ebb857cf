/** Longer names are cut before they are compared: nobody mistypes a known name at this length. */
const MOST_COMPARED = 60;

/**
 * Finds the known name nearest to `name` by edit distance, ignoring case. `near` says whether it is likely what was
 * meant: at most half of its letters differ.
 */
export function findNearestName(name: string, known: readonly string[]): { name: string; near: boolean } {
  const given = name.slice(0, MOST_COMPARED).toLowerCase();
  const distances = known.map((other) => editDistance(given, other.toLowerCase()));
  const least = Math.min(...distances);
  const nearest = known[distances.indexOf(least)]!;
  return { name: nearest, near: least <= nearest.length / 2 };
}

/** Records with more unknown fields than this belong to another table: only the first ones are compared. */
const MOST_UNKNOWN = 50;

/**
 * Finds the columns that a record lacks while one of its unknown fields has almost the same name. Without this check,
 * a misspelt field would be ignored and its column taken as missing. `known`: fields that are no columns, but expected.
 */
export function findMisspelt(
  columns: readonly { readonly name: string }[],
  fields: readonly string[],
  known: readonly string[] = [],
): { field: string; column: string }[] {
  const names = new Set([...columns.map(({ name }) => name), ...known]);
  const given = new Set(fields);
  const absent = columns.filter(({ name }) => !given.has(name)).map(({ name }) => name);
  return fields
    .filter((field) => !names.has(field))
    .slice(0, MOST_UNKNOWN)
    .flatMap((field) => {
      const column = absent.find((name) => isSlip(field, name));
      return column === undefined ? [] : [{ field, column }];
    });
}

/** Whether two names differ only in case and punctuation, by one edit, or by words at the end, such as a unit. */
function isSlip(field: string, name: string): boolean {
  if (lettersOf(name) === lettersOf(field)) return true;
  if (Math.min(name.length, field.length) < 3) return false;
  return editDistance(name, field, 1) <= 1 || extendsName(field, name) || extendsName(name, field);
}

/** Whether a name begins with all words of another: `flow_c` with `flow`, but not `flower`. */
const extendsName = (long: string, short: string): boolean =>
  long.toLowerCase().startsWith(short.toLowerCase()) && /^[^\p{L}\p{N}]/u.test(long.slice(short.length));

const lettersOf = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/**
 * How many edits turn one text into the other: letters inserted, deleted or replaced, or two neighbours swapped
 * (Damerau 1964, Levenshtein 1966; the optimal string alignment). Stops early, with a number above `most`, once there
 * are more than `most`.
 */
export function editDistance(a: string, b: string, most = Number.POSITIVE_INFINITY): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const from = a.slice(start, a.length - end);
  const to = b.slice(start, b.length - end);
  let [before, row] = [[] as number[], Array.from({ length: to.length + 1 }, (_, j) => j)];
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const replaced = row[j]! + Number(from[i] !== to[j]);
      const swapped =
        i > 0 && j > 0 && from[i] === to[j - 1] && from[i - 1] === to[j] ? before[j - 1]! + 1 : replaced;
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1, swapped));
    }
    if (Math.min(...row) > most && Math.min(...next) > most) return most + 1;
    [before, row] = [row, next];
  }
  return row[to.length]!;
}
