import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { choosePoints, indexSplits, readPoints } from '../../../training/map/points.ts';

/** Rows 0 to 99: every tenth is for validation, the row after it for calibration, that after for testing. */
const rowsOf = (digit: number) => Uint32Array.from({ length: 10 }, (_, i) => 10 * i + digit);
const seen = {
  list: () => ({
    validation: rowsOf(0),
    calibration: rowsOf(1),
    train: Uint32Array.from({ length: 100 }, (_, i) => i).filter((row) => row % 10 > 2),
  }),
};

const choose = (count: number, seed = 1) => choosePoints(10, seen, count, new Random(seed));

test('a map of all samples has the test samples first, and then the others by row', () => {
  const { tested, seen: others, splits } = choose(100);
  expect([...tested]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect([...others]).toEqual(Array.from({ length: 100 }, (_, i) => i).filter((row) => row % 10 !== 2));
  expect(splits.slice(0, 13)).toEqual([...Array(10).fill('test'), 'validation', 'calibration', 'train']);
  expect(splits).toHaveLength(100);
});

test('a smaller map has all test samples and a random sample of the others, the same for a seed', () => {
  const { tested, seen: others } = choose(30);
  expect(tested).toHaveLength(10);
  expect(new Set(others).size).toBe(20);
  expect([...others]).toEqual([...others].sort((a, b) => a - b));
  expect(choose(30)).toEqual(choose(30));
  expect(choose(30, 2).seen).not.toEqual(others);
});

test('a map of fewer points than test samples has a random sample of these', () => {
  const { tested, seen: others, splits } = choose(4);
  expect(new Set(tested).size).toBe(4);
  expect(others).toHaveLength(0);
  expect(splits).toEqual(['test', 'test', 'test', 'test']);
});

test('the samples are read in the order of the points', async () => {
  const points = { tested: Uint32Array.of(1, 2), seen: Uint32Array.of(7, 9), splits: [] };
  const test = { data: Uint8Array.of(10, 10, 11, 11, 12, 12), count: 3 };
  const read = async (rows: Uint32Array) => ({
    data: Uint8Array.from([...rows].flatMap((row) => [row, row])),
    count: rows.length,
  });
  const { data, count } = await readPoints(test, { read }, points);
  expect([...data]).toEqual([11, 11, 12, 12, 7, 7, 9, 9]);
  expect(count).toBe(4);
});

test('splits become an index into their names', () => {
  expect(indexSplits(['test', 'train', 'test'])).toEqual({
    splits: ['test', 'train'],
    split: Uint8Array.of(0, 1, 0),
  });
});
