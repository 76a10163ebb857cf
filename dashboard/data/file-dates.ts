import { parseDate } from '../../bundle/date.ts';
import { tableColumns } from '../../bundle/kind.ts';
import type { Cell } from '../../bundle/tables/cell.ts';
import { linearScale } from '../common/scale.ts';
import type { Column } from './columns.ts';
import { keyOfData } from './data-columns.ts';
import { type Drift, measureDrift } from './drift.ts';
import { type Data, featureName } from './rows.ts';
import { dateKeys } from './timeline.ts';

/** A date column of a dropped file, and which of the columns that the model reads moved with it. */
export interface FileDate {
  key: string;
  name: string;
  /** Days since 1970-01-01 of each row, NaN where there is none. */
  values: Float64Array;
  drifts: Drift[];
}

/** The columns of a file: raw values of those that the model reads, by their index, and the carried ones, by their name. */
export interface FileColumns {
  data: Data;
  raw: (j: number) => Float32Array;
  carried: ReadonlyMap<string, readonly Cell[]>;
}

/** The date columns of a file: those that the model reads, a clock first, then texts that are all dates. */
export function findFileDates({ data, raw, carried }: FileColumns): FileDate[] {
  const columns = tableColumns(data);
  const own = dateKeys(data).map((key) => {
    const j = columns.findIndex((_, at) => keyOfData(data, at) === key);
    const column = columns[j]!;
    const origin = column.kind === 'date' ? column.origin : 0;
    return { key, name: featureName(data, j), values: Float64Array.from(raw(j), (value) => value + origin) };
  });
  const others = [...carried].flatMap(([name, cells]) => {
    const values = readDates(cells);
    return values ? [{ key: `carried.${name}`, name, values }] : [];
  });
  const dates = [...own, ...others];
  if (dates.length === 0) return [];
  // Dates move with time by themselves.
  const followed = columns.flatMap(({ kind }, j) => (kind === 'date' ? [] : [rawColumn(data, j, raw(j))]));
  return dates.map((date) => ({ ...date, drifts: measureDrift(followed, date.values) }));
}

/** Texts as days since 1970-01-01; undefined if they are not all dates. */
function readDates(cells: readonly Cell[]): Float64Array | undefined {
  const days = new Float64Array(cells.length).fill(Number.NaN);
  for (const [i, cell] of cells.entries()) {
    if (cell === null) continue;
    const day = typeof cell === 'string' ? parseDate(cell) : undefined;
    if (day === undefined) return undefined;
    days[i] = day;
  }
  return days.every(Number.isNaN) ? undefined : days;
}

/** A column of a table from the raw values that the model reads. */
function rawColumn(data: Data, j: number, raw: Float32Array): Column {
  const column = tableColumns(data)[j]!;
  const named = { key: keyOfData(data, j), name: featureName(data, j), own: true };
  if (column.kind === 'flag') {
    const codes = Int8Array.from(raw, (value) => (Number.isNaN(value) ? -1 : Number(value >= 0.5)));
    return { ...named, kind: 'category', categories: column.words, codes, missing: 'missing' };
  }
  if (column.kind === 'category') {
    // What the model does not know is -1 for it, and comes last here.
    const { length } = column.categories;
    const codes = Int32Array.from(raw, (value) => (Number.isNaN(value) ? -1 : value < 0 ? length : value));
    return {
      ...named,
      kind: 'category',
      categories: [...column.categories, 'new'],
      codes,
      missing: 'missing',
    };
  }
  const origin = column.origin ?? 0;
  const values = Float64Array.from(raw, (value) => value + origin);
  return { ...named, kind: 'number', values, scale: linearScale(values) };
}
