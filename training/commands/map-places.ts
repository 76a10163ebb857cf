import type { OutputColumn, Values } from '../../bundle/tables/text.ts';
import { DataError } from '../data/datasets/error.ts';
import type { Vectors } from '../data/input/vectors.ts';
import { openWriter } from '../data/output/open.ts';
import { type MapSettings, packSettings } from './map-settings.ts';

/** Rows that become one text, which must not be longer than a string can be. */
const SLICE = 1024;

/** The columns of a place on a map with 2 or 3 axes. */
export const placeColumns = (dims: number): string[] => ['x', 'y', 'z'].slice(0, dims);

/** Throws a {@link DataError} if a column that is carried along has the name of a place's column. */
export function assertNoPlaces(file: string, { carried }: Vectors, dims: number): void {
  const axes = placeColumns(dims);
  const taken = carried.find(({ column }) => axes.includes(column.name))?.column.name;
  if (taken === undefined) return;
  throw new DataError(
    `${file}: the map has columns ${axes.slice(0, -1).join(', ')} and ${axes.at(-1)}, and so has the file: leave ${taken} out with --exclude ${taken}`,
  );
}

/**
 * Writes a row for each vector, the columns that are carried along and its place (n × dims), and to Parquet how the map was
 * made. Returns the names of the columns.
 */
export async function writePlaces(
  out: string,
  { carried, n }: Vectors,
  places: Float32Array,
  settings: MapSettings,
): Promise<string[]> {
  const { dims } = settings;
  const axes = placeColumns(dims);
  const columns: OutputColumn[] = [
    ...carried.map(({ column }) => column),
    ...axes.map((name) => ({ name, type: 'float' as const })),
  ];
  const values: Values[] = axes.map((_, axis) => places.filter((_, p) => p % dims === axis));
  await using writer = await openWriter(out, columns, packSettings(settings));
  const whole = [...carried.map(({ cells }) => cells), ...values];
  for (let start = 0; start < n; start += SLICE) {
    const end = Math.min(start + SLICE, n);
    await writer.write(
      whole.map((column) => column.slice(start, end)),
      end - start,
    );
  }
  await writer.finish();
  return columns.map(({ name }) => name);
}
