import { describe, expect, test } from 'vitest';
import { auroc } from '../../../bundle/metrics.ts';
import { Random } from '../../../kernels/random.ts';
import { oneClassSvm, solveOneClassSvm } from '../../../training/detectors/one-class-svm.ts';
import { runDetector } from '../../../training/detectors/run.ts';
import { clusters, distance, rowAt, rowsOf } from './points.ts';

describe('one-class support vector machine', () => {
  test('about a share ν of the training rows and of new rows is outside', async () => {
    const fitted = await oneClassSvm.fit(clusters(2000), { seed: 1 });
    const outside = async (seed: number) =>
      (await runDetector(fitted, clusters(2000, seed))).filter((score) => score > 0).length / 2000;
    expect(await outside(1)).toBeGreaterThan(0.085);
    expect(await outside(1)).toBeLessThan(0.105);
    expect(Math.abs((await outside(2)) - 0.1)).toBeLessThan(0.03);
  });

  test('the plane meets the Karush–Kuhn–Tucker conditions', () => {
    const [n, width, nu] = [300, 20, 0.2];
    const random = new Random(1);
    const features = Float32Array.from({ length: n * width }, () => random.uniform());
    const { w, rho, alpha } = solveOneClassSvm(features, n, width, nu);
    const most = 1 / (nu * n);
    expect(alpha.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    for (let c = 0; c < width; c++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += alpha[i] * features[i * width + c];
      expect(w[c]).toBeCloseTo(sum, 6);
    }
    for (let i = 0; i < n; i++) {
      let product = 0;
      for (let c = 0; c < width; c++) product += w[c] * features[i * width + c];
      const slack = (product - rho) / rho;
      // Well inside, a row has weight 0; well outside, the largest weight.
      if (slack > 0.02) expect(alpha[i], `${i} inside`).toBeLessThan(0.05 * most);
      if (slack < -0.02) expect(alpha[i], `${i} outside`).toBeGreaterThan(0.95 * most);
    }
  });

  test('no small change of w lowers the objective', () => {
    const [n, width, nu] = [200, 5, 0.1];
    const random = new Random(2);
    const features = Float32Array.from({ length: n * width }, () => random.normal() + 2);
    const { w, rho } = solveOneClassSvm(features, n, width, nu);
    const objective = (v: Float64Array, offset: number) => {
      let missed = 0;
      for (let i = 0; i < n; i++) {
        let product = 0;
        for (let c = 0; c < width; c++) product += v[c] * features[i * width + c];
        missed += Math.max(0, offset - product);
      }
      return 0.5 * v.reduce((sum, value) => sum + value * value, 0) - offset + missed / (nu * n);
    };
    const best = objective(w, rho);
    for (let trial = 0; trial < 200; trial++) {
      const size = 10 ** (-3 * random.uniform()) * rho;
      const moved = w.map((value) => value + (size * random.normal()) / 2);
      expect(objective(moved, rho + size * random.normal())).toBeGreaterThan(best - 1e-3 * Math.abs(best));
    }
  });

  test('the features approximate the Gaussian kernel, so that all far rows score the same', async () => {
    const train = rowsOf(800, (random) => [random.normal(), random.normal(), random.normal()]);
    const fitted = await oneClassSvm.fit(train, { seed: 1 });
    const usual = await runDetector(fitted, train);
    const far = await runDetector(
      fitted,
      rowsOf(100, (random) => [20 + random.normal(), 20 * random.normal(), 15], 2),
    );
    expect(auroc(usual, far)).toBe(1);
    // Support vectors sum to w: with the kernel itself, w·φ(x) vanishes far away, and the score is ρ there.
    const centre = rowAt(train, 0).map(() => 0);
    const order = Array.from({ length: train.n }, (_, i) => i).sort(
      (a, b) => distance(rowAt(train, a), centre) - distance(rowAt(train, b), centre),
    );
    const mean = (from: number, to: number) =>
      order.slice(from, to).reduce((sum, i) => sum + usual[i], 0) / (to - from);
    expect(mean(0, 200)).toBeLessThan(mean(300, 500));
    expect(mean(300, 500)).toBeLessThan(mean(700, 800));
  });
});
