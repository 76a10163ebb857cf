import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Checkpoint,
  describeDifferences,
  readCheckpoint,
  writeCheckpoint,
} from '../../../training/network/checkpoint.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
});
afterAll(() => rm(folder, { recursive: true }));

const checkpoint: Checkpoint = {
  identity: { training: { seed: 1 }, data: 'x' },
  progress: {
    epoch: 3,
    done: 512,
    steps: 1234,
    sum: 0.1 + 0.2,
    first: 543.21,
    trainLoss: [1 / 3, 2 / 3],
    validationLoss: [0.1, 0.2],
    learningRate: [1e-3, 1e-300],
    bestEpoch: 1,
    plateau: { best: null, bad: 2, factor: 0.5 },
  },
  arrays: new Map([
    ['parameters', Float32Array.of(1, -0, 1e-40, 3.4e38)],
    ['empty', new Float32Array(0)],
    ['best:layer0.weight', Float32Array.of(0.1)],
  ]),
};

test('reads what was written, bit for bit, and leaves nothing else in the folder', async () => {
  const path = join(folder, 'a.checkpoint');
  writeCheckpoint(path, { ...checkpoint, arrays: new Map() });
  writeCheckpoint(path, checkpoint);
  expect(readCheckpoint(path)).toEqual(checkpoint);
  expect(await readdir(folder)).toEqual(['a.checkpoint']);
});

test('a missing checkpoint is undefined', () => {
  expect(readCheckpoint(join(folder, 'none'))).toBeUndefined();
});

describe('a damaged checkpoint is refused', () => {
  const written = () => {
    const path = join(folder, 'b.checkpoint');
    writeCheckpoint(path, checkpoint);
    return { path, bytes: readFileSync(path) };
  };

  test('truncated anywhere', () => {
    const { path, bytes } = written();
    for (let length = 0; length < bytes.length; length += 7) {
      writeFileSync(path, bytes.subarray(0, length));
      expect(() => readCheckpoint(path)).toThrow(/is (not a checkpoint|damaged)/);
    }
  });

  test('with any byte changed', () => {
    const { path, bytes } = written();
    for (let at = 0; at < bytes.length; at += 11) {
      const broken = Buffer.from(bytes);
      broken[at] ^= 1;
      writeFileSync(path, broken);
      expect(() => readCheckpoint(path)).toThrow(/delete it and train from the beginning/);
    }
  });

  test('with something else in it', () => {
    const path = join(folder, 'c.checkpoint');
    writeFileSync(path, 'hello');
    expect(() => readCheckpoint(path)).toThrow('c.checkpoint is not a checkpoint that this version reads');
  });
});

test('writing to a missing folder throws an error that says so', () => {
  expect(() => writeCheckpoint(join(folder, 'missing', 'a'), checkpoint)).toThrow(
    /cannot be written: the folder .* does not exist/,
  );
});

test('the differences of two runs are named by key', () => {
  expect(
    describeDifferences({ a: 1, b: { c: [1, 2], d: 2 } }, { a: 1, b: { c: [1, 3], d: 2, e: 'x' } }),
  ).toEqual(['b.c was [1,2] and is [1,3]', 'b.e was not given and is "x"']);
});
