import { Tensor as OnnxTensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import type { Random } from '../../../kernels/random.ts';
import { gradients } from '../../../training/onnx/graph/autodiff.ts';
import { type Attributes, Graph } from '../../../training/onnx/graph/graph.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { createSession, tensor } from '../../../training/runtime/session.ts';
import { drawTensor, runOp, type Tensor } from './run.ts';

/** A few units in the last place of f32, for values of order 1. */
const DIGITS = 5;

function expectClose(found: Tensor, expected: ArrayLike<number>, shape?: readonly number[]) {
  if (shape) expect(found.shape).toEqual(shape);
  expect(found.data.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(found.data[i], `[${i}]`).toBeCloseTo(expected[i], DIGITS);
}

/** erf by its Taylor series, which converges everywhere (Abramowitz & Stegun 7.1.5). */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe('element-wise operators agree with their definitions', () => {
  const definitions: Record<string, (x: number) => number> = {
    Neg: (x) => -x,
    Abs: Math.abs,
    Sign: Math.sign,
    Exp: Math.exp,
    Erf: erf,
    Relu: (x) => Math.max(x, 0),
    LeakyRelu: (x) => (x > 0 ? x : 0.01 * x),
    Elu: (x) => (x > 0 ? x : Math.expm1(x)),
    Gelu: (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
    Silu: (x) => x * sigmoid(x),
    Tanh: Math.tanh,
    Sigmoid: sigmoid,
    Softplus: (x) => Math.log1p(Math.exp(x)),
  };
  for (const [op, define] of Object.entries(definitions)) {
    test(op, async () => {
      const x = drawTensor([4, 5], 1);
      const [y] = await runOp([x], (graph, [value]) => graph.ops(op, [value])[0]);
      expectClose(y, x.data.map(define), [4, 5]);
    });
  }

  test('Sqrt, Log, Pow for positive numbers', async () => {
    const x = drawTensor([4, 5], 2, (random) => random.uniform() + 0.1);
    const found = await runOp([x], (graph, [value]) => [
      graph.op('Sqrt', [value]),
      graph.op('Log', [value]),
      graph.op('Pow', [value, graph.constant(-1.5)]),
    ]);
    for (const [i, define] of [Math.sqrt, Math.log, (v: number) => v ** -1.5].entries()) {
      for (let k = 0; k < 20; k++) expect(found[i].data[k] / define(x.data[k])).toBeCloseTo(1, DIGITS);
    }
  });

  test('alpha is a float, not truncated to an integer', async () => {
    const [leaky, elu] = await runOp([{ data: Float32Array.of(-2, 3), shape: [2] }], (graph, [x]) => [
      graph.op('LeakyRelu', [x], { alpha: 0.4 }),
      graph.op('Elu', [x], { alpha: 1.5 }),
    ]);
    expectClose(leaky, [-0.8, 3]);
    expectClose(elu, [1.5 * Math.expm1(-2), 3]);
  });

  test('Softplus far from 0 neither overflows nor is off by more than 1.2e-7', async () => {
    const x = { data: Float32Array.of(-200, -20, -3, 0, 3, 20, 200), shape: [7] };
    const [y] = await runOp([x], (graph, [value]) => graph.op('Softplus', [value]));
    for (const [i, value] of x.data.entries()) {
      const expected = value > 50 ? value : Math.log1p(Math.exp(value));
      expect(Math.abs(y.data[i] - expected)).toBeLessThan(1.2e-7 * Math.max(1, expected));
    }
  });
});

describe('operators with two inputs that broadcast', () => {
  const definitions: Record<string, (a: number, b: number) => number> = {
    Add: (a, b) => a + b,
    Sub: (a, b) => a - b,
    Mul: (a, b) => a * b,
    Div: (a, b) => a / b,
    Max: Math.max,
    Min: Math.min,
  };
  const positive = (random: Random) => random.uniform() + 0.5;
  for (const [op, define] of Object.entries(definitions)) {
    test(op, async () => {
      const [a, b] = [drawTensor([3, 1], 1), drawTensor([4], 2, positive)];
      const [y] = await runOp([a, b], (graph, values) => graph.ops(op, values)[0]);
      expectClose(
        y,
        Float32Array.from({ length: 12 }, (_, i) => define(a.data[i >> 2], b.data[i & 3])),
        [3, 4],
      );
    });
  }

  test('Where', async () => {
    const [x, a, b] = [drawTensor([3, 4], 1), drawTensor([4], 2), drawTensor([3, 1], 3)];
    const [y] = await runOp([x, a, b], (graph, [c, ...values]) =>
      graph.op('Where', [graph.op('Greater', [c, graph.constant(0.2)]), ...values]),
    );
    expectClose(
      y,
      x.data.map((v, i) => (v > 0.2 ? a.data[i & 3] : b.data[i >> 2])),
    );
  });
});

test('Clip keeps to its bounds', async () => {
  const [y] = await runOp([{ data: Float32Array.of(-3, 0.2, 4), shape: [3] }], (graph, [x]) =>
    graph.op('Clip', [x, graph.constant(-1), graph.constant(2)]),
  );
  expectClose(y, [-1, 0.2, 2]);
});

describe('products', () => {
  /** The product of an m × k and a k × n matrix, row-major. */
  function product(a: ArrayLike<number>, b: ArrayLike<number>, m: number, k: number, n: number): number[] {
    return Array.from({ length: m * n }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < k; j++) sum += a[Math.floor(i / n) * k + j] * b[j * n + (i % n)];
      return sum;
    });
  }

  test('MatMul of stacks that broadcast', async () => {
    const [a, b] = [drawTensor([2, 1, 3, 4], 1), drawTensor([2, 4, 5], 2)];
    const [y] = await runOp([a, b], (graph, values) => graph.op('MatMul', values));
    const expected = [0, 0, 1, 1].flatMap((i, at) =>
      product(a.data.subarray(12 * i, 12 * i + 12), b.data.subarray(20 * (at % 2)), 3, 4, 5),
    );
    expectClose(y, expected, [2, 2, 3, 5]);
  });

  for (const [shapes, m, n, shape] of [
    [[[4], [4]], 1, 1, []],
    [[[4], [4, 5]], 1, 5, [5]],
    [[[3, 4], [4]], 3, 1, [3]],
    [
      [
        [3, 4],
        [4, 5],
      ],
      3,
      5,
      [3, 5],
    ],
  ] as [number[][], number, number, number[]][]) {
    test(`MatMul of [${shapes.join('] and [')}]`, async () => {
      const [a, b] = [drawTensor(shapes[0], 1), drawTensor(shapes[1], 2)];
      const [y] = await runOp([a, b], (graph, values) => graph.op('MatMul', values));
      expectClose(y, product(a.data, b.data, m, 4, n), shape);
    });
  }
});

describe('normalisation', () => {
  /** Normalises each group of entries of x by its own moments. */
  function normaliseGroups(x: Float32Array, groupOf: (i: number) => number, epsilon: number) {
    const groups = new Map<number, number[]>();
    for (const i of x.keys()) groups.set(groupOf(i), [...(groups.get(groupOf(i)) ?? []), i]);
    const moments = new Map(
      [...groups].map(([group, members]) => {
        const mean = members.reduce((sum, i) => sum + x[i], 0) / members.length;
        const variance = members.reduce((sum, i) => sum + (x[i] - mean) ** 2, 0) / members.length;
        return [group, { mean, variance }];
      }),
    );
    const y = x.map((value, i) => {
      const { mean, variance } = moments.get(groupOf(i))!;
      return (value - mean) / Math.sqrt(variance + epsilon);
    });
    return { y, moments };
  }

  const affine = (y: Float32Array, scale: Tensor, bias: Tensor, at: (i: number) => number) =>
    y.map((value, i) => value * scale.data[at(i)] + bias.data[at(i)]);

  test('LayerNormalization of the last two axes', async () => {
    const [x, scale, bias] = [drawTensor([3, 2, 4], 1), drawTensor([2, 4], 2), drawTensor([2, 4], 3)];
    const [y] = await runOp([x, scale, bias], (graph, values) =>
      graph.op('LayerNormalization', values, { axis: 1, epsilon: 0.01 }),
    );
    const { y: expected } = normaliseGroups(x.data, (i) => Math.floor(i / 8), 0.01);
    expectClose(
      y,
      affine(expected, scale, bias, (i) => i % 8),
    );
  });

  for (const [shape, channel] of [
    [[6, 3], (i: number) => i % 3],
    [[2, 3, 2, 2], (i: number) => Math.floor(i / 4) % 3],
  ] as [number[], (i: number) => number][]) {
    test(`BatchNormalization of [${shape}], by the batch's moments and by given ones`, async () => {
      const [x, scale, bias] = [drawTensor(shape, 1), drawTensor([3], 2), drawTensor([3], 3)];
      const attributes: Attributes = { epsilon: 0.01 };
      const [y, mean, variance] = await runOp([x, scale, bias], (graph, values) =>
        graph.ops('TrainingBatchNormalization', values, attributes),
      );
      const { y: expected, moments } = normaliseGroups(x.data, channel, 0.01);
      expectClose(y, affine(expected, scale, bias, channel), shape);
      expectClose(
        mean,
        [0, 1, 2].map((c) => moments.get(c)!.mean),
        [3],
      );
      expectClose(
        variance,
        [0, 1, 2].map((c) => moments.get(c)!.variance),
        [3],
      );
      const [again] = await runOp([x, scale, bias, mean, variance], (graph, values) =>
        graph.op('BatchNormalization', values, attributes),
      );
      expectClose(again, y.data, shape);
    });
  }

  test('Dropout keeps and scales values whose draw is at least the rate', async () => {
    const x = drawTensor([2, 3], 1);
    const u = { data: Float32Array.of(0, 0.24, 0.25, 0.5, 0.1, 0.99), shape: [2, 3] };
    const [y] = await runOp([x, u], (graph, values) => graph.op('Dropout', values, { rate: 0.25 }));
    expectClose(
      y,
      x.data.map((value, i) => (u.data[i] >= 0.25 ? value / 0.75 : 0)),
    );
  });
});

describe('softmax and losses', () => {
  const softmax = (row: number[]) => {
    const sum = row.reduce((total, z) => total + Math.exp(z), 0);
    return row.map((z) => Math.exp(z) / sum);
  };
  const rows = (x: Tensor, width: number) =>
    Array.from({ length: x.data.length / width }, (_, i) => [...x.data.subarray(i * width, (i + 1) * width)]);

  test('Softmax and LogSoftmax along the last axis', async () => {
    const x = drawTensor([3, 4], 1);
    const [y, log] = await runOp([x], (graph, values) => [
      graph.op('Softmax', values),
      graph.op('LogSoftmax', values),
    ]);
    const expected = rows(x, 4).flatMap(softmax);
    expectClose(y, expected);
    expectClose(log, expected.map(Math.log));
  });

  test('CategoricalCrossEntropy', async () => {
    const [z, t] = [drawTensor([3, 4], 1), drawTensor([3, 4], 2, (random) => random.uniform())];
    const [y] = await runOp([z, t], (graph, values) => graph.op('CategoricalCrossEntropy', values));
    const targets = rows(t, 4);
    const expected = rows(z, 4).map((row, n) =>
      softmax(row).reduce((sum, p, k) => sum - targets[n][k] * Math.log(p), 0),
    );
    expectClose(y, expected, [3]);
  });

  test('CategoricalCrossEntropy of logits that overflow an exponential', async () => {
    const z = { data: Float32Array.of(1000, 0, -1000, 0), shape: [2, 2] };
    const t = { data: Float32Array.of(0, 1, 0, 1), shape: [2, 2] };
    const [y] = await runOp([z, t], (graph, values) => graph.op('CategoricalCrossEntropy', values));
    expectClose(y, [1000, 0]);
  });

  test('BinaryCrossEntropy', async () => {
    const [z, x] = [drawTensor([3, 64], 1), drawTensor([3, 64], 2, (random) => random.uniform())];
    const [y] = await runOp([z, x], (graph, values) => graph.op('BinaryCrossEntropy', values));
    const targets = rows(x, 64);
    const expected = rows(z, 64).map((row, n) =>
      row.reduce((sum, logit, k) => {
        const t = targets[n][k];
        return sum - t * Math.log(sigmoid(logit)) - (1 - t) * Math.log(sigmoid(-logit));
      }, 0),
    );
    for (const [n, value] of expected.entries()) expect(y.data[n] / value).toBeCloseTo(1, DIGITS);
  });
});

test('ReduceSum, ReduceMean, ReduceMax, ReduceProd over one axis', async () => {
  const x = drawTensor([3, 4], 1);
  const [sum, mean, max, product] = await runOp([x], (graph, [value]) => [
    graph.op('ReduceSum', [value, graph.integers([0])], { keepdims: 0 }),
    ...['ReduceMean', 'ReduceMax', 'ReduceProd'].map(
      (op) => graph.ops(op, [value], { axes: [0], keepdims: 0 })[0],
    ),
  ]);
  const columns = [0, 1, 2, 3].map((i) => [0, 4, 8].map((row) => x.data[row + i]));
  const total = columns.map((column) => column.reduce((a, b) => a + b));
  expectClose(sum, total, [4]);
  expectClose(
    mean,
    total.map((value) => value / 3),
    [4],
  );
  expectClose(
    max,
    columns.map((column) => Math.max(...column)),
    [4],
  );
  expectClose(
    product,
    columns.map((column) => column.reduce((a, b) => a * b)),
    [4],
  );
});

test('TopK with k as an input', async () => {
  const graph = new Graph();
  const [x, keep] = [graph.input('x', ['N']), graph.input('keep', [1], 'int64')];
  const [values, indices] = graph.ops('TopK', [x, keep], { largest: 0 });
  expect(values.shape).toEqual(['keep']);
  graph.output('values', values);
  graph.output('indices', indices);
  const session = await createSession(serialise(graph, 'test'));
  const found = await session.run({
    x: tensor(Float32Array.of(3, 1, 2, 0), [4]),
    keep: new OnnxTensor('int64', BigInt64Array.of(2n), [1]),
  });
  expect([...(found.values.data as Float32Array), ...(found.indices.data as BigInt64Array)]).toEqual([
    0,
    1,
    3n,
    1n,
  ]);
  await session.release();
});

describe('shapes', () => {
  const counted = (shape: number[]): Tensor => ({
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
    shape,
  });

  test('Slice, Pad, Concat, Gather, Transpose, Expand', async () => {
    const [slice, pad, concat, gather, transpose, expand] = await runOp([counted([2, 3])], (graph, [x]) => {
      const integers = (...lists: number[][]) => lists.map((list) => graph.integers(list));
      return [
        graph.op('Slice', [x, ...integers([-2], [99], [1])]),
        graph.op('Pad', [x, ...integers([1, -1, 0, 1])]),
        graph.op('Concat', [x, x], { axis: 0 }),
        graph.op('Gather', [x, ...integers([2, 0, 2, -1])], { axis: 1 }),
        graph.op('Transpose', [x]),
        graph.op('Expand', [x, ...integers([2, 2, 3])]),
      ];
    });
    expectClose(slice, [1, 2, 4, 5], [2, 2]);
    expectClose(pad, [0, 0, 0, 1, 2, 0, 4, 5, 0], [3, 3]);
    expectClose(concat, [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5], [4, 3]);
    expectClose(gather, [2, 0, 2, 2, 5, 3, 5, 5], [2, 4]);
    expectClose(transpose, [0, 3, 1, 4, 2, 5], [3, 2]);
    expectClose(expand, [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5], [2, 2, 3]);
  });

  test('GatherElements takes an element for each index, in its row or in its column', async () => {
    const x = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] };
    const at = { data: Float32Array.of(1, 0, 1, 1), shape: [2, 2] };
    const found = await runOp([x, at], (graph, [values, place]) => {
      const indices = graph.op('Cast', [place], { to: 7 });
      return [0, 1].map((axis) => graph.op('GatherElements', [values, indices], { axis }));
    });
    expectClose(found[0], [4, 2, 4, 5], [2, 2]);
    expectClose(found[1], [2, 1, 5, 5], [2, 2]);
  });

  test("Gather's gradient sums all that come from one place, with several threads", async () => {
    const [rows, columns] = [3000, 256];
    const table = counted([3, columns]);
    const [gradient] = await runOp(
      [table],
      (graph, [x]) => {
        const indices = graph.integers(Array.from({ length: rows }, (_, i) => i % 3));
        const chosen = graph.op('Gather', [x, indices]);
        return gradients(graph, graph.op('ReduceSum', [chosen, graph.integers([0, 1])], { keepdims: 0 }), [
          x,
        ]);
      },
      { threads: 2 },
    );
    expect(new Set(gradient.data)).toEqual(new Set([rows / 3]));
  });
});
