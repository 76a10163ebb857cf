import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base } from 'vitest';
import type { RawValues } from '../../../bundle/npy/dtype.ts';
import { formatNpyHeader } from '../../../bundle/npy/header.ts';

/** A test with a folder of its own, which is removed after it. */
export const test = base.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures that are used here
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'offmanifold-data-'));
    try {
      await use(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
});

/** Writes a .npy file of these rows; `shape` is one sample's. Returns its path. */
export async function writeNpy(folder: string, values: RawValues, shape: readonly number[]): Promise<string> {
  const path = join(folder, 'data.npy');
  const count = values.length / shape.reduce((a, b) => a * b, 1);
  const header = formatNpyHeader(values instanceof Uint8Array ? '|u1' : '<f4', [count, ...shape]);
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  await writeFile(path, Buffer.concat([header, bytes]));
  return path;
}

/** Rows of `features` values that tell row and column: row × 1000 + column. */
export function numbered(count: number, features: number): Float32Array {
  return new Float32Array(count * features).map((_, i) => Math.floor(i / features) * 1000 + (i % features));
}
