import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { modelId } from '../../bundle/integrity.ts';
import { openFolder, verifyFolder } from '../../bundle/node/folder.ts';
import { parseReport, type Report } from '../../bundle/report.ts';
import { STUDY_PICTURES } from '../../bundle/studies.ts';
import { updateStudies } from '../../training/commands/studies.ts';
import { STUDIED_BUNDLE, STUDIES_PRINTED, TEST_BUNDLE } from '../support/paths.ts';

let before: Report;
let after: Report;

const reportOf = async (bundle: string) => parseReport(await (await openFolder(bundle)).json('report.json'));

beforeAll(async () => {
  before = await reportOf(TEST_BUNDLE);
  after = await reportOf(STUDIED_BUNDLE);
});

test('the bundle is valid, has the studies and their pictures, and is otherwise unchanged', async () => {
  const { manifest } = await verifyFolder(STUDIED_BUNDLE);
  const { studies, headline, ...rest } = after;
  const { studies: none, headline: old, ...was } = before;
  expect(none).toBeNull();
  expect(rest).toEqual(was);
  const best = Math.max(...studies!.classifiers.map(({ accuracy }) => accuracy));
  expect(headline).toEqual({ ...old, best_classifier_accuracy: best });
  expect(manifest.headline).toEqual(headline);
  expect(manifest.files.map(({ name }) => name)).toEqual(expect.arrayContaining([...STUDY_PICTURES]));
});

test('every classifier is tested on all test digits and beats chance', () => {
  const { classifiers, settings } = after.studies!;
  expect(classifiers).toHaveLength(13);
  for (const { method, features, accuracy, confusion } of classifiers) {
    const counts = confusion.flat();
    expect(counts.reduce((a, b) => a + b)).toBe(settings.test);
    const right = confusion.reduce((sum, row, i) => sum + row[i], 0);
    expect(accuracy, `${method} on ${features}`).toBeCloseTo(right / settings.test, 12);
    expect(accuracy, `${method} on ${features}`).toBeGreaterThan(0.3);
  }
});

test('noise is farther from the digits, reconstructed worse, and has more dimensions', () => {
  const { random_images, dimension } = after.studies!;
  const [digits, noise, pixelwise] = random_images.kinds;
  expect(noise.distance).toBeGreaterThan(pixelwise.distance);
  expect(pixelwise.distance).toBeGreaterThan(digits.distance);
  expect(pixelwise.error).toBeGreaterThan(digits.error);
  for (const { distance_histogram, error_histogram } of random_images.kinds) {
    expect(distance_histogram.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    expect(error_histogram.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
  }
  const of = (data: string) => dimension.find((row) => row.data === data)!;
  expect(of('noise, pixels').two_nn).toBeGreaterThan(4 * of('digits, pixels').two_nn);
  expect(of('noise, pixels').maximum_likelihood).toBeGreaterThan(4 * of('digits, pixels').maximum_likelihood);
});

test('the other studies have all their settings, with consistent figures', () => {
  const { code_sizes, denoising, sparsity, map } = after.studies!;
  expect(code_sizes.map(({ code }) => code)).toEqual([2, 4, 8, 16, 32, 64, 128]);
  const pca = code_sizes.map(({ pca_mse }) => pca_mse);
  expect(pca).toEqual(pca.toSorted((a, b) => b - a));
  expect(denoising.map(({ corruption }) => corruption)).toEqual(['gaussian', 'masking', 'salt_and_pepper']);
  // Noise of deviation σ has a peak signal-to-noise ratio of −20 log₁₀ σ.
  expect(denoising[0].psnr_noisy).toBeCloseTo(-20 * Math.log10(denoising[0].level), 1);
  expect(sparsity.map(({ penalty }) => penalty)).toEqual(['none', 'L1', 'KL']);
  for (const { by_class, maps, split_share } of map.splits) {
    expect(split_share).toBeCloseTo(by_class.reduce((a, b) => a + b) / (10 * maps), 12);
  }
  expect(map.splits.map(({ points, start }) => `${points} ${start}`)).toEqual(
    [200, 600].flatMap((points) => ['PCA', 'random', 'spectral'].map((start) => `${points} ${start}`)),
  );
  const { torn, inputs } = map;
  if (torn) {
    const [worse, better] = torn.maps;
    expect(worse.torn).toContain(torn.label);
    expect(better.start).not.toBe(worse.start);
    for (const values of [torn.labels, worse.x, worse.y, better.x, better.y]) {
      expect(values).toHaveLength(torn.points);
    }
    expect(Math.max(...worse.x, ...worse.y, ...better.x, ...better.y)).toBeLessThanOrEqual(1000);
  }
  expect(inputs!.map(({ features }) => features)).toEqual(['pixels', 'PCA', 'code']);
  for (const row of inputs!) {
    expect(row.trustworthiness).toBeGreaterThan(0.85);
    expect(row.knn_accuracy).toBeGreaterThan(0.6);
  }
  expect(map.tilt.r_squared).toBeGreaterThan(0.3);
});

test('the printed figures are those of the bundle', async () => {
  const text = await readFile(STUDIES_PRINTED, 'utf8');
  const best = Math.max(...after.studies!.classifiers.map(({ accuracy }) => accuracy));
  expect(text).toContain(`best_classifier_accuracy ${best.toFixed(4)}`);
  expect(text).toMatch(/^3 nearest neighbours +pixels-784/m);
});

test('refuses a model that was not trained on MNIST', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
  const other = join(folder, 'other');
  await cp(TEST_BUNDLE, other, { recursive: true });
  const { model_id: _id, ...manifest } = JSON.parse(await readFile(join(other, 'manifest.json'), 'utf8'));
  manifest.data.name = 'sensors';
  const renamed = { ...manifest, model_id: await modelId(manifest) };
  await writeFile(join(other, 'manifest.json'), JSON.stringify(renamed));
  await expect(updateStudies(other, { seed: 1, quick: true })).rejects.toThrow(
    `${other} is a model of sensors: the studies need a model of the MNIST`,
  );
  await rm(folder, { recursive: true });
});
