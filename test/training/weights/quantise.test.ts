import { describe, expect, test } from 'vitest';
import { parseModel } from '../../../engine/onnx/model.ts';
import { Random } from '../../../kernels/random.ts';
import { centrePoints, squaredDistances } from '../../../training/linear/points.ts';
import { Graph } from '../../../training/onnx/graph/graph.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { chooseBlocks, roundAll } from '../../../training/weights/blocks.ts';
import { roundWithFeedback } from '../../../training/weights/feedback.ts';
import { quantise } from '../../../training/weights/quantise.ts';
import { largestDifference, runBoth } from '../../engine/support.ts';

const random = new Random(5);
const vary = (length: number) => Float32Array.from({ length }, () => random.normal());

/** Rows of d numbers that follow q hidden ones. */
function correlated(n: number, d: number, q: number): Matrix {
  const [hidden, mixing, noise] = [vary(n * q), vary(q * d), vary(n * d)];
  const values = noise.map((own, p) => {
    let sum = 0.05 * own;
    for (let k = 0; k < q; k++) sum += hidden[Math.floor(p / d) * q + k] * mixing[k * d + (p % d)];
    return sum;
  });
  return { values, n, d };
}

function multiply({ values, n, d }: Matrix, weights: Float32Array): Float64Array {
  const m = weights.length / d;
  return Float64Array.from({ length: n * m }, (_, p) => {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += values[Math.floor(p / m) * d + k] * weights[k * m + (p % m)];
    return sum;
  });
}

describe('blocks', () => {
  test('the largest value of a block is exact, and no value is off by more than half a step', () => {
    const values = vary(320);
    const blocks = chooseBlocks(values)!;
    expect([blocks.size, blocks.scales.length]).toEqual([32, 10]);
    const rounded = roundAll(values, blocks);
    for (const [p, value] of values.entries()) {
      const scale = blocks.scales[Math.floor(p / 32)];
      expect(Math.abs(rounded[p] * scale - value)).toBeLessThanOrEqual(scale * 0.5001);
    }
    expect(Math.max(...rounded.subarray(0, 32).map(Math.abs))).toBe(127);
  });

  test('whole numbers stay as they are, and so do zeros', () => {
    const values = Float32Array.from({ length: 64 }, (_, i) => (i < 32 ? 0 : (i % 3) - 1));
    const blocks = chooseBlocks(values)!;
    expect(blocks.scales).toEqual(Float32Array.of(1, 1));
    expect(Float32Array.from(roundAll(values, blocks))).toEqual(values);
  });

  test('values that cannot be shared out, or are not finite, have none', () => {
    expect(chooseBlocks(vary(26 * 89))?.size).toBe(26);
    expect(chooseBlocks(vary(37))).toBeUndefined();
    expect(chooseBlocks(vary(32).with(3, Number.POSITIVE_INFINITY))).toBeUndefined();
  });
});

test('rounding with feedback changes the results of a product less than rounding each weight', () => {
  const [d, m] = [48, 16];
  const weights = vary(d * m);
  const blocks = chooseBlocks(weights)!;
  const error = (rounded: Int8Array, inputs: Matrix) => {
    const own = Float32Array.from(rounded, (value, p) => value * blocks.scales[Math.floor(p / blocks.size)]);
    const [found, expected] = [multiply(inputs, own), multiply(inputs, weights)];
    return Math.sqrt(found.reduce((sum, y, p) => sum + (y - expected[p]) ** 2, 0) / found.length);
  };
  const all = correlated(600, d, 6);
  const part = (start: number, end: number) => ({
    ...all,
    values: all.values.subarray(start * d, end * d),
    n: end - start,
  });
  // Judged by rows that it has not seen.
  const [seen, others] = [part(0, 400), part(400, 600)];
  const [plain, fed] = [roundAll(weights, blocks), roundWithFeedback(weights, blocks, seen)];
  expect(error(fed, others)).toBeLessThan(0.5 * error(plain, others));
});

