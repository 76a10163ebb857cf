import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../../../kernels/random.ts';
import { type Dataset, MemoryDataset } from '../../../../training/data/datasets/dataset.ts';
import { numbered } from '../temporary.ts';

/** Row numbers in the order in which a data set gives them. */
function order(dataset: Dataset, batch = 7): number[] {
  const rows: number[] = [];
  const target = new Float32Array(batch * dataset.features);
  for (let start = 0; start < dataset.count; start += batch) {
    const size = Math.min(batch, dataset.count - start);
    dataset.read(start, size, target);
    for (let i = 0; i < size; i++) rows.push(target[i * dataset.features] / 1000);
  }
  return rows;
}

test('rows come in the order of the data, then in a random order, each once and whole', () => {
  const values = numbered(100, 3);
  const dataset = new MemoryDataset(values, [3]);
  expect(order(dataset)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  dataset.shuffle(new Random(1));
  const shuffled = order(dataset);
  expect(shuffled).not.toEqual(shuffled.toSorted((a, b) => a - b));
  expect(new Set(shuffled)).toEqual(new Set(Array.from({ length: 100 }, (_, i) => i)));
  const all = new Float32Array(300);
  dataset.read(0, 100, all);
  expect(Array.from(all)).toEqual(shuffled.flatMap((row) => [row * 1000, row * 1000 + 1, row * 1000 + 2]));
});

test('the order is a function of the state of the generator, not of earlier epochs', () => {
  const [one, other] = [new MemoryDataset(numbered(50, 1), [1]), new MemoryDataset(numbered(50, 1), [1])];
  const random = new Random(3);
  one.shuffle(random);
  const first = order(one);
  one.shuffle(random);
  expect(order(one)).not.toEqual(first);
  one.shuffle(new Random(3));
  expect(order(one)).toEqual(first);
  other.shuffle(new Random(3));
  expect(order(other)).toEqual(first);
});

test('only the rows in use are seen, and bytes become the same numbers', () => {
  const rows = Uint32Array.of(4, 1, 250);
  const dataset = new MemoryDataset(
    Uint8Array.from({ length: 256 }, (_, i) => i),
    [1, 1],
    rows,
  );
  expect([dataset.count, dataset.features, dataset.shape]).toEqual([3, 1, [1, 1]]);
  const target = new Float32Array(3);
  dataset.read(0, 3, target);
  expect(Array.from(target)).toEqual([4, 1, 250]);
  dataset.shuffle(new Random(1));
  dataset.read(0, 3, target);
  expect(Array.from(target).sort()).toEqual([1, 250, 4]);
  expect(Array.from(rows)).toEqual([4, 1, 250]);
});

test('any part of an order is the same part of the whole', () => {
  const dataset = new MemoryDataset(numbered(40, 2), [2]);
  dataset.shuffle(new Random(9));
  const all = new Float32Array(80);
  dataset.read(0, 40, all);
  fc.assert(
    fc.property(fc.nat(40), fc.nat(40), (a, b) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b)];
      const part = new Float32Array(2 * (end - start));
      dataset.read(start, end - start, part);
      expect(part).toEqual(all.slice(2 * start, 2 * end));
    }),
  );
});

test('what is not there is refused', () => {
  const values = new Float32Array(12);
  expect(() => new MemoryDataset(values, [5])).toThrow('12 values are not whole samples of 5');
  expect(() => new MemoryDataset(values, [3], Uint32Array.of(4))).toThrow('there is no row 4');
  const dataset = new MemoryDataset(values, [3]);
  expect(() => dataset.read(2, 3, new Float32Array(9))).toThrow('samples 2 to 5 are asked for, there are 4');
  expect(() => dataset.read(-1, 1, new Float32Array(9))).toThrow('samples -1 to 0');
  expect(() => dataset.read(0, 2, new Float32Array(5))).toThrow('2 samples take 6 values, the target has 5');
});
