import { DataError } from '../../bundle/error.ts';
import { type TextFile, withoutMark } from '../../bundle/tables/bytes.ts';
import { isGzip } from '../../bundle/tables/formats.ts';

/** A file that was dropped or chosen, and what messages call it: its name, or its path in a folder. */
export interface NamedFile {
  readonly path: string;
  readonly blob: Blob;
}

/** A text file in the browser, also gzipped. */
export const openTextFile = ({ path, blob }: NamedFile): TextFile => ({
  path,
  size: isGzip(path) ? undefined : blob.size,
  read: () => withoutMark(path, readBytes(path, blob)),
});

async function* readBytes(path: string, blob: Blob): AsyncGenerator<Uint8Array> {
  const zipped = isGzip(path);
  const stream: ReadableStream<Uint8Array> = zipped
    ? blob.stream().pipeThrough(new DecompressionStream('gzip'))
    : blob.stream();
  // Not every browser iterates over a stream.
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: Error) => {
        throw new DataError(
          zipped
            ? `${path} is not a complete gzip file: ${error.message}`
            : `${path} cannot be read: ${error.message}`,
        );
      });
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}
