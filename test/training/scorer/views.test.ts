import { describe, expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { addWeights, type Trained } from '../../../training/autoencoder/export.ts';
import type { Configuration } from '../../../training/config/schema.ts';
import { runSubgraph } from '../../../training/detectors/run.ts';
import { Scope } from '../../../training/network/scope.ts';
import type { Graph, Value } from '../../../training/onnx/graph/graph.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import type { Projection } from '../../../training/scorer/projection.ts';
import { buildViews, type View } from '../../../training/scorer/views.ts';
import { drawWeights, resolveModel } from '../autoencoder/models.ts';
import { rowAt, rowsOf } from '../detectors/points.ts';

const D = 12;
const N = 6;
const [LOW, HIGH] = [50, 150];
const CODE = 3;

function trainedOf(configuration: Configuration, seed = 9): Trained {
  const { model, training } = resolveModel({
    architecture: 'dense',
    widths: [7],
    code: CODE,
    ...configuration,
  });
  return {
    model,
    weights: drawWeights(model, seed),
    training,
    scaling: { kind: 'range', low: LOW, high: HIGH },
  };
}

const raw = rowsOf(N, (random) => Array.from({ length: D }, () => LOW + (HIGH - LOW) * random.uniform()));
const unit = (row: readonly number[]) => row.map((value) => (value - LOW) / (HIGH - LOW));
const rows = Array.from({ length: N }, (_, i) => unit(rowAt(raw, i)));

const doubled: Projection = { width: D, apply: (graph, x) => graph.add(x, x) };
const view = (trained: Trained, name: View, projection = doubled) =>
  runSubgraph((graph, x) => buildViews(graph, x, trained, { projection })(name), raw);

/** Runs one part of the model over rows in the units of training. */
async function pass(
  trained: Trained,
  data: readonly (readonly number[])[],
  part: (scope: Scope, x: Value) => Value,
): Promise<number[][]> {
  const d = data[0].length;
  const matrix: Matrix = { values: Float32Array.from(data.flat()), n: data.length, d };
  const found = await runSubgraph(
    (graph: Graph, x) => part(new Scope(graph, addWeights(graph, trained), false), x),
    matrix,
  );
  const width = found.length / data.length;
  return data.map((_, i) => [...found.subarray(i * width, (i + 1) * width)]);
}

const encode = (trained: Trained, data: readonly (readonly number[])[]) =>
  pass(trained, data, (scope, x) => trained.model.encode(scope, x).code);
/** The decoder's output before the output activation. */
const decode = (trained: Trained, codes: readonly (readonly number[])[]) =>
  pass(trained, codes, (scope, z) => trained.model.decode(scope, z));

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

const plain = trainedOf({ loss: 'mean_squared_error', output: 'linear' });

describe('views of a sample', () => {
  test('input is the sample in the units of training, projection is its projection', async () => {
    const [input, projection] = [await view(plain, 'input'), await view(plain, 'projection')];
    for (const [p, value] of rows.flat().entries()) {
      expect(input[p]).toBeCloseTo(value, 5);
      expect(projection[p]).toBeCloseTo(2 * value, 5);
    }
  });

  test('code and difference are those of one pass through the model', async () => {
    const codes = await encode(plain, rows);
    const decoded = await decode(plain, codes);
    const [code, difference] = [await view(plain, 'code'), await view(plain, 'difference')];
    for (const [p, value] of codes.flat().entries()) expect(code[p]).toBeCloseTo(value, 4);
    for (const [p, value] of decoded.flat().entries())
      expect(difference[p]).toBeCloseTo(value - rows.flat()[p], 4);
  });

  test('difference uses the output activation of the decoder', async () => {
    const trained = trainedOf({ loss: 'binary_cross_entropy' });
    const decoded = await decode(trained, await encode(trained, rows));
    const difference = await view(trained, 'difference');
    for (const [p, z] of decoded.flat().entries())
      expect(difference[p]).toBeCloseTo(sigmoid(z) - rows.flat()[p], 4);
  });

  test('a view is built once, however often it is asked for', async () => {
    await runSubgraph((graph, x) => {
      const views = buildViews(graph, x, plain, { projection: doubled });
      for (const name of ['input', 'projection', 'code', 'difference', 'masked', 'loss'] as const)
        expect(views(name)).toBe(views(name));
      return views('masked');
    }, raw);
  });
});

describe('masked', () => {
  /** The masks as they are drawn: 1 where a feature is hidden. */
  function masks(): number[][] {
    const random = new Random(2016);
    const hidden = Array.from({ length: 4 }, () =>
      Array.from({ length: D }, () => Number(random.uniform() < 0.25)),
    );
    for (let j = 0; j < D; j++) hidden[random.below(4)][j] = 1;
    return hidden;
  }

  test.each<[string, Configuration]>([
    ['linear', { loss: 'mean_squared_error', output: 'linear' }],
    ['sigmoid', { loss: 'binary_cross_entropy' }],
    ['variational', { loss: 'binary_cross_entropy', variational: true }],
  ])('is the mean squared error over the passes that hide a feature: %s', async (name, configuration) => {
    const trained = trainedOf(configuration);
    const errors = rows.map(() => Array.from({ length: D }, (): number[] => []));
    for (const hidden of masks()) {
      const seen = rows.map((row) => row.map((value, j) => (hidden[j] ? 0 : value)));
      const decoded = await decode(trained, await encode(trained, seen));
      for (let i = 0; i < N; i++) {
        for (let j = 0; j < D; j++) {
          const told = name === 'linear' ? decoded[i][j] : sigmoid(decoded[i][j]);
          if (hidden[j]) errors[i][j].push((told - rows[i][j]) ** 2);
        }
      }
    }
    const found = await view(trained, 'masked');
    expect(found).toHaveLength(N * D);
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < D; j++) {
        expect(errors[i][j].length).toBeGreaterThan(0);
        const mean = sum(errors[i][j]) / errors[i][j].length;
        expect(Math.abs(found[i * D + j] - mean)).toBeLessThan(1e-4 * (1 + mean));
      }
    }
  });

  test('is the square of every feature for a model that always returns 0', async () => {
    const still = { ...plain, weights: new Map([...plain.weights].map(([key, w]) => [key, w.map(() => 0)])) };
    const found = await view(still, 'masked');
    for (const [p, value] of rows.flat().entries()) expect(found[p]).toBeCloseTo(value ** 2, 5);
  });
});

