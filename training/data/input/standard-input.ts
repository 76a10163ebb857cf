import { createWriteStream, rmSync } from 'node:fs';
import { mkdtemp, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../../../bundle/error.ts';
import { reason } from '../../../bundle/system-error.ts';
import { DataError } from '../datasets/error.ts';
import { STDIN } from '../readers/formats.ts';

const IN_WORDS = 'standard input';

/** How messages name an input file: `-` is standard input. */
export const describeInput = (file: string): string => (file === STDIN ? IN_WORDS : file);

/** Formats that standard input may have. */
export type InputFormat = 'csv' | 'tsv' | 'ndjson' | 'json';

export interface InputOptions {
  /** The format of standard input; by default it is detected from the first character. */
  format?: InputFormat;
  /** Read for `-`. */
  stdin?: Readable;
}

/**
 * Calls `use` with the path of a file. For `-`, this is a temporary file with what standard input holds; it is removed
 * whatever happens, also when the process exits. Throws a {@link DataError} if it cannot be written.
 */
export async function withInput<T>(
  file: string,
  { format, stdin = process.stdin }: InputOptions,
  use: (path: string) => Promise<T>,
): Promise<T> {
  if (file !== STDIN) return use(file);
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.on('exit', remove);
  try {
    const path = await store(stdin, folder, format);
    return await use(path).catch((error) => {
      throw error instanceof UserError && error.message.includes(path)
        ? new DataError(error.message.replaceAll(path, IN_WORDS))
        : error;
    });
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** Writes a stream to a file whose name ends in its format. */
async function store(stream: Readable, folder: string, format: InputFormat | undefined): Promise<string> {
  const path = join(folder, 'input');
  let first = '';
  async function* watch(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      first ||= Buffer.from(chunk).toString('utf8').trimStart().charAt(0);
      yield chunk;
    }
  }
  await pipeline(stream, watch, createWriteStream(path)).catch((error) => {
    throw new DataError(`${IN_WORDS} cannot be stored in ${tmpdir()}: ${reason(error)}`);
  });
  const named = `${path}.${format ?? guessFormat(first)}`;
  await rename(path, named);
  return named;
}

const guessFormat = (first: string): InputFormat =>
  first === '{' ? 'ndjson' : first === '[' ? 'json' : 'csv';
