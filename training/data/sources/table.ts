import { encodedWidth } from '../../../bundle/column-encoding.ts';
import type { Configuration } from '../../config/schema.ts';
import { makeClosable } from '../datasets/closable.ts';
import { DataError } from '../datasets/error.ts';
import type { OpenOptions } from '../datasets/open.ts';
import { listExcluded, listRemaining } from '../datasets/split.ts';
import { dataName } from '../readers/formats.ts';
import { readTableIds } from '../tables/ids.ts';
import { openTrainingTable } from '../tables/training-table.ts';
import type { Source } from './description.ts';
import { fingerprintFile } from './fingerprint.ts';
import { drawSplit } from './held-out.ts';

/** Options for data without named columns. */
const OTHERS = ['shape', 'range', 'pose', 'smoothing'] as const;

/** Opens a table of named columns. */
export async function openTable(
  path: string,
  configuration: Configuration,
  options: OpenOptions,
): Promise<Source> {
  for (const key of OTHERS) {
    if (configuration[key] !== undefined) {
      throw new DataError(`${key} is given, but ${path} is a table of columns`);
    }
  }
  await using resources = new AsyncDisposableStack();
  let listTrained = (): Uint32Array => new Uint32Array(0);
  const draw = (count: number) => {
    const rows = drawSplit(path, count, configuration);
    listTrained = () => listRemaining(count, listExcluded(rows));
    return rows;
  };
  const table = resources.use(await openTrainingTable(path, configuration, draw, options));
  const { label, excluded, train } = table;
  const columns = [...table.columns];
  const { validation, calibration, test } = table.heldOut;
  const read = async (indices: Uint32Array) => ({ data: await table.rows(indices), count: indices.length });
  const fingerprint = await fingerprintFile(path);
  const anomalous = table.anomalous && Uint8Array.from(test, (row) => table.anomalous![row]);
  return {
    name: dataName(path),
    shape: [columns.length],
    features: columns.length,
    encoded: encodedWidth(columns),
    names: columns.map(({ name }) => name),
    label: label?.name ?? null,
    excluded,
    pairs: table.pairs,
    scaling: { kind: 'columns', columns },
    range: null,
    train,
    validation: await read(validation),
    calibration: await read(calibration),
    test: await read(test),
    ids: test,
    labels: anomalous,
    classes: label?.classes ?? [],
    anomalous,
    seen: {
      list: () => ({ train: listTrained(), validation, calibration }),
      read,
      labels: table.anomalous,
    },
    fingerprint,
    async readIds(rows) {
      if ((await fingerprintFile(path)) !== fingerprint) {
        throw new DataError(`${path} was changed while the model was trained: start again`);
      }
      return readTableIds(path, configuration, excluded, rows);
    },
    ...makeClosable(resources.move()),
  };
}
