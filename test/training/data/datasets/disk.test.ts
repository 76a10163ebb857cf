import { truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, vi } from 'vitest';
import { formatNpyHeader } from '../../../../bundle/npy/header.ts';
import { Random } from '../../../../kernels/random.ts';
import { DiskDataset, type DiskOptions } from '../../../../training/data/datasets/disk.ts';
import { NpyFile } from '../../../../training/data/datasets/npy.ts';
import { numbered, test, writeNpy } from '../temporary.ts';

const COUNT = 1000;
const FEATURES = 5;

/** Enough for windows of a tenth of the rows or less. */
const MEMORY = 20_000;

/** Opens a file of numbered rows. */
const openNumbered = async (folder: string) =>
  NpyFile.open(await writeNpy(folder, numbered(COUNT, FEATURES), [FEATURES]));

/** Row numbers in the order in which a data set gives them; checks that the rows are whole. */
async function order(dataset: DiskDataset, batch = 32, from = 0): Promise<number[]> {
  const rows: number[] = [];
  const target = new Float32Array(batch * FEATURES);
  for (let start = from; start < dataset.count; start += batch) {
    const size = Math.min(batch, dataset.count - start);
    await dataset.read(start, size, target);
    for (let i = 0; i < size; i++) {
      const row = target[i * FEATURES] / 1000;
      rows.push(row);
      for (let j = 0; j < FEATURES; j++) expect(target[i * FEATURES + j]).toBe(row * 1000 + j);
    }
  }
  return rows;
}

const shuffled = (file: NpyFile, seed: number, options: DiskOptions = {}) => {
  const dataset = new DiskDataset(file, { memory: MEMORY, ...options });
  dataset.shuffle(new Random(seed));
  return dataset;
};

const all = Array.from({ length: COUNT }, (_, i) => i);

test('each row that is not held out comes exactly once, whatever the memory, the batch and the seed', async ({
  folder,
}) => {
  const file = await openNumbered(folder);
  const held = fc.uniqueArray(fc.nat(COUNT - 1), { maxLength: COUNT - 1 });
  const range = fc.tuple(fc.nat(COUNT - 2), fc.nat(COUNT - 1)).map(([a, b]) => all.slice(a, b));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(held, range),
      fc.integer({ min: 17_000, max: 100_000 }),
      fc.integer({ min: 1, max: 300 }),
      fc.nat(),
      async (rows, memory, batch, seed) => {
        const heldOut = [Uint32Array.from(rows.slice(0, 100)), Uint32Array.from(rows.slice(100))];
        const dataset = shuffled(file, seed, { heldOut, memory });
        const out = new Set(rows);
        const kept = new Set(all.filter((row) => !out.has(row)));
        expect(dataset.count).toBe(kept.size);
        const seen = await order(dataset, batch);
        expect(seen.length).toBe(kept.size);
        expect(new Set(seen)).toEqual(kept);
        await dataset.close();
      },
    ),
    { numRuns: 60 },
  );
  await file.close();
});

test('without a shuffle the rows come in the order of the file', async ({ folder }) => {
  const file = await openNumbered(folder);
  const dataset = new DiskDataset(file, { memory: MEMORY, heldOut: [Uint32Array.of(0, 500)] });
  expect(await order(dataset)).toEqual(all.filter((row) => row !== 0 && row !== 500));
  await dataset.close();
  await file.close();
});

test('the order is a function of the state of the generator, not of earlier epochs', async ({ folder }) => {
  const file = await openNumbered(folder);
  const dataset = new DiskDataset(file, { memory: MEMORY });
  const random = new Random(5);
  dataset.shuffle(random);
  const first = await order(dataset);
  dataset.shuffle(random);
  const second = await order(dataset);
  expect(second).not.toEqual(first);
  dataset.shuffle(new Random(5));
  await dataset.read(400, 10, new Float32Array(10 * FEATURES)); // an epoch that is left in its middle
  dataset.shuffle(new Random(5));
  expect(await order(dataset, 100)).toEqual(first);
  await dataset.close();
  await file.close();
});

test('neighbours in an epoch come from all over the file', async ({ folder }) => {
  const file = await openNumbered(folder);
  const seen = await order(shuffled(file, 1, { memory: 40_000 }));
  const distances = seen.slice(1).map((row, i) => Math.abs(row - seen[i]));
  const mean = distances.reduce((a, b) => a + b) / distances.length;
  // Two rows drawn at random are a third of the file apart.
  expect(mean / COUNT).toBeGreaterThan(0.27);
  expect(mean / COUNT).toBeLessThan(0.37);
  expect(distances.filter((d) => d === 1).length).toBeLessThan(20);
  await file.close();
});

test('with memory for all, the order is that of no blocks', async ({ folder }) => {
  const file = await openNumbered(folder);
  const dataset = shuffled(file, 1, { memory: 2 ** 20 });
  const seen = await order(dataset);
  const firstHalf = seen.slice(0, COUNT / 2).filter((row) => row < COUNT / 2).length;
  expect(Math.abs(firstHalf - COUNT / 4)).toBeLessThan(40); // five standard errors of 7.9
  await dataset.close();
  await file.close();
});

