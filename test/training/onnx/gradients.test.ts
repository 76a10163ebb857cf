import { describe, expect, test } from 'vitest';
import { DenseAutoencoder } from '../../../training/autoencoder/dense.ts';
import { type LossName, losses } from '../../../training/autoencoder/losses.ts';
import { gradients } from '../../../training/onnx/autodiff.ts';
import { GraphError } from '../../../training/onnx/error.ts';
import { Graph, type Value } from '../../../training/onnx/graph.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { Random } from '../../../training/random.ts';
import { createSession, tensor } from '../../../training/session.ts';

/** An input of the function under test; its values are drawn from ±[0.3, 1.3], clear of kinks and poles. */
interface Argument {
  name: string;
  shape: number[];
}

/**
 * Compares every partial derivative of `build`'s scalar with its central finite difference.
 * In f32 a difference over 2h has a rounding error of about ε|f|/h = 6e-8/1e-2 and a truncation error of
 * h²/6 times the third derivative: both are below 1e-4 for values of order 1, so 3e-3 leaves room for sums.
 */
async function expectGradients(args: Argument[], build: (graph: Graph, values: Value[]) => Value, seed = 1) {
  const graph = new Graph();
  const values = args.map(({ name, shape }) => graph.input(name, shape));
  const loss = build(graph, values);
  graph.output('loss', loss);
  for (const [i, gradient] of gradients(graph, loss, values).entries())
    graph.output(`grad:${args[i].name}`, gradient);
  const session = await createSession(serialise(graph, 'test'), { threads: 1 });
  const random = new Random(seed);
  const data = args.map(({ shape }) =>
    Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => (random.uniform() + 0.3) * (random.uniform() < 0.5 ? -1 : 1),
    ),
  );
  const feeds = Object.fromEntries(args.map(({ name, shape }, i) => [name, tensor(data[i], shape)]));
  const analytic = await session.run(feeds);
  const h = 1e-2;
  for (const [a, { name, shape }] of args.entries()) {
    const found = analytic[`grad:${name}`];
    expect(found.dims, `shape of the gradient of ${name}`).toEqual(shape);
    for (let i = 0; i < data[a].length; i++) {
      const x = data[a][i];
      data[a][i] = x + h;
      const above = Number((await session.run(feeds)).loss.data[0]);
      data[a][i] = x - h;
      const below = Number((await session.run(feeds)).loss.data[0]);
      data[a][i] = x;
      const numeric = (above - below) / (2 * h);
      const tolerance = 3e-3 * Math.max(1, Math.abs(numeric));
      expect(Math.abs(Number(found.data[i]) - numeric), `d loss / d ${name}[${i}]`).toBeLessThan(tolerance);
    }
  }
  await session.release();
}

/** A scalar in which each entry of `value` counts differently, so that a transposed gradient shows. */
function weighted(graph: Graph, value: Value): Value {
  const shape = value.shape as number[];
  const size = shape.reduce((a, b) => a * b, 1);
  const weights = Float32Array.from({ length: size }, (_, i) => Math.sin(i + 1));
  const product = graph.op('Mul', [value, graph.constant(weights, shape)]);
  return graph.op('ReduceSum', [product, graph.integers(shape.map((_, i) => i))], { keepdims: 0 });
}

