import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { formatNpyHeader } from '../../../../training/data/datasets/npy-header.ts';
import { openSource } from '../../../../training/data/source.ts';
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
