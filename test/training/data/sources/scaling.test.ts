import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { formatNpyHeader } from '../../../../bundle/npy/header.ts';
import { TemporaryFolder } from '../../../../training/data/datasets/temporary-folder.ts';
import { openSource } from '../../../../training/data/source.ts';
import { openMatrix } from '../../../../training/data/sources/matrix.ts';
import { test } from '../temporary.ts';

test('a matrix of doubles whose digits do not fit 32-bit floats is refused, and others are not', async ({
  folder,
}) => {
  const write = async (name: string, offset: number) => {
    const path = join(folder, `${name}.npy`);
    const values = Float64Array.from({ length: 600 }, (_, i) =>
      i % 2 ? Math.sin(i * i) : offset + 1000 * Math.sin(i),
    );
    await writeFile(path, Buffer.concat([formatNpyHeader('<f8', [300, 2]), new Uint8Array(values.buffer)]));
    return path;
  };
  await expect(openSource(await write('times', 1.7e9), {})).rejects.toThrow(
    /times\.npy: column 0 \(counted from 0\) has a mean of 1\.70e\+9 and a deviation of \d+: as 32-bit floats, its values lose most of what they differ by; subtract an offset/,
  );
  await using near = await openSource(await write('near', 1.7e6), {});
  expect(near.features).toBe(2);
});

test('bytes are scaled as bytes, whatever their byte order is said to be', async ({ folder }) => {
  for (const [i, dtype] of ['|u1', '<u1', '>u1', 'u1'].entries()) {
    const path = join(folder, `${i}.npy`);
    const values = Uint8Array.from({ length: 600 }, (_, at) => at % 200);
    await writeFile(path, Buffer.concat([formatNpyHeader(dtype, [300, 2]), values]));
    await using source = await openSource(path, {});
    expect([dtype, source.range, source.test.data.constructor]).toEqual([dtype, [0, 255], Uint8Array]);
  }
});

test.each([
  ['vanish', (i: number) => (i % 7) * 1e-42, 'e-42'],
  ['overflow', (i: number) => (i % 2 ? 3.4e38 : -3.4e38) / (1 + (i % 3)), 'e+38'],
])('values that %s when they are scaled are refused, in a table and in a matrix', async (_, value, size) => {
  const rows = Array.from({ length: 100 }, (_, i) => [Math.sin(i), value(i)]);
  await using folder = await TemporaryFolder.create('offmanifold-test-');
  const path = join(folder.path, 'table.csv');
  await writeFile(path, ['a,b', ...rows.map((row) => row.join())].join('\n'));
  const why = `has a deviation of \\d\\.\\d\\d${size.replace('+', '\\+')}, but 32-bit floats can only scale`;
  await expect(openSource(path, {})).rejects.toThrow(new RegExp(`table.csv: column b ${why}`));
  const values = Float32Array.from(rows.flat());
  await expect(openMatrix(values, [2], { scaling: 'standard' })).rejects.toThrow(
    new RegExp(`column 1 \\(counted from 0\\) ${why}`),
  );
});

test('a range that overflows is refused', async () => {
  const values = Float32Array.from({ length: 100 }, (_, i) => (i % 2 ? 3e38 : -3e38));
  await expect(openMatrix(values, [1], { scaling: 'range' })).rejects.toThrow(
    'the values have a range of 6.00e+38',
  );
});
