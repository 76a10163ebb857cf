import { access, constants, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KeyValue } from 'hyparquet';
import { AtomicFile } from '../../../bundle/node/atomic.ts';
import { writingReason } from '../../../bundle/system-error.ts';
import { csvFormat, ndjsonFormat, type OutputColumn } from '../../../bundle/tables/text.ts';
import { DataError } from '../datasets/error.ts';
import { findOutputFormat, type OutputFormat, STDOUT, WRITTEN } from './formats.ts';
import { ParquetFileWriter } from './parquet-file.ts';
import type { RowWriter } from './row-writer.ts';
import { StdoutWriter } from './stdout.ts';
import { TextFileWriter } from './text-file.ts';

/**
 * Opens a file to write rows to, in the format that its name ends in: CSV, NDJSON or Parquet; CSV on standard output
 * for `-`. The file appears when it is complete, see {@link AtomicFile}. Throws a {@link DataError} or a WriteError
 * that says why a file cannot be written.
 *
 * @param about what a Parquet file says about itself
 */
export async function openWriter(
  out: string,
  columns: readonly OutputColumn[],
  about?: KeyValue,
): Promise<RowWriter> {
  if (out === STDOUT) return new StdoutWriter(csvFormat(columns));
  await assertWritable(out);
  await using resources = new AsyncDisposableStack();
  const file = resources.adopt(new AtomicFile(out), (it) => it.abort());
  const guard = async <T>(use: () => T | Promise<T>): Promise<T> => {
    try {
      return await use();
    } catch (error) {
      throw file.explain(error);
    }
  };
  const inner = resources.use(
    await guard(() => openFormat(findOutputFormat(out), file.temporary, columns, about)),
  );
  const owned = resources.move();
  let finished = false;
  const abort = async () => {
    if (!finished) await owned.disposeAsync();
  };
  return {
    write: (values, count) => guard(() => inner.write(values, count)),
    async finish() {
      await guard(() => inner.finish());
      await file.commit();
      finished = true;
    },
    abort,
    [Symbol.asyncDispose]: abort,
  };
}

function openFormat(
  format: OutputFormat | undefined,
  path: string,
  columns: readonly OutputColumn[],
  about?: KeyValue,
): RowWriter | Promise<RowWriter> {
  if (format === 'parquet') return new ParquetFileWriter(path, columns, about);
  return TextFileWriter.open(path, format === 'csv' ? csvFormat(columns) : ndjsonFormat(columns));
}

/** Throws a {@link DataError} if the output, which `option` names, is the file that is read. */
export async function assertNotInput(out: string, input: string, option = '--out'): Promise<void> {
  if (out === STDOUT) return;
  const paths = [out, input].map((path) => realpath(path).catch(() => undefined));
  const [one, other] = await Promise.all(paths);
  if (one !== undefined && one === other) {
    throw new DataError(`${out} is also the input: choose another name with ${option}`);
  }
}

/** Throws a {@link DataError} if a file cannot be written: it is a folder, or in none, or its format is not supported. */
export async function assertWritable(out: string): Promise<void> {
  if (out === STDOUT) return;
  const found = await stat(out).catch(() => undefined);
  if (found?.isDirectory()) throw new DataError(`${out} is a folder: expected ${WRITTEN}`);
  if (!findOutputFormat(out))
    throw new DataError(`${out}: this format is not supported: expected ${WRITTEN}`);
  const folder = dirname(out);
  await access(folder, constants.W_OK).catch((error) => {
    throw new DataError(`${out} cannot be written: ${writingReason(error, out)}`);
  });
}
