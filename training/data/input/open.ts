import { kindOf } from '../../../bundle/kind.ts';
import { openMatrixRows } from './matrix-rows.ts';
import type { ModelInput, RowFile } from './row-file.ts';
import { openTableRows } from './table-rows.ts';

/**
 * Opens a file of rows for a model: a table if it was trained on one, else an array, images or `mnist` (its test
 * images). `columns` are carried through: any columns of a table; `file` and, if each image is in a subfolder, `class`
 * for a folder of images; `class` for IDX files with labels. For a folder, the default is `file`. `who` says
 * in messages what asks for them. Throws a {@link DataError} that says what does not fit.
 */
export async function openRows(
  path: string,
  model: ModelInput,
  columns?: readonly string[],
  who?: string,
): Promise<RowFile> {
  return kindOf(model) === 'table'
    ? openTableRows(path, model, columns, who)
    : openMatrixRows(path, model, columns);
}
