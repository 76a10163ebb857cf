import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { batchOf, scoreAll } from '../../../training/commands/score-all.ts';
import type { RowFile } from '../../../training/data/input/row-file.ts';
import type { RowScorer } from '../../../training/scorer/scorer.ts';

/** Six batches of one row each. */
const rows: RowFile = {
  path: 'rows.csv',
  features: 1,
  expected: 6,
  carried: [],
  async read(onBatch) {
    for (let i = 0; i < 6; i++) await onBatch(Float32Array.of(i), 1, i, []);
    return 6;
  },
  async close() {},
  async [Symbol.asyncDispose]() {},
};

/** A scorer that takes longer for later rows, and counts the batches that it works on. */
class SlowScorer implements RowScorer<'score'> {
  readonly parallel = 3;
  working = 0;

  async run(samples: Uint8Array | Float32Array) {
    this.working++;
    await setTimeout(20 * samples[0]);
    this.working--;
    return { score: Float32Array.from(samples) };
  }

  async [Symbol.asyncDispose]() {}
}

test.each([
  [1, 8192],
  [512, 8192],
  [784, 5120],
  [12_288, 256],
  [1_000_000, 256],
])('rows of %i values are scored %i at a time, whole runs of the scorer', async (features, size) => {
  expect(batchOf(features)).toBe(size);
  const asked: number[] = [];
  const wide: RowFile = {
    ...rows,
    features,
    async read(_, batch) {
      asked.push(batch);
      return 0;
    },
  };
  await scoreAll(wide, new SlowScorer(), () => {});
  expect(asked).toEqual([size]);
});

test('hands scores on in order', async () => {
  const found: number[] = [];
  await scoreAll(rows, new SlowScorer(), ({ score }) => void found.push(...score));
  expect(found).toEqual([0, 1, 2, 3, 4, 5]);
});

test('does not return while the scorer works, also when the scores cannot be written', async () => {
  const scorer = new SlowScorer();
  const failing = scoreAll(rows, scorer, () => {
    throw new Error('the disk is full');
  });
  await expect(failing).rejects.toThrow('the disk is full');
  expect(scorer.working).toBe(0);
});
