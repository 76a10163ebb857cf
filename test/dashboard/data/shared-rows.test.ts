import { expect, test } from 'vitest';
import { chooseKey, compareShared, rowNumbers } from '../../../dashboard/data/shared-rows.ts';

const scored = (keys: readonly (string | number)[], score: readonly number[], pValue: readonly number[]) => ({
  keys,
  score: Float64Array.from(score),
  pValue: Float64Array.from(pValue),
});

test('rows are shared by their keys, wherever they are on the maps, and a key of several rows tells none', () => {
  const first = scored(['a', 'b', 'c', 'b', 'd'], [1, 9, 2, 9, 3], [0.9, 0.5, 0.005, 0.5, 0.001]);
  const second = scored(['d', 'x', 'a', 'c', 'b'], [30, 0, 10, 20, 0], [0.2, 1, 0.004, 0.003, 1]);
  const { first: ours, second: theirs, scores } = compareShared(first, second, 0.01);
  expect([...ours]).toEqual([0, 2, 4]);
  expect([...theirs]).toEqual([2, 3, 0]);
  expect(scores.spearman).toBe(1);
  expect(scores.verdicts).toEqual({ both: 1, first: 1, second: 1, neither: 0 });
  expect(scores.mostDifferent).toEqual([]);
});

const described = (name: string, train: number, ids?: string[], sprites: object | null = null) => ({
  data: { name, splits: { train, validation: 1, calibration: 1, test: 1 } },
  rows: ids && { ids },
  sprites,
});

test('rows are told by ids that both maps keep, else by numbers if both were made from the same data', () => {
  const orders = described('orders', 7, ['order', 'shop']);
  expect(chooseKey(orders, described('others', 9, ['order']))).toEqual(['order']);
  expect(chooseKey(orders, described('orders', 7))).toEqual([]);
  expect(chooseKey(orders, described('orders', 8))).toBeUndefined();
  expect(chooseKey(described('MNIST', 7), described('MNIST', 8))).toEqual([]);
  const photos = described('photos', 7, ['file', 'height', 'width'], {});
  expect(chooseKey(photos, photos)).toEqual(['file']);
});

test('the rows of the two files of MNIST are told apart', () => {
  const points = {
    id: Int32Array.of(0, 0, 1),
    split: Int16Array.of(0, 1, 2),
    splits: ['test', 'train', 'calibration'],
  };
  expect(rowNumbers(points, 'MNIST')).toEqual([0, -1, -2]);
  expect(rowNumbers(points, 'orders')).toEqual([0, 0, 1]);
});
