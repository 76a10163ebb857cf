import { parquetWriteBuffer } from 'hyparquet-writer';
import { kindOf, tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { toRecord } from '../../bundle/record.ts';
import { nameRowColumns } from '../../bundle/row-columns.ts';
import { ROWS_FILE } from '../../bundle/rows-file.ts';
import type { Reason, RowsDescription } from '../../bundle/rows-schema.ts';
import { rankFeatures } from '../../bundle/score-response.ts';
import type { RowIds } from '../data/sources/description.ts';
import type { Samples } from '../network/samples.ts';
import { Scorer } from '../scorer/scorer.ts';

/** Rows in a row group; fewer if they are wide. */
const GROUP = 2000;
const GROUP_VALUES = 2 ** 18;

/** With more values than this, they are left out: the file would be too large to be served. */
export const MOST_VALUES = 4_000_000;

type Column = Parameters<typeof parquetWriteBuffer>[0]['columnData'][number];

/** Whether the values of so many rows are kept. Images have thumbnails instead. */
export const keepsValues = (data: Pick<Manifest['data'], 'shape' | 'scaling' | 'features'>, count: number) =>
  kindOf(data) !== 'image' && count * data.features <= MOST_VALUES;

/**
 * Makes `rows.parquet`: for the first `count` samples, which are the points of the map in their order, the ids, the raw
 * values, each detector's surprise, and the features with the largest shares.
 */
export async function encodeRows(
  model: { scorer: Uint8Array; detectors: readonly { name: string }[] },
  data: Manifest['data'],
  samples: Samples,
  { ids, count }: { ids: readonly RowIds[]; count: number },
  options: { threads?: number },
): Promise<{ rows: RowsDescription; files: Map<string, Uint8Array> }> {
  const { features } = data;
  const names = [...(data.names ?? []), ...ids.map(({ name }) => name)];
  const rows: RowsDescription = {
    group: Math.max(1, Math.min(GROUP, Math.floor(GROUP_VALUES / features))),
    ids: ids.map(({ name }) => name),
    values: keepsValues(data, count),
    prefix: choosePrefix(names),
  };
  const columns = nameRowColumns({ data, scorer: { detectors: model.detectors } }, rows);
  const { surprises, reasons } = await scoreRows(model, samples, count, rows.group, columns.reasons.length, {
    ...options,
    features,
  });
  const width = model.detectors.length;
  const columnData: Column[] = [
    ...ids.map(({ name, values }): Column => ({ name, data: [...values], type: 'STRING', nullable: true })),
    ...(rows.values ? encodeValues(data, samples, count, columns.values) : []),
    ...columns.surprises.map(
      (name, j): Column => ({
        name,
        data: Float32Array.from({ length: count }, (_, i) => surprises[i * width + j]),
        type: 'FLOAT',
      }),
    ),
    ...columns.reasons.flatMap(({ index, share, expected }, k): Column[] => [
      { name: index, data: Int32Array.from(reasons, (row) => row[k].index), type: 'INT32' },
      { name: share, data: Float32Array.from(reasons, (row) => row[k].share), type: 'FLOAT' },
      { name: expected, data: Float32Array.from(reasons, (row) => row[k].expected), type: 'FLOAT' },
    ]),
  ];
  const bytes = new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: rows.group }));
  return { rows, files: new Map([[ROWS_FILE, bytes]]) };
}

/** Underscores that no column of the data begins with. */
function choosePrefix(names: readonly string[]): string {
  let prefix = '_';
  while (names.some((name) => name.startsWith(prefix))) prefix += '_';
  return prefix;
}

/** What the scorer says about each sample: n × detectors surprises, and the reasons for its score. */
async function scoreRows(
  { scorer: graph, detectors }: { scorer: Uint8Array; detectors: readonly unknown[] },
  { data }: Samples,
  count: number,
  group: number,
  top: number,
  { features, threads }: { features: number; threads?: number },
): Promise<{ surprises: Float32Array; reasons: Reason[][] }> {
  await using scorer = await Scorer.load(graph, { threads });
  const surprises = new Float32Array(count * detectors.length);
  const reasons: Reason[][] = [];
  for (let start = 0; start < count; start += group) {
    const size = Math.min(group, count - start);
    const part = Float32Array.from(data.subarray(start * features, (start + size) * features));
    if (top === 0) {
      surprises.set((await scorer.run(part, size, ['detectors'])).detectors, start * detectors.length);
      continue;
    }
    const output = await scorer.run(part, size, [
      'detectors',
      'reconstruction',
      'feature_error',
      'feature_share',
    ]);
    surprises.set(output.detectors, start * detectors.length);
    for (let i = 0; i < size; i++) {
      const found = rankFeatures(part, output, i, features, top);
      reasons.push(found.map(({ index, share, expected }) => ({ index, share, expected })));
    }
  }
  return { surprises, reasons };
}

const TYPES = { number: 'DOUBLE', flag: 'BOOLEAN', category: 'STRING', date: 'STRING' } as const;

/** The raw values as columns: as in a record for a table, else as they are. */
function encodeValues(
  data: Manifest['data'],
  samples: Samples,
  count: number,
  names: readonly string[],
): Column[] {
  const columns = tableColumns(data);
  const { features } = data;
  if (columns.length === 0) {
    return names.map((name, j) => ({
      name,
      data: Float32Array.from({ length: count }, (_, i) => samples.data[i * features + j]),
      type: 'FLOAT',
    }));
  }
  const records = Array.from({ length: count }, (_, i) =>
    toRecord(columns, samples.data.subarray(i * features, (i + 1) * features)),
  );
  return columns.map(({ name, kind }) => ({
    name,
    data: records.map((record) => record[name]),
    type: TYPES[kind],
    nullable: true,
  }));
}
