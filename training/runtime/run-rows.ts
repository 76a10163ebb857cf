import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { collectCopies } from './collector.ts';
import type { Matrix, RowReader } from './rows.ts';
import { tensor } from './session.ts';

type Feeds = Readonly<Record<string, Tensor>>;
type Outputs = InferenceSession.OnnxValueMapType;

export interface RunRowsOptions {
  /** The graph's input, N × d; `x` unless given. */
  input?: string;
  /** Rows in one run of the graph. */
  chunk?: number;
  /** The other inputs: the same in every run, or chosen for the rows start … start + size. */
  feeds?: Feeds | ((start: number, size: number) => Feeds);
}

/** Input values in a run, which bounds its memory, and bounds for the number of rows. */
const CHUNK_VALUES = 2 ** 22;
const [FEWEST, MOST] = [16, 4096];

/**
 * Runs a graph over rows, chunk by chunk, and passes the outputs of each chunk to `use`, with the index of its first
 * row and its number of rows.
 */
export async function forEachChunk(
  session: InferenceSession,
  rows: Matrix | RowReader,
  outputs: readonly string[],
  options: RunRowsOptions,
  use: (outputs: Outputs, start: number, size: number) => void,
): Promise<void> {
  const { n, d } = rows;
  const { input = 'x', feeds } = options;
  const chunk = Math.min(n, options.chunk ?? Math.max(FEWEST, Math.min(MOST, Math.floor(CHUNK_VALUES / d))));
  const buffer = 'values' in rows ? undefined : new Float32Array(chunk * d);
  for (let start = 0; start < n; start += chunk) {
    const size = Math.min(chunk, n - start);
    const x =
      buffer?.subarray(0, size * d) ?? (rows as Matrix).values.subarray(start * d, (start + size) * d);
    if ('read' in rows) await rows.read(start, size, x);
    const others = typeof feeds === 'function' ? feeds(start, size) : feeds;
    const found = await session.run({ ...others, [input]: tensor(x, [size, d]) }, outputs);
    use(found, start, size);
    collectCopies(outputs.reduce((bytes, name) => bytes + 4 * found[name].size, 0));
  }
}

/** Like {@link forEachChunk}, but returns each output as one row-major array over all rows. */
export async function runRows<K extends string>(
  session: InferenceSession,
  rows: Matrix | RowReader,
  outputs: readonly K[],
  options: RunRowsOptions = {},
): Promise<Record<K, Float32Array>> {
  const result = {} as Record<K, Float32Array>;
  await forEachChunk(session, rows, outputs, options, (found, start, size) => {
    for (const name of outputs) {
      const part = found[name].data as Float32Array;
      result[name] ??= new Float32Array((part.length / size) * rows.n);
      result[name].set(part, (part.length / size) * start);
    }
  });
  return result;
}