/** A layer, a bottleneck, and the distance to the nearest of some rows. */
function smallModel() {
  const [d, hidden, n] = [64, 96, 150];
  const graph = new Graph();
  const x = graph.input('input', ['N', d]);
  const layer = graph.relu(
    graph.gemm(
      x,
      graph.constant(
        vary(d * hidden).map((w) => w / 8),
        [d, hidden],
      ),
    ),
  );
  const back = graph.gemm(
    layer,
    graph.constant(
      vary(hidden * 16).map((w) => w / 8),
      [hidden, 16],
    ),
  );
  const rows = graph.constant(vary(n * 16), [n, 16]);
  const near = graph.topK(graph.gemm(back, rows, { transB: true }), 1).indices;
  graph.output('y', back);
  graph.output('nearest', graph.gather(rows, near));
  return { model: serialise(graph, 'small'), d };
}

describe('a model with smaller weights', () => {
  test.each([
    ['f16', 2e-3, 0.55],
    ['int8', 2e-2, 0.4],
  ] as const)(
    '%s: smaller, nearly the same results, and both engines agree',
    async (weights, tolerance, size) => {
      const { model, d } = smallModel();
      const samples = vary(200 * d);
      const smaller = await quantise(model, weights, { values: samples, n: 200, d });
      expect(smaller.length).toBeLessThan(size * model.length);
      const fresh = vary(7 * d);
      const [was, is] = [await runBoth(model, fresh, 7, 'input'), await runBoth(smaller, fresh, 7, 'input')];
      expect(largestDifference(is[0].expected, was[0].expected)).toBeLessThan(tolerance);
      expect(largestDifference(is[1].expected, was[1].expected)).toBeLessThan(tolerance);
      for (const { own, expected } of is) expect(largestDifference(own, expected)).toBeLessThan(1e-5);
    },
  );

  test.each(['f16', 'int8'] as const)(
    '%s: distances are those from the rows that are stored',
    async (weights) => {
      const [n, d, count] = [150, 16, 5];
      const graph = new Graph();
      const x = graph.input('input', ['N', d]);
      const points = centrePoints({ values: vary(n * d), n, d }, new Float32Array(d));
      graph.output('squares', squaredDistances(graph, x, points));
      graph.output(
        'rows',
        graph.gather(graph.constant(points.values, [n, d]), graph.integers([...Array(n).keys()])),
      );
      const samples = vary(count * d);
      const smaller = await quantise(serialise(graph, 'rows'), weights, { values: samples, n: count, d });
      const [squares, rows] = (await runBoth(smaller, samples, count, 'input')).map(
        ({ expected }) => expected,
      );
      expect(rows).not.toEqual(points.values);
      const wanted = squares.map((_, p) => {
        const [own, other] = [samples.subarray(Math.floor(p / n) * d), rows.subarray((p % n) * d)];
        return Array.from({ length: d }, (_, j) => (own[j] - other[j]) ** 2).reduce((a, b) => a + b);
      });
      expect(largestDifference(squares, wanted)).toBeLessThan(1e-5);
    },
  );

  test('thresholds, biases and small constants stay as they are', async () => {
    const graph = new Graph();
    const x = graph.input('input', ['N', 2048]);
    const bias = vary(2048);
    const shifted = graph.add(x, graph.constant(bias, [2048]));
    const small = vary(2048 / 4);
    graph.output('y', graph.gemm(graph.slice(shifted, 0, 8, 1), graph.constant(small, [8, 64])));
    const smaller = await quantise(serialise(graph, 'small'), 'f16', { values: vary(2048), n: 1, d: 2048 });
    const floats = [...parseModel(smaller).constants.values()].flatMap(({ floats, values }) =>
      floats ? [values] : [],
    );
    expect(floats).toContainEqual(bias);
    expect(floats).toContainEqual(small);
  });

  test('what half precision cannot hold stays as it is', async () => {
    const graph = new Graph();
    const huge = vary(64 * 64).map((value) => value * 1e6);
    graph.output('y', graph.gemm(graph.input('input', ['N', 64]), graph.constant(huge, [64, 64])));
    const model = serialise(graph, 'huge');
    const same = await quantise(model, 'f16', { values: vary(64), n: 1, d: 64 });
    expect([...parseModel(same).constants.values()].map(({ values }) => values)).toContainEqual(huge);
  });
});
