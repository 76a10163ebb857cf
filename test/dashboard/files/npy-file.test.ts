import { expect, test } from 'vitest';
import { formatNpyHeader } from '../../../bundle/npy/header.ts';
import { openFileRows } from '../../../dashboard/data/file-rows.ts';
import type { Data } from '../../../dashboard/data/rows.ts';
import { isNpy, openNpy } from '../../../dashboard/files/npy-file.ts';

/** A .npy file with these bytes after its header. */
const file = (dtype: string, shape: number[], bytes: ArrayBuffer, { fortran = false } = {}) => {
  const header = formatNpyHeader(dtype, shape);
  // False and a space are as long as True and two spaces, so that the header keeps its length.
  const text = new TextDecoder('latin1').decode(header.subarray(10));
  const changed = fortran ? text.replace('False, ', 'True,  ') : text;
  const bytesOf = Uint8Array.from(changed, (letter) => letter.charCodeAt(0));
  return { path: 'a.npy', blob: new Blob([header.slice(0, 10), bytesOf, bytes]) };
};

const floats = (...values: number[]) => Float32Array.from(values).buffer;

async function readAll(named: ReturnType<typeof file>, batch = 2) {
  const array = await openNpy(named);
  const rows: number[][] = [];
  await array.read(batch, async (some, count) => {
    for (let i = 0; i < count; i++)
      rows.push([...some.subarray(i * array.features, (i + 1) * array.features)]);
  });
  return { shape: array.shape, rows };
}

const ROWS = [
  [1, 2],
  [3, 4],
  [5, 6],
];

test('rows are those of the array: in C and in Fortran order, little- and big-endian, of any width', async () => {
  expect((await readAll(file('<f4', [3, 2], floats(1, 2, 3, 4, 5, 6)))).rows).toEqual(ROWS);
  expect((await readAll(file('<f4', [3, 2], floats(1, 3, 5, 2, 4, 6), { fortran: true }))).rows).toEqual(
    ROWS,
  );
  const big = new DataView(new ArrayBuffer(48));
  for (let i = 0; i < 6; i++) big.setFloat64(8 * i, i + 1);
  expect((await readAll(file('>f8', [3, 2], big.buffer))).rows).toEqual(ROWS);
  const wide = BigInt64Array.from([1n, 2n, 3n, 4n, 5n, 6n]).buffer;
  expect((await readAll(file('<i8', [3, 2], wide))).rows).toEqual(ROWS);
});

test('channels that come first are put last', async () => {
  // Two grey images of 2 × 2 as 1 × 2 × 2 stay; three channels of 2 × 2 are interleaved.
  const values = Uint8Array.from({ length: 12 }, (_, i) => i).buffer;
  const { shape, rows } = await readAll(file('|u1', [1, 3, 2, 2], values));
  expect(shape).toEqual([2, 2, 3]);
  expect(rows[0]).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
});

test('what is no matrix of finite numbers is refused by name and place', async () => {
  const nan = file('<f4', [2, 2], floats(1, 2, Number.NaN, 4));
  await expect(readAll(nan)).rejects.toThrow('a.npy: row 1, column 0 (counted from 0) is NaN');
  await expect(openNpy(file('<f4', [3, 2], floats(1, 2)))).rejects.toThrow('a.npy: truncated');
  await expect(openNpy({ path: 'b.npy', blob: new Blob(['text']) })).rejects.toThrow(
    'b.npy: not a .npy file',
  );
  expect([isNpy('x/A.NPY'), isNpy('a.npz')]).toEqual([true, false]);
});

test('a model takes an array of its own width and range, and says what it expects', async () => {
  const scaling = { kind: 'standard' as const, mean: [0, 0], deviation: [1, 1] };
  const matrix: Data = { shape: [2], features: 2, names: null, range: null, scaling };
  const rows = await openFileRows([file('<f4', [3, 2], floats(1, 2, 3, 4, 5, 6))], matrix, []);
  expect([rows.name, rows.expected]).toEqual(['a.npy', 3]);
  const narrow = openFileRows([file('<f4', [2, 3], floats(1, 2, 3, 4, 5, 6))], matrix, []);
  await expect(narrow).rejects.toThrow('a sample has 3 values, the model expects 2: rows of 2 numbers');
  const image = openFileRows([{ path: 'a.png', blob: new Blob() }], matrix, []);
  await expect(image).rejects.toThrow('a.png: the model expects one .npy file of rows of 2 numbers');
  const dark: Data = { ...matrix, shape: [1, 2, 1], range: [0, 4] };
  const bright = await openFileRows([file('<f4', [3, 2], floats(1, 2, 3, 4, 5, 6))], dark, []);
  await expect(bright.read(async () => {})).rejects.toThrow(
    'row 2, column 0 (counted from 0) is 5: the model',
  );
});
