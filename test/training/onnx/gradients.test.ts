import { describe, expect, test } from 'vitest';
import { gradients } from '../../../training/onnx/graph/autodiff.ts';
import { Graph, type Value } from '../../../training/onnx/graph/graph.ts';
import { GraphError } from '../../../training/onnx/ir/error.ts';
import { opEntry, operators } from '../../../training/onnx/ops/registry.ts';
import { convolutionCases } from './convolution-cases.ts';
import { expectGradients } from './finite-differences.ts';
import { type Argument, gradientCases } from './gradient-cases.ts';

const cases = [...gradientCases, ...convolutionCases];

describe('every gradient rule agrees with finite differences', () => {
  for (const [i, { op, name, arguments: args, attributes, build }] of cases.entries()) {
    test(`${op}: ${name}`, async () => {
      const apply = build ?? ((graph: Graph, values: Value[]) => graph.ops(op, values, attributes)[0]);
      const graph = await expectGradients(args, apply, i + 1);
      expect(graph.nodes.map((node) => node.op)).toContain(op);
    });
  }

  test('every rule has a case', () => {
    const rules = Object.keys(operators).filter((op) => opEntry(op).gradient);
    expect(rules.filter((op) => !cases.some((tried) => tried.op === op))).toEqual([]);
  });
});

test('a value that is used twice gets the sum of both gradients', async () => {
  await expectGradients([{ shape: [4] }], (graph, [x]) =>
    graph.op('Mul', [graph.op('Sigmoid', [x]), graph.op('Add', [x, x])]),
  );
});

test('a whole network: dense layers, LayerNorm, GELU, dropout, softmax and cross-entropy', async () => {
  const args: Argument[] = [
    { shape: ['N', 6] },
    { shape: [6, 5] },
    { shape: [5] },
    { shape: [5] },
    { shape: [5] },
    { shape: ['N', 5], draw: (random) => random.uniform(), fixed: true },
    { shape: [5, 4] },
    { shape: [4] },
    { shape: ['N', 4], draw: (random) => random.uniform(), fixed: true },
  ];
  await expectGradients(args, (graph, [x, w1, b1, scale, bias, u, w2, b2, target]) => {
    const normal = graph.op('LayerNormalization', [graph.op('Gemm', [x, w1, b1]), scale, bias]);
    const hidden = graph.op('Dropout', [graph.op('Gelu', [normal]), u], { rate: 0.3 });
    const logits = graph.op('Add', [graph.op('MatMul', [hidden, w2]), b2]);
    const each = graph.op('CategoricalCrossEntropy', [logits, graph.op('Softmax', [target])]);
    return graph.op('ReduceMean', [each], { axes: [0], keepdims: 0 });
  });
});

const activations = [
  'Relu',
  'LeakyRelu',
  'Elu',
  'Gelu',
  'Silu',
  'Tanh',
  'Sigmoid',
  'Softplus',
  'Softmax',
  'Abs',
];

describe('the gradient of a gradient agrees with finite differences', () => {
  type Layer = (graph: Graph, x: Value, vectors: Value[]) => Value;
  const activated = (op: string): Layer => {
    return (graph, x, [scale, bias]) =>
      graph.op('Mul', [graph.ops(op, [graph.op('Add', [x, bias])])[0], scale]);
  };
  // With a small epsilon, small variances curve more than finite differences can follow.
  const normalised = (op: string): Layer => {
    return (graph, x, vectors) => graph.ops(op, [x, ...vectors], { epsilon: 1 })[0];
  };
  const layers = Object.fromEntries([
    ...['LayerNormalization', 'TrainingBatchNormalization'].map((op) => [op, normalised(op)] as const),
    ...activations.map((op) => [op, activated(op)] as const),
  ]);
  for (const [name, layer] of Object.entries(layers)) {
    test(`the squared slope of a network with ${name}`, async () => {
      const args = [{ shape: ['N', 3], fixed: true }, { shape: [3, 4] }, { shape: [4] }, { shape: [4] }];
      await expectGradients(args, (graph, [x, w, ...vectors]) => {
        const y = layer(graph, graph.op('Gemm', [x, w]), vectors);
        const probe = graph.constant(Float32Array.of(0.1, -0.2, 0.3, 0.05), [4]);
        const product = graph.op('Mul', [graph.op('Mul', [y, probe]), y]);
        const sum = graph.op('ReduceSum', [product, graph.integers([0, 1])], { keepdims: 0 });
        const [slope] = gradients(graph, sum, [x]);
        return graph.op('Mul', [slope, slope]);
      });
    });
  }
});

test('no gradient flows through an operation that moves in steps', () => {
  const graph = new Graph();
  const x = graph.input('x', [3]);
  const step = graph.op('Cast', [graph.op('Greater', [x, graph.constant(0)])], { to: 1 });
  const sum = (value: Value) => graph.op('ReduceSum', [value, graph.integers([0])], { keepdims: 0 });
  expect(() => gradients(graph, sum(step), [x])).toThrow('the loss does not depend on x');
});

describe('what cannot be differentiated is refused and named', () => {
  const scalar = (graph: Graph, x: Value) => graph.op('ReduceSum', [x, graph.integers([0])], { keepdims: 0 });

  test('an operator without a rule', () => {
    const graph = new Graph();
    const x = graph.input('x', [3]);
    const loss = scalar(graph, graph.op('ReduceMax', [x], { axes: [0] }));
    expect(() => gradients(graph, loss, [x])).toThrow(new GraphError('ReduceMax has no gradient rule'));
  });

  test('an output that no rule covers', () => {
    const graph = new Graph();
    const x = graph.input('x', [3, 2]);
    const vectors = [1, 2].map(() => graph.constant(new Float32Array(2), [2]));
    const [y, mean] = graph.ops('TrainingBatchNormalization', [x, ...vectors]);
    const both = graph.op('Add', [
      scalar(graph, mean),
      graph.op('ReduceMean', [y], { axes: [0, 1], keepdims: 0 }),
    ]);
    for (const loss of [both, scalar(graph, mean)]) {
      expect(() => gradients(graph, loss, [x])).toThrow(
        new GraphError('TrainingBatchNormalization has no gradient rule for its output 2'),
      );
    }
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
