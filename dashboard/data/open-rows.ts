import { asyncBufferFromUrl } from 'hyparquet';
import type { Bundle } from '../../bundle/reader.ts';
import { RowsFile } from '../../bundle/rows.ts';
import { ROWS_FILE } from '../../bundle/rows-schema.ts';

/** A file up to this size is read as a whole, and its SHA-256 is checked. Of a larger one, parts are read as needed. */
const WHOLE_BYTES = 4 * 2 ** 20;

/**
 * Opens the rows of a bundle at an address that ends in `/`. A server that sends no parts of files sends the whole file
 * once.
 */
export async function openRows(bundle: Bundle, base: string): Promise<RowsFile> {
  const byteLength = bundle.manifest.files.find(({ name }) => name === ROWS_FILE)?.bytes ?? 0;
  const file =
    byteLength <= WHOLE_BYTES
      ? (await bundle.file(ROWS_FILE)).slice().buffer
      : await asyncBufferFromUrl({ url: new URL(ROWS_FILE, base).href, byteLength });
  return RowsFile.open(file, bundle.manifest);
}