test('an epoch goes on in its middle as if it had been read from its start, and only the rest is read', async ({
  folder,
}) => {
  const file = await openNumbered(folder);
  const whole = await order(shuffled(file, 2));
  for (const start of [1, 499, 950, 999]) {
    const reading = vi.spyOn(file, 'readBytes');
    const dataset = shuffled(file, 2);
    expect(await order(dataset, 32, start)).toEqual(whole.slice(start));
    const bytes = reading.mock.calls.reduce((sum, [, { length }]) => sum + length, 0);
    const window = MEMORY / 2;
    expect(bytes).toBeLessThanOrEqual((COUNT - start) * file.rowBytes + window);
    reading.mockRestore();
    await dataset.close();
  }
  await file.close();
});

test('samples can be read in any order', async ({ folder }) => {
  const file = await openNumbered(folder);
  const whole = await order(shuffled(file, 7));
  const dataset = shuffled(file, 7);
  const target = new Float32Array(FEATURES);
  const random = new Random(1);
  for (let i = 0; i < 200; i++) {
    const sample = random.below(COUNT);
    await dataset.read(sample, 1, target);
    expect(target[0] / 1000).toBe(whole[sample]);
  }
  await dataset.close();
  await file.close();
});

test('what is read ahead in an epoch that is left does not show in the next one', async ({ folder }) => {
  const file = await openNumbered(folder);
  const expected = await order(shuffled(file, 2));
  const held: (() => void)[] = [];
  // The second and the fourth window stop just before they are ready.
  const stops = [1, 3];
  const check = vi.spyOn(file, 'assertUnchanged').mockImplementation(() => {
    if (!stops.includes(check.mock.calls.length - 1)) return Promise.resolve();
    return new Promise((done) => held.push(done));
  });
  const target = new Float32Array(FEATURES);
  const dataset = shuffled(file, 1);
  await dataset.read(0, 1, target);
  await vi.waitFor(() => expect(held.length).toBe(1));
  dataset.shuffle(new Random(2));
  await dataset.read(0, 1, target);
  held[0]();
  await vi.waitFor(() => expect(held.length).toBe(2));
  const ahead = dataset.read(400, 1, target);
  expect(ahead).toBeInstanceOf(Promise);
  held[1]();
  await ahead;
  expect(target[0] / 1000).toBe(expected[400]);
  await dataset.close();
  await file.close();
});

test('a batch waits only where it has to: the next window is read ahead', async ({ folder }) => {
  const file = await openNumbered(folder);
  const dataset = shuffled(file, 3);
  const target = new Float32Array(10 * FEATURES);
  let waits = 0;
  for (let start = 0; start < COUNT; start += 10) {
    const waiting = dataset.read(start, 10, target);
    if (waiting) {
      waits++;
      await waiting;
    }
  }
  expect(waits).toBeGreaterThan(0);
  expect(waits).toBeLessThan(COUNT / 10 / 2);
  const read = vi.spyOn(file, 'readBytes');
  dataset.shuffle(new Random(3));
  await dataset.read(0, 1, target);
  const first = read.mock.calls.length;
  await vi.waitFor(() => expect(read.mock.calls.length).toBeGreaterThanOrEqual(2 * first - 2));
  await dataset.close();
  await file.close();
});

test('the memory is what was asked for, at most', async ({ folder }) => {
  const file = await openNumbered(folder);
  for (const memory of [17_000, 20_000, 33_333, 60_000, 2 ** 20]) {
    const taken = vi.spyOn(file.dtype, 'elements');
    const dataset = shuffled(file, 1, { memory });
    await order(dataset);
    const rows = taken.mock.calls.map(([{ byteLength }]) => byteLength / file.rowBytes);
    const bytes = rows.reduce((sum, n) => sum + n * (file.rowBytes + Uint32Array.BYTES_PER_ELEMENT), 0);
    // All rows take 24,000 bytes: with twice that, one window holds them.
    expect(rows.length).toBe(memory > 48_000 ? 1 : 2);
    expect(bytes).toBeLessThanOrEqual(memory);
    taken.mockRestore();
    await dataset.close();
  }
  expect(() => new DiskDataset(file, { memory: 1000 })).toThrow(
    /1000 bytes of memory are too few for 1000 rows of 20 bytes each: \d+ are enough/,
  );
  const enough = Number(/(\d+) are enough/.exec(tooLittle(file, 1000))![1]);
  await order(new DiskDataset(file, { memory: enough }));
  await file.close();
});

