import type { Configuration } from '../../config/schema.ts';
import { openTable } from '../readers/open-table.ts';
import { EXCLUDED } from './infer.ts';
import type { ExcludedColumn } from './label.ts';

/** A word that is not a number with decimals. */
const ID = /^(?!-?\d+[.,]\d+$)\S{1,64}$/;

/** Why a column is left out if it is an id by its values, or may be one. */
const CANDIDATES: readonly string[] = Object.values(EXCLUDED);

/**
 * Reads the ids of rows (counted from 0) from the columns that the model does not see: those that have another
 * whole number or another short word in each of these rows.
 */
export async function readTableIds(
  path: string,
  configuration: Configuration,
  excluded: readonly ExcludedColumn[],
  rows: Uint32Array,
): Promise<{ name: string; values: (string | null)[] }[]> {
  const names = excluded.filter(({ why }) => CANDIDATES.includes(why)).map(({ name }) => name);
  if (names.length === 0) return [];
  await using table = await openTable(path, configuration);
  const columns = table.columns.filter(({ name }) => names.includes(name));
  if (columns.length === 0) return [];
  const found = columns.map(({ name }) => ({
    name,
    values: new Array<string | null>(rows.length).fill(null),
  }));
  // The places of the rows, in the order of the file.
  const places = rows.map((_, place) => place).sort((a, b) => rows[a] - rows[b]);
  let start = 0;
  let next = 0;
  for await (const { count, cells } of table.read(columns)) {
    for (; next < places.length && rows[places[next]] < start + count; next++) {
      for (const [j, { values }] of found.entries()) {
        const value = cells[j].exact(rows[places[next]] - start);
        values[places[next]] = value === null ? null : String(value).trim();
      }
    }
    start += count;
  }
  return found.filter(({ values }) => areIds(values));
}

const areIds = (values: readonly (string | null)[]): boolean =>
  new Set(values).size === values.length && values.every((value) => value !== null && ID.test(value));
