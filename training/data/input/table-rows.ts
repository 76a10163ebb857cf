import { stat } from 'node:fs/promises';
import { tableColumns } from '../../../bundle/kind.ts';
import { isTable } from '../../../bundle/tables/formats.ts';
import { describeCarried, readModelRows } from '../../../bundle/tables/model-rows.ts';
import { makeClosable } from '../datasets/closable.ts';
import { DataError } from '../datasets/error.ts';
import { openTable as openTableFile } from '../readers/open-table.ts';
import type { ModelInput, RowFile } from './row-file.ts';

/** Opens a table for a model of named columns, and carries through `carry`, for `who`. */
export async function openTableRows(
  path: string,
  model: ModelInput,
  carry: readonly string[] = [],
  who = '--columns names',
): Promise<RowFile> {
  const columns = tableColumns(model);
  if (!isTable(path)) {
    const found = await stat(path).catch(() => undefined);
    const names = columns.map(({ name }) => name).join(', ');
    throw new DataError(
      `${path} ${found ? 'is not a table:' : 'cannot be read: there is no such file or folder;'} the model expects .csv, .tsv, .json, .ndjson or .parquet with the columns ${names}; --model names another`,
    );
  }
  await using resources = new AsyncDisposableStack();
  const expected = columns.map(({ name }) => name);
  // A model of such columns may have been trained on a file without a header.
  const header = !expected.every((name) => /^column \d+$/.test(name));
  const table = resources.use(await openTableFile(path, { header, expected }));
  const carried = describeCarried(table, carry, who);
  return {
    path,
    features: columns.length,
    expected: await table.estimateRows(),
    carried,
    async read(onBatch, batch) {
      const count = await readModelRows(table, columns, onBatch, { batch, carried });
      if (count === 0) throw new DataError(`${path}: there are no rows`);
      return count;
    },
    ...makeClosable(resources.move()),
  };
}
