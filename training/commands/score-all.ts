import type { ScorerOutput } from '../../bundle/scorer.ts';
import type { Cell } from '../../bundle/tables/cell.ts';
import { DataError } from '../data/datasets/error.ts';
import type { RowFile } from '../data/input/row-file.ts';
import type { RowScorer } from '../scorer/scorer.ts';

/** Most rows that are read, scored and handed on together, and most values in them. */
const MOST_ROWS = 8192;
const MOST_VALUES = 2 ** 22;

/** The scorer takes so many rows at a time: with whole runs of it, scores do not depend on the size of a batch. */
const RUN = 256;

/** How many rows of so many values are read, scored and handed on together. */
export const batchOf = (features: number): number =>
  Math.min(MOST_ROWS, RUN * Math.max(1, Math.floor(MOST_VALUES / features / RUN)));

/** Takes the scores of some rows: the outputs of the scorer, the columns carried through, and the raw samples. */
export type OnScored<K extends keyof ScorerOutput> = (
  found: Pick<ScorerOutput, K>,
  count: number,
  carried: readonly (readonly Cell[])[],
  samples: Uint8Array | Float32Array,
) => void | Promise<void>;

/**
 * Reads all rows, scores them, and hands the scores on in order. While one batch is read, as many are scored as the
 * scorer scores at the same time, and one is handed on. Returns the number of rows.
 */
export async function scoreAll<K extends keyof ScorerOutput>(
  rows: RowFile,
  scorer: RowScorer<K>,
  onScored: OnScored<K>,
): Promise<number> {
  /** The batches that are not handed on yet. */
  const open: Promise<void>[] = [];
  /** What the scorer works on. */
  const runs = new Set<Promise<unknown>>();
  let last = Promise.resolve();
  try {
    const count = await rows.read(async (samples, size, start, carried) => {
      if (open.length > scorer.parallel) await open.shift();
      const own = samples.slice();
      const run = scorer.run(own, size);
      const end = () => runs.delete(run);
      runs.add(run);
      run.then(end, end);
      last = Promise.all([run, last]).then(([output]) => {
        assertScores(rows, output, start, size);
        return onScored(output, size, carried, own);
      });
      open.push(last);
      // An error is thrown where this is awaited.
      last.catch(() => {});
    }, batchOf(rows.features));
    await last;
    return count;
  } finally {
    // After an error: what is still under way must end, as nobody may release a scorer at work; its own errors do not
    // matter. All of `open` fails at once with the first that fails, so that does not wait for the runs.
    await Promise.allSettled([...open, ...runs]);
  }
}

/** Throws unless every row has a score, and a {@link DataError} for one that overflows. */
function assertScores(
  { path }: RowFile,
  { score }: Partial<ScorerOutput>,
  start: number,
  size: number,
): void {
  if (!score) return;
  if (score.length !== size) throw new Error(`${score.length} scores for ${size} rows`);
  const at = score.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new DataError(
    `${path}: row ${start + at + 1} (counted from 1) is so far from the training data that its score overflows`,
  );
}
