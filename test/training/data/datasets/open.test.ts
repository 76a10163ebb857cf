import { expect } from 'vitest';
import { Random } from '../../../../kernels/random.ts';
import type { Dataset } from '../../../../training/data/datasets/dataset.ts';
import { type OpenOptions, openData } from '../../../../training/data/datasets/open.ts';
import { split } from '../../../../training/data/datasets/split.ts';
import { numbered, test, writeNpy } from '../temporary.ts';

const DISK: OpenOptions = { memoryLimit: 5000, diskMemory: 20_000 };

/** All samples in their order. */
async function all(dataset: Dataset): Promise<Float32Array> {
  const target = new Float32Array(dataset.count * dataset.features);
  await dataset.read(0, dataset.count, target);
  return target;
}

test('what is known of the data is the same in memory and on disk', async ({ folder }) => {
  const path = await writeNpy(folder, numbered(1000, 6), [2, 3]);
  for (const [options, inMemory] of [
    [{}, true],
    [DISK, false],
  ] as const) {
    const seen: [number, number][] = [];
    const data = await openData(path, { ...options, onProgress: (done, of) => seen.push([done, of]) });
    const { dtype, count, shape, features, min, max } = data;
    expect({ dtype, count, shape, features, min, max }).toEqual({
      dtype: '<f4',
      count: 1000,
      shape: [2, 3],
      features: 6,
      min: 0,
      max: 999_005,
    });
    expect([data.path, data.inMemory]).toEqual([path, inMemory]);
    expect(seen.at(-1)).toEqual([1000, 1000]);
    await data.close();
  }
});

test('held-out rows and the rest are the same in memory and on disk, and are all rows together', async ({
  folder,
}) => {
  const values = Uint8Array.from({ length: 6000 }, (_, i) => i >> 3);
  const path = await writeNpy(folder, values, [6]);
  const heldOut = split(1000, { validation: 100, calibration: 0, test: 50 }, new Random(4));
  const results = [];
  for (const options of [{}, DISK]) {
    const data = await openData(path, options);
    const train = data.without(Object.values(heldOut));
    expect(train.count).toBe(850);
    const parts = await Promise.all(Object.values(heldOut).map((rows) => data.rows(rows)));
    results.push([await all(train), ...(await Promise.all(parts.map(all)))]);
    await train.close();
    await data.close();
  }
  expect(results[1]).toEqual(results[0]);
  const validation = Array.from(heldOut.validation).flatMap((row) =>
    Array.from(values.subarray(6 * row, 6 * row + 6)),
  );
  expect(Array.from(results[0][1])).toEqual(validation);
  const together = results[0].flatMap((part) => Array.from(part));
  expect(together.sort()).toEqual(Array.from(values).sort());
});

test('data of just the limit are held in memory, bytes as bytes', async ({ folder }) => {
  const bytes = await writeNpy(folder, new Uint8Array(5000), [10]);
  for (const [memoryLimit, inMemory] of [
    [5000, true],
    [4999, false],
  ] as const) {
    const data = await openData(bytes, { memoryLimit });
    expect(data.inMemory).toBe(inMemory);
    await data.close();
  }
  const floats = await writeNpy(folder, new Float32Array(1260), [10]);
  const data = await openData(floats, { memoryLimit: 5000 });
  expect(data.inMemory).toBe(false);
  await data.close();
});

test('a value that is not finite is found, in memory and on disk', async ({ folder }) => {
  const values = numbered(1000, 6);
  values[6 * 777 + 4] = Number.POSITIVE_INFINITY;
  const path = await writeNpy(folder, values, [6]);
  for (const options of [{}, DISK]) {
    await expect(openData(path, options)).rejects.toThrow(
      `${path}: row 777, column 4 (counted from 0) is Infinity: only finite numbers are accepted`,
    );
  }
});

test('too little memory is said before all is read', async ({ folder }) => {
  const path = await writeNpy(folder, numbered(1000, 6), [6]);
  let told = 0;
  const opened = openData(path, { memoryLimit: 0, diskMemory: 100, onProgress: () => told++ });
  await expect(opened).rejects.toThrow('100 bytes of memory are too few for 1000 rows of 24 bytes each: ');
  expect(told).toBe(0);
});

test('more held-out rows than may be held in memory are refused', async ({ folder }) => {
  const data = await openData(await writeNpy(folder, numbered(1000, 6), [6]), DISK);
  const rows = new Uint32Array(300).map((_, i) => i);
  await expect(data.rows(rows)).rejects.toThrow(
    '300 held-out rows take 7200 bytes of memory, more than the limit of 5000: hold out fewer',
  );
  await data.close();
});
