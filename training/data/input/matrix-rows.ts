import { kindOf } from '../../../bundle/kind.ts';
import { assertRange, assertWidth, describeSamples } from '../../../bundle/samples.ts';
import type { Cell } from '../../../bundle/tables/cell.ts';
import { isTable } from '../../../bundle/tables/formats.ts';
import { makeClosable } from '../datasets/closable.ts';
import { DataError } from '../datasets/error.ts';
import { assertExists } from '../readers/formats.ts';
import type { ModelInput, RowFile } from './row-file.ts';
import { FILE, openSamples, type SampleReader } from './samples.ts';

/** Opens samples without named columns for a model of such data, and carries through `columns`. */
export async function openMatrixRows(
  path: string,
  model: ModelInput,
  columns: readonly string[] | undefined,
): Promise<RowFile> {
  await assertExists(path);
  if (isTable(path)) {
    throw new DataError(
      `${path} is a table of named columns: the model expects ${describeSamples(model)}, as a .npy or IDX file${kindOf(model) === 'image' ? ', or a folder of images' : ''}; --model names another`,
    );
  }
  await using resources = new AsyncDisposableStack();
  const samples = resources.use(await openSamples(path, model));
  const { count, features } = samples;
  assertWidth(path, features, model);
  if (count === 0) throw new DataError(`${path}: there are no rows`);
  const names = columns ?? (samples.columns.has(FILE) ? [FILE] : []);
  const carried = names.map((name) => findColumn(path, samples, name));
  return {
    path,
    features,
    expected: count,
    carried: names.map((name) => ({ name, type: 'text' })),
    async read(onBatch, batch) {
      const rows = new Float32Array(Math.min(batch, count) * features);
      for (let start = 0; start < count; start += batch) {
        const size = Math.min(batch, count - start);
        const part = rows.subarray(0, size * features);
        await samples.copy(start, part);
        assertRange(path, part, start, model);
        const cells: Cell[][] = carried.map((values) => values.slice(start, start + size));
        await onBatch(part, size, start, cells);
      }
      return count;
    },
    ...makeClosable(resources.move()),
  };
}

function findColumn(path: string, { columns }: SampleReader, name: string): readonly string[] {
  const values = columns.get(name);
  if (values) return values;
  const known = [...columns.keys()].join(', ');
  throw new DataError(
    `${path}: there is no column ${name}: ${known ? `expected ${known}` : 'the data has no columns'}`,
  );
}