describe('loss', () => {
  const crossEntropy = (z: number, x: number) =>
    -x * Math.log(sigmoid(z)) - (1 - x) * Math.log(1 - sigmoid(z));
  const huber = (d: number) => (Math.abs(d) <= 1 ? (d * d) / 2 : Math.abs(d) - 0.5);

  test.each<[string, Configuration, (z: number, x: number) => number]>([
    ['mean_squared_error', { output: 'linear' }, (z, x) => (z - x) ** 2],
    ['mean_squared_error', { output: 'sigmoid' }, (z, x) => (sigmoid(z) - x) ** 2],
    ['mean_absolute_error', { output: 'linear' }, (z, x) => Math.abs(z - x)],
    ['huber', { output: 'linear', huber_delta: 1 }, (z, x) => huber(z - x)],
    ['binary_cross_entropy', {}, crossEntropy],
  ])('is the training loss per feature, with divergence 0: %s %j', async (loss, settings, each) => {
    const trained = trainedOf({ loss: loss as Configuration['loss'], ...settings });
    const decoded = await decode(trained, await encode(trained, rows));
    const found = await view(trained, 'loss');
    expect(found).toHaveLength(2 * N);
    for (const [i, row] of rows.entries()) {
      const expected = sum(row.map((x, j) => each(decoded[i][j], x))) / D;
      expect(found[2 * i] / expected).toBeCloseTo(1, 4);
      expect(found[2 * i + 1]).toBe(0);
    }
  });

  /** −log of a normal density with the variance in the decoder's second half, clipped to e^±7. */
  const gaussian = (z: readonly number[], x: readonly number[]) =>
    sum(
      x.map((value, j) => {
        const s = Math.min(7, Math.max(-7, z[D + j]));
        return 0.5 * (Math.log(2 * Math.PI) + s + (value - z[j]) ** 2 / Math.exp(s));
      }),
    );

  test('gaussian_nll is counted from its lower bound', async () => {
    const trained = trainedOf({ loss: 'gaussian_nll' });
    const decoded = await decode(trained, await encode(trained, rows));
    const found = await view(trained, 'loss');
    const least = 0.5 * (Math.log(2 * Math.PI) - 7);
    for (const [i, row] of rows.entries())
      expect(found[2 * i] / (gaussian(decoded[i], row) / D - least)).toBeCloseTo(1, 4);
  });

  test.each<['binary_cross_entropy' | 'gaussian_nll']>([['binary_cross_entropy'], ['gaussian_nll']])(
    'for a variational model, is the mean over eight draws of the code, and the divergence: %s',
    async (loss) => {
      const trained = trainedOf({ loss, variational: true });
      const codes = await encode(trained, rows);
      const logVariances = await pass(
        trained,
        rows,
        (scope, x) => trained.model.encode(scope, x).logVariance!,
      );
      const random = new Random(2015);
      const draws = Array.from({ length: 8 }, () => Array.from({ length: CODE }, () => random.normal()));
      const mean = new Float64Array(N);
      for (const draw of draws) {
        const z = codes.map((code, i) => code.map((m, k) => m + Math.exp(logVariances[i][k] / 2) * draw[k]));
        for (const [i, decoded] of (await decode(trained, z)).entries()) {
          const bits = rows[i].map((x, j) => crossEntropy(decoded[j], x));
          mean[i] += (loss === 'gaussian_nll' ? gaussian(decoded, rows[i]) : sum(bits)) / 8 / D;
        }
      }
      const least = loss === 'gaussian_nll' ? 0.5 * (Math.log(2 * Math.PI) - 7) : 0;
      const found = await view(trained, 'loss');
      for (let i = 0; i < N; i++) {
        expect(found[2 * i] / (mean[i] - least), `row ${i}`).toBeCloseTo(1, 3);
        // From each Gaussian to the standard normal: ½ (σ² + μ² − 1 − log σ²).
        const divergence = sum(
          codes[i].map((m, k) => 0.5 * (Math.exp(logVariances[i][k]) + m * m - 1 - logVariances[i][k])),
        );
        expect(found[2 * i + 1] / (divergence / D)).toBeCloseTo(1, 4);
      }
    },
  );
});