describe('every gradient rule agrees with finite differences', () => {
  for (const [a, b] of [
    [
      [3, 4],
      [3, 4],
    ],
    [[3, 4], [4]],
    [
      [3, 1],
      [1, 4],
    ],
    [[], [2, 3]],
  ]) {
    for (const op of ['Add', 'Sub', 'Mul', 'Div']) {
      test(`${op} of [${a}] and [${b}]`, () =>
        expectGradients(
          [
            { name: 'a', shape: a },
            { name: 'b', shape: b },
          ],
          (graph, values) => weighted(graph, graph.op(op, values)),
        ));
    }
  }

  for (const op of ['Neg', 'Relu', 'Sigmoid', 'Softplus']) {
    test(op, () =>
      expectGradients([{ name: 'x', shape: [3, 5] }], (graph, [x]) => weighted(graph, graph.op(op, [x]))),
    );
  }

  for (const features of [5, 7, 64]) {
    test(`BinaryCrossEntropy over ${features} features`, () =>
      expectGradients(
        [
          { name: 'z', shape: [3, features] },
          { name: 'x', shape: [3, features] },
        ],
        (graph, values) => weighted(graph, graph.op('BinaryCrossEntropy', values)),
      ));
  }

  for (const transA of [0, 1]) {
    for (const transB of [0, 1]) {
      for (const bias of [[5], [3, 1], [1], [1, 5], [3, 5]]) {
        test(`Gemm with transA ${transA}, transB ${transB}, bias [${bias}]`, () =>
          expectGradients(
            [
              { name: 'a', shape: transA ? [4, 3] : [3, 4] },
              { name: 'b', shape: transB ? [5, 4] : [4, 5] },
              { name: 'c', shape: bias },
            ],
            (graph, values) => weighted(graph, graph.op('Gemm', values, { transA, transB })),
          ));
      }
    }
  }

  for (const keepdims of [0, 1]) {
    for (const axes of [[0], [1], [0, 2], [0, 1, 2]]) {
      test(`ReduceSum over [${axes}], keepdims ${keepdims}`, () =>
        expectGradients([{ name: 'x', shape: [2, 3, 4] }], (graph, [x]) =>
          weighted(graph, graph.op('ReduceSum', [x, graph.integers(axes)], { keepdims })),
        ));
      test(`ReduceMean over [${axes}], keepdims ${keepdims}`, () =>
        expectGradients([{ name: 'x', shape: [2, 3, 4] }], (graph, [x]) =>
          weighted(graph, graph.op('ReduceMean', [x], { axes, keepdims })),
        ));
    }
  }

  test('a value that is used twice gets the sum of both gradients', () =>
    expectGradients([{ name: 'x', shape: [4] }], (graph, [x]) =>
      weighted(graph, graph.op('Mul', [graph.op('Sigmoid', [x]), graph.op('Add', [x, x])])),
    ));
});

for (const loss of Object.keys(losses) as LossName[]) {
  test(`a whole autoencoder's gradient with ${loss}`, () => {
    const model = new DenseAutoencoder([6, 5, 2, 4, 6]);
    const specs = model.parameters();
    return expectGradients(
      [...specs.map(({ name, shape }) => ({ name, shape: [...shape] })), { name: 'x', shape: [3, 6] }],
      (graph, values) => {
        const parameters = new Map(specs.map(({ name }, i) => [name, values[i]]));
        const x = graph.op('Sigmoid', [values.at(-1)!]);
        const logits = model.decode(graph, model.encode(graph, x, parameters), parameters);
        return graph.op('ReduceMean', [losses[loss](graph, logits, x)], { axes: [0], keepdims: 0 });
      },
      2, // with this seed no ReLU's input is within h of its kink, where differences and derivative differ
    );
  });
}

describe('what cannot be differentiated is refused by name', () => {
  const scalar = (graph: Graph, x: Value) => graph.op('ReduceSum', [x, graph.integers([0])], { keepdims: 0 });

  test('an operator without a rule', () => {
    const graph = new Graph();
    const x = graph.input('x', [3]);
    const loss = scalar(graph, graph.op('Abs', [x]));
    expect(() => gradients(graph, loss, [x])).toThrow(new GraphError('Abs has no gradient rule'));
  });

  test('a loss that is not a scalar', () => {
    const graph = new Graph();
    const x = graph.input('x', [3]);
    expect(() => gradients(graph, x, [x])).toThrow('the loss must be a scalar, not [3]');
  });

  test('a parameter that the loss does not depend on', () => {
    const graph = new Graph();
    const [x, y] = [graph.input('x', [3]), graph.input('y', [3])];
    expect(() => gradients(graph, scalar(graph, x), [y])).toThrow('the loss does not depend on y');
  });
});
