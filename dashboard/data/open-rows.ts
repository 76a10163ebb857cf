import { asyncBufferFromUrl } from 'hyparquet';
import type { Bundle } from '../../bundle/files.ts';
import { RowsFile } from '../../bundle/rows.ts';
import { ROWS_FILE, WHOLE_ROWS_BYTES } from '../../bundle/rows-file.ts';

/**
 * Opens the rows of a bundle at an address that ends in `/`. `fetchPart` gets parts of the file; a server that sends no parts
 * sends the whole file once.
 */
export async function openRows(bundle: Bundle, base: string, fetchPart: typeof fetch): Promise<RowsFile> {
  const byteLength = bundle.manifest.files.find(({ name }) => name === ROWS_FILE)?.bytes ?? 0;
  const file =
    byteLength <= WHOLE_ROWS_BYTES
      ? (await bundle.file(ROWS_FILE)).slice().buffer
      : await asyncBufferFromUrl({ url: new URL(ROWS_FILE, base).href, byteLength, fetch: fetchPart });
  return RowsFile.open(file, bundle.manifest);
}