function tooLittle(file: NpyFile, memory: number): string {
  try {
    new DiskDataset(file, { memory });
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

test('other dtypes come as the same numbers', async ({ folder }) => {
  const numbers = numbered(COUNT, FEATURES);
  const big = Buffer.alloc(8 * numbers.length);
  for (const [i, value] of numbers.entries()) big.writeDoubleBE(value, 8 * i);
  const wide = BigInt64Array.from(numbers, (value) => BigInt(value));
  for (const [dtype, bytes] of [
    ['>f8', big],
    ['<i8', new Uint8Array(wide.buffer)],
  ] as const) {
    const path = join(folder, 'other.npy');
    await writeFile(path, Buffer.concat([formatNpyHeader(dtype, [COUNT, FEATURES]), bytes]));
    const file = await NpyFile.open(path);
    const seen = await order(shuffled(file, 1, { memory: 40_000 }));
    expect(new Set(seen)).toEqual(new Set(all));
    await file.close();
  }
});

test('rows by index are those of the array, in any order', async ({ folder }) => {
  const file = await openNumbered(folder);
  const indices = fc.array(fc.nat(COUNT - 1), { maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(indices, fc.boolean(), async (rows, sorted) => {
      const wanted = Uint32Array.from(rows);
      if (sorted) wanted.sort();
      const found = await file.readRows(wanted);
      const expected = Array.from(wanted).flatMap((row) =>
        Array.from({ length: FEATURES }, (_, j) => row * 1000 + j),
      );
      expect(Array.from(found)).toEqual(expected);
    }),
    { numRuns: 50 },
  );
  await expect(file.readRows(Uint32Array.of(COUNT))).rejects.toThrow('there is no row 1000');
  await file.close();
});

test('rows by index are read one by one where they are far apart, together where they are near', async ({
  folder,
}) => {
  const features = 40_000; // 40 kB of bytes a row
  const values = Uint8Array.from({ length: 130 * features }, (_, i) => Math.floor(i / features));
  const file = await NpyFile.open(await writeNpy(folder, values, [features]));
  const reading = vi.spyOn(file, 'readBytes');
  const indices = Uint32Array.of(0, 1, 2, 50, 51, 129);
  const rows = await file.readRows(indices);
  expect(Array.from(indices, (_, i) => rows[i * features + 7])).toEqual(Array.from(indices));
  expect(reading.mock.calls.map(([start, { length }]) => [start, length / features])).toEqual([
    [0, 3],
    [50, 2],
    [129, 1],
  ]);
  await file.readRows(new Uint32Array(130).map((_, i) => i));
  for (const [, { length }] of reading.mock.calls) expect(length).toBeLessThanOrEqual(4 * 2 ** 20);
  await file.close();
});

test('a value that is not finite is found with its row and column, wherever the order takes it', async ({
  folder,
}) => {
  const values = numbered(COUNT, FEATURES);
  values[613 * FEATURES + 3] = Number.NaN;
  const file = await NpyFile.open(await writeNpy(folder, values, [FEATURES]));
  const message = 'row 613, column 3 (counted from 0) is NaN';
  for (const seed of [1, 2, 3]) await expect(order(shuffled(file, seed))).rejects.toThrow(message);
  await expect(file.readRows(Uint32Array.of(2, 613, 614))).rejects.toThrow(message);
  const without = shuffled(file, 1, { heldOut: [Uint32Array.of(613)] });
  expect((await order(without)).length).toBe(COUNT - 1);
  await file.close();
});

test('a file that is cut or changed while it is read is refused', async ({ folder }) => {
  const file = await openNumbered(folder);
  const dataset = shuffled(file, 1);
  const target = new Float32Array(FEATURES);
  await dataset.read(0, 1, target);
  await utimes(file.path, new Date(), new Date(Date.now() + 5000));
  await expect(order(dataset)).rejects.toThrow(
    `${file.path} was changed while it was read: 20128 bytes before`,
  );
  await expect(file.readRows(Uint32Array.of(1))).rejects.toThrow('was changed while it was read');
  await truncate(file.path, 1128);
  await expect(order(dataset)).rejects.toThrow(
    new RegExp(`^${file.path}: truncated while it was read: \\d+ bytes are left of 20128`),
  );
  await dataset.close();
  await file.close();
});

test('reads at once, a shuffle amid a read, and reads of a closed data set are refused', async ({
  folder,
}) => {
  const file = await openNumbered(folder);
  const dataset = shuffled(file, 1);
  const target = new Float32Array(2000 * FEATURES);
  const first = dataset.read(0, 500, target);
  expect(first).toBeInstanceOf(Promise);
  expect(() => dataset.read(0, 1, target)).toThrow('the last read has not finished');
  expect(() => dataset.shuffle(new Random(1))).toThrow('the last read has not finished');
  await first;
  expect(() => dataset.read(900, 101, target)).toThrow('samples 900 to 1001 are asked for, there are 1000');
  const last = dataset.read(500, 400, target);
  await Promise.all([expect(last).rejects.toThrow('closed while it was read'), dataset.close()]);
  expect(() => dataset.read(0, 1, target)).toThrow('the data set is closed');
  expect(() => new DiskDataset(file, { heldOut: [Uint32Array.from(all)] })).toThrow(
    'all 1000 rows are held out',
  );
  expect(() => new DiskDataset(file, { heldOut: [Uint32Array.of(COUNT)] })).toThrow('there is no row 1000');
  await file.close();
});
