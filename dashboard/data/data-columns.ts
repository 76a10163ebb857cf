import { datePrecision, parseFormatted } from '../../bundle/date-format.ts';
import { tableColumns } from '../../bundle/kind.ts';
import type { RecordValue } from '../../bundle/record.ts';
import { linearScale } from '../common/scale.ts';
import { type Column, dateFormat } from './columns.ts';
import { type Data, featureName } from './rows.ts';

const PREFIX = 'data.';

/** What filters and links call a column of the data. */
export const keyOfData = (data: Data, j: number): string => PREFIX + featureName(data, j);

/** The name in the data of a column with this key; undefined for other keys. */
export const nameOfKey = (key: string): string | undefined =>
  key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined;

/** A column of the data as something to filter, sort and colour by. Dates are days since 1970-01-01. */
export function dataColumn(data: Data, j: number, values: readonly RecordValue[]): Column {
  const name = featureName(data, j);
  const named = { key: keyOfData(data, j), name, own: true };
  const column = tableColumns(data)[j];
  if (column?.kind === 'flag') {
    const codes = Int8Array.from(values, (value) => (value === null ? -1 : Number(value)));
    return { ...named, kind: 'category', categories: column.words, codes, missing: 'missing' };
  }
  if (column?.kind === 'category') {
    // What the model does not know comes last, so that the codes of the others are those of the model.
    const known = new Set(column.categories);
    const found = new Set(values.filter((value) => value !== null).map(String));
    const categories = [...known, ...[...found].filter((name) => !known.has(name)).sort()];
    const index = new Map(categories.map((category, code) => [category, code]));
    const codes = Int32Array.from(values, (value) =>
      value === null ? -1 : (index.get(String(value)) ?? -1),
    );
    return { ...named, kind: 'category', categories, codes, missing: 'missing' };
  }
  const isDate = column?.kind === 'date';
  const numbers = Float64Array.from(values, (value) => {
    if (value === null) return Number.NaN;
    return isDate ? parseFormatted(String(value)) : Number(value);
  });
  const scale = linearScale(numbers);
  if (!isDate) return { ...named, kind: 'number', values: numbers, scale };
  return { ...named, kind: 'number', values: numbers, scale, ...dateFormat(datePrecision(numbers)) };
}

/** The surprises of a detector, in nats, as something to filter and colour by. */
export function detectorColumn(key: string, name: string, values: readonly RecordValue[]): Column {
  const numbers = Float64Array.from(values, Number);
  const scale = linearScale(numbers);
  return { key, name, kind: 'number', values: numbers, scale, unit: 'nats', anomalous: 'high' };
}
