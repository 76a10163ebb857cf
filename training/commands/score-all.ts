import type { ScorerOutput } from '../../bundle/scorer.ts';
import type { Cell } from '../../bundle/tables/cell.ts';
import { DataError } from '../data/datasets/error.ts';
import type { RowFile } from '../data/input/row-file.ts';
import type { Scorer } from '../scorer/scorer.ts';

/** Rows that are read, scored and handed on together. */
const BATCH = 8192;

/** Takes the scores of some rows: the outputs of the scorer, the columns carried through, and the raw samples. */
export type OnScored<K extends keyof ScorerOutput> = (
  found: Pick<ScorerOutput, K>,
  count: number,
  carried: readonly (readonly Cell[])[],
  samples: Uint8Array | Float32Array,
) => void | Promise<void>;

/**
 * Reads all rows, scores them, and hands the scores on in order. Three batches are under way at a time: one is read,
 * one scored, one handed on. Returns the number of rows.
 */
export async function scoreAll<K extends keyof ScorerOutput>(
  rows: RowFile,
  scorer: Scorer<K>,
  onScored: OnScored<K>,
): Promise<number> {
  let scoring: Promise<unknown> = Promise.resolve();
  let writing: Promise<void> = Promise.resolve();
  try {
    const count = await rows.read(async (samples, size, start, carried) => {
      const own = samples.slice();
      await scoring;
      const found = scorer.run(own, size);
      scoring = found;
      const before = writing;
      writing = Promise.all([found, before]).then(([output]) => {
        assertFinite(rows, output, start);
        return onScored(output, size, carried, own);
      });
      // An error is thrown where this is awaited, at the next batch.
      writing.catch(() => {});
      await before;
    }, BATCH);
    await writing;
    return count;
  } finally {
    // After another error: what is still under way must end, but its own errors do not matter.
    await Promise.allSettled([scoring, writing]);
  }
}

function assertFinite({ path }: RowFile, { score }: Partial<ScorerOutput>, start: number): void {
  const at = score?.findIndex((value) => !Number.isFinite(value)) ?? -1;
  if (at < 0) return;
  throw new DataError(
    `${path}: row ${start + at + 1} (counted from 1) is so far from the training data that its score overflows`,
  );
}
