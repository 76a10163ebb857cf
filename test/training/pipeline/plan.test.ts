import { describe, expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import type { Configuration } from '../../../training/config/schema.ts';
import { openMatrix } from '../../../training/data/sources/matrix.ts';
import { fitDetector } from '../../../training/detectors/detector.ts';
import { DETECTORS } from '../../../training/detectors/registry.ts';
import { type PlannedData, planRun } from '../../../training/pipeline/plan.ts';
import { FUSION } from '../../../training/scorer/members.ts';

/** The source of a matrix of random numbers. */
async function matrix(count: number, features: number, options: Configuration = {}) {
  const random = new Random(1);
  const values = Float32Array.from({ length: count * features }, () => random.normal());
  return openMatrix(values, [features], options);
}

test('too few rows for the default options are refused with the fewest that are enough', async () => {
  for (const count of [2, 3]) {
    await expect(matrix(count, 3)).rejects.toThrow(`there are ${count} rows: at least 23 are needed`);
  }
  for (const count of [4, 5, 15, 20, 22]) {
    const source = await matrix(count, 3);
    expect(() => planRun(source, {}), String(count)).toThrow(
      `there are ${count} rows: at least 23 are needed with the default options, and a few hundred to learn anything useful`,
    );
  }
  // With the default written out, it is the detectors that are fitted to too few rows.
  const source = await matrix(22, 3);
  expect(() => planRun(source, { contamination: 0.3 })).toThrow(
    'knn_5_percent:input needs at least 6 rows to fit',
  );
  const enough = await matrix(23, 3);
  expect(() => planRun(enough, {})).not.toThrow();
});

describe('calibration samples', () => {
  test('are 9 for a small table, enough for a threshold at the largest level', async () => {
    const source = await matrix(50, 3);
    expect(source.calibration.count).toBe(9);
    expect(source.validation.count + source.test.count + source.train.count).toBe(41);
    expect(() => planRun(source, {})).not.toThrow();
  });

  test('are a share of a larger table, and what the smallest can spare', async () => {
    expect((await matrix(200, 3)).calibration.count).toBe(30);
    const smallest = await matrix(10, 3);
    expect([smallest.calibration.count, smallest.train.count]).toEqual([5, 2]);
  });

  test('that are too few are refused before training', async () => {
    const options = { calibration: 8 };
    const source = await matrix(100, 3, options);
    expect(() => planRun(source, options)).toThrow(
      'there are 8 calibration samples; a p-value of 0.1 needs at least 9: use more data or a larger --calibration',
    );
    const one = await matrix(100, 3, { calibration: 1 });
    expect(() => planRun(one, {})).toThrow(
      'there is 1 calibration sample; a p-value of 0.1 needs at least 9',
    );
  });
});

describe('a model that is too large to be trained is refused before training', () => {
  /** Images of bytes, of which only the shape is known. */
  const images = (...shape: number[]): PlannedData => ({
    shape,
    encoded: shape.reduce((a, b) => a * b, 1),
    scaling: { kind: 'range', low: 0, high: 255 },
    train: { count: 60 },
    validation: { count: 10 },
    calibration: { count: 20 },
    test: { count: 20 },
  });

  test.each<[Parameters<typeof planRun>[1], string]>([
    [{ preset: 'small' }, '786432-512-128-64-128-512-786432: training 806 million parameters takes 12 GiB'],
    [
      { preset: 'image', channels: [16, 32] },
      '512×512×3 → conv 16, 32 → 256 → 64: training 269 million parameters takes',
    ],
    [
      { preset: 'large' },
      'GiB fit: use smaller images (--shape resizes a folder of images), smaller --widths',
    ],
  ])('%j', (options, message) => {
    expect(() => planRun(images(512, 512, 3), options)).toThrow(message);
    expect(() => planRun(images(64, 64, 3), options)).not.toThrow();
  });

  test('images with more than 4096 values get convolutions unless a preset is named', () => {
    expect(planRun(images(64, 64, 1), {}).preset).toBe('small');
    expect(planRun(images(64, 64, 3), {}).preset).toBe('image');
    expect(planRun(images(64, 64, 3), { preset: 'small' }).model.blueprint.kind).toBe('dense');
  });

  test('for a table, too; noise and the optimiser count', async () => {
    const source = await matrix(60, 20);
    expect(() => planRun(source, { widths: [20_000, 20_000] })).toThrow(
      /^20-20000-20000-7-20000-20000-20: training 801 million parameters takes 11.9 GiB, and at most 4 GiB fit: use fewer columns or smaller --widths$/,
    );
    const widths = [14_000, 14_000];
    expect(() => planRun(source, { widths, optimiser: 'sgd' })).not.toThrow();
    expect(() => planRun(source, { widths, optimiser: 'adam' })).toThrow('at most 4 GiB fit');
    expect(() => planRun(source, { widths, optimiser: 'sgd', dropout: 0.1 })).not.toThrow();
  });
});

describe('detectors', () => {
  test('that need more rows than there are to fit are refused before training', async () => {
    const options = { limit: 6 };
    const few = await matrix(200, 3, options);
    expect(() => planRun(few, options)).toThrow(
      'detectors: knn_5_percent:input needs at least 6 rows to fit; 6 training samples leave 4: use more data, a larger --limit, or another detector',
    );
    expect(() => planRun(few, { ...options, detectors: ['knn'] })).toThrow(
      'detectors: knn:input needs at least 6 rows to fit; 6 training samples with contamination 0.3 leave 3: use more data, a larger --limit, or another detector',
    );
    expect(() => planRun(few, { ...options, detectors: ['hbos'] })).not.toThrow();
    const enough = await matrix(200, 3, { limit: 8 });
    expect(() => planRun(enough, { contamination: 0 })).not.toThrow();
    expect(() => planRun(enough, { contamination: 0, detectors: ['knn_mean'] })).toThrow(
      'knn_mean:input needs at least 11 rows to fit; 8 training samples with contamination 0 leave 6',
    );
  });

  const WHOLE = ['pca_residual', 'pca_major', 'pca_minor', 'mahalanobis', 'mixture'];
  test.each(WHOLE)(
    '%s is refused for rows wider than it takes, but not for their projection',
    async (name) => {
      const wide = await matrix(60, 1500);
      expect(() => planRun(wide, { detectors: [`${name}:input`] })).toThrow(
        `detectors: ${name}:input takes at most 1024 numbers per row, not 1500: choose another detector, or ${name}:projection`,
      );
      expect(() => planRun(wide, { detectors: [`${name}:projection`, `${name}:code`] })).not.toThrow();
      expect(() => planRun(wide, { detectors: [`${name}:code`], code: 1025 })).toThrow(
        `${name}:code takes at most 1024 numbers per row, not 1025`,
      );
      expect(() => planRun(wide, { detectors: ['knn:input', 'reconstruction'] })).not.toThrow();
    },
  );

  test('are fused by their mean if they are named, unless another rule is', async () => {
    const source = await matrix(100, 3);
    const detectors = ['knn', 'hbos', 'ecod'];
    expect(planRun(source, {}).fusion).toBe(FUSION.matrix);
    expect(planRun(source, { detectors }).fusion).toBe('mean');
    // As before there was a choice: detectors that were once the default, and are named, train the same.
    const before = planRun(source, { detectors: ['knn:input', 'mixture:projection'] });
    expect([before.fusion, before.contamination]).toEqual(['mean', 0.3]);
    expect(planRun(source, { detectors, fusion: 'top2' }).fusion).toBe('top2');
    expect(planRun(source, { fusion: 'max' }).fusion).toBe('max');
  });

  test('say how many rows they need: they can be fitted to that many, and not to one fewer', async () => {
    const rowsOf = (n: number) => ({
      values: Float32Array.from({ length: 3 * n }, (_, p) => p % 7),
      n,
      d: 3,
    });
    for (const detector of Object.values(DETECTORS)) {
      const { name, minRows } = detector;
      if (minRows === undefined) continue;
      await expect(fitDetector(detector, rowsOf(minRows), { seed: 1 }), name).resolves.toBeDefined();
      await expect(fitDetector(detector, rowsOf(minRows - 1), { seed: 1 }), name).rejects.toThrow(RangeError);
    }
  });
});
