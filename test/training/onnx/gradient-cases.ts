import { Random } from '../../../kernels/random.ts';
import type { Attributes, Dim, Graph, Shape, Value } from '../../../training/onnx/graph/graph.ts';

/** The size of the dimension `'N'` when the cases run. */
export const N = 3;

/**
 * An input of the operator under test: its shape, which may contain `'N'`, and how its values are drawn: by default
 * from ±[0.3, 1.3], away from kinks and poles.
 */
export interface Argument {
  shape: Shape;
  draw?: (random: Random) => number;
  /** It is fed, but no gradient by it is taken. */
  fixed?: boolean;
}

/** One use of an operator, whose gradients by its arguments are compared with finite differences. */
export interface GradientCase {
  op: string;
  /** What this case tests, such as `'a bias of one row'`. */
  name: string;
  arguments: readonly Argument[];
  attributes?: Attributes;
  /** The value to differentiate, of any shape; by default the operator applied to the arguments. */
  build?: (graph: Graph, values: Value[]) => Value;
}

/** ±[0.3, 1.3] */
export const clearOfZero = (random: Random): number =>
  (random.uniform() + 0.3) * (random.uniform() < 0.5 ? -1 : 1);

/** [0.3, 1.3] */
export const positive = (random: Random): number => random.uniform() + 0.3;

/** Odd tenths, ±0.1, ±0.3, … ±0.9, away from anything at even ones. */
const odd = (random: Random): number => (2 * random.below(10) - 9) / 10;
const even = (random: Random): number => (2 * random.below(10) - 10) / 10;

const arguments_ = (...shapes: Shape[]): Argument[] => shapes.map((shape) => ({ shape }));

/** Two shapes with up to three dimensions that broadcast; the first dimension may be `'N'`. */
function drawBroadcast(random: Random): [Shape, Shape] {
  const full = Array.from(
    { length: random.below(3) + 1 },
    (_, i): Dim => (i === 0 ? 'N' : random.below(4) + 1),
  );
  const part = () =>
    full.map((dim) => (random.uniform() < 0.3 ? 1 : dim)).slice(random.below(full.length + 1));
  return random.uniform() < 0.5 ? [full, part()] : [part(), part()];
}

const random = new Random(7);
const broadcasts: [Shape, Shape][] = [
  [
    ['N', 4],
    ['N', 4],
  ],
  [['N', 4], [4]],
  [
    ['N', 1],
    [1, 4],
  ],
  [[], ['N', 3]],
  ...Array.from({ length: 6 }, () => drawBroadcast(random)),
];

const elementwise: GradientCase[] = [
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min'].flatMap((op) =>
    broadcasts.map(([a, b]) => ({
      op,
      name: `[${a}] and [${b}]`,
      arguments: [
        { shape: a, draw: op === 'Pow' ? positive : op.startsWith('M') && op !== 'Mul' ? odd : undefined },
        { shape: b, draw: op.startsWith('M') && op !== 'Mul' ? even : undefined },
      ],
    })),
  ),
  ...[2, 3, -1, 0.5].map((exponent) => ({
    op: 'Pow',
    name: `to the ${exponent}`,
    arguments: [{ shape: ['N', 4], draw: exponent === 0.5 ? positive : clearOfZero }],
    build: (graph: Graph, [x]: Value[]) => graph.op('Pow', [x, graph.constant(exponent)]),
  })),
  ...[
    'Neg',
    'Abs',
    'Exp',
    'Erf',
    'Relu',
    'LeakyRelu',
    'Elu',
    'Gelu',
    'Silu',
    'Tanh',
    'Sigmoid',
    'Softplus',
  ].map((op) => ({ op, name: 'element by element', arguments: arguments_(['N', 5]) })),
  ...['Sqrt', 'Log'].map((op) => ({
    op,
    name: 'element by element',
    arguments: [{ shape: ['N', 5], draw: positive }],
  })),
  ...['LeakyRelu', 'Elu'].map((op) => ({
    op,
    name: 'with an alpha of 0.4',
    arguments: arguments_(['N', 5]),
    attributes: { alpha: 0.4 },
  })),
  {
    op: 'Clip',
    name: 'between -0.8 and 0.6',
    arguments: [{ shape: ['N', 8], draw: odd }],
    build: (graph, [x]) => graph.op('Clip', [x, graph.constant(-0.8), graph.constant(0.6)]),
  },
  ...broadcasts.map(([a, b]) => ({
    op: 'Where',
    name: `[${b}], [${a}] and [${b}]`,
    arguments: [{ shape: b, fixed: true }, ...arguments_(a, b)],
    build: (graph: Graph, [condition, x, y]: Value[]) =>
      graph.op('Where', [graph.op('Greater', [condition, graph.constant(0)]), x, y]),
  })),
  {
    op: 'Sign',
    name: 'of a factor',
    arguments: arguments_(['N', 5]),
    build: (graph, [x]) => graph.op('Mul', [x, graph.op('Sign', [x])]),
  },
  ...[-1, 0, 1].flatMap((axis) =>
    ['Softmax', 'LogSoftmax'].map((op) => ({
      op,
      name: `along axis ${axis}`,
      arguments: arguments_(['N', 4, 2]),
      attributes: { axis },
    })),
  ),
  ...[0, 0.4].map((rate) => ({
    op: 'Dropout',
    name: `at a rate of ${rate}`,
    arguments: [{ shape: ['N', 6] }, { shape: ['N', 6], draw: (r: Random) => r.uniform(), fixed: true }],
    attributes: { rate },
  })),
];

const products: GradientCase[] = [
  ...[0, 1].flatMap((transA) =>
    [0, 1].flatMap((transB) =>
      ([undefined, [5], ['N', 1], [1], [1, 5], ['N', 5]] as (Shape | undefined)[]).map((bias) => ({
        op: 'Gemm',
        name: `transA ${transA}, transB ${transB}, bias ${bias && `[${bias}]`}`,
        arguments: arguments_(
          transA ? [4, 'N'] : ['N', 4],
          transB ? [5, 4] : [4, 5],
          ...(bias ? [bias] : []),
        ),
        attributes: { transA, transB },
      })),
    ),
  ),
  ...(
    [
      [
        ['N', 4],
        [4, 5],
      ],
      [[4], [4]],
      [[4], [4, 5]],
      [['N', 4], [4]],
      [['N', 2, 4], [4]],
      [[4], ['N', 4, 2]],
      [
        ['N', 2, 4],
        [4, 5],
      ],
      [
        [2, 'N', 4],
        [4, 5],
      ],
      [
        ['N', 2, 4],
        ['N', 4, 5],
      ],
      [
        [2, 4],
        ['N', 4, 5],
      ],
      [
        ['N', 1, 2, 4],
        [2, 4, 3],
      ],
      [
        [2, 'N', 4],
        [2, 4, 'N'],
      ],
    ] as [Shape, Shape][]
  ).map(([a, b]) => ({ op: 'MatMul', name: `[${a}] by [${b}]`, arguments: arguments_(a, b) })),
];

const reductions: GradientCase[] = [0, 1].flatMap((keepdims) =>
  [[0], [1], [-1], [0, 2], [0, 1, 2]].flatMap((axes): GradientCase[] => [
    {
      op: 'ReduceSum',
      name: `axes [${axes}], keepdims ${keepdims}`,
      arguments: arguments_(['N', 3, 4]),
      build: (graph, [x]) => graph.op('ReduceSum', [x, graph.integers(axes)], { keepdims }),
    },
    {
      op: 'ReduceMean',
      name: `axes [${axes}], keepdims ${keepdims}`,
      arguments: arguments_(['N', 3, 4]),
      attributes: { axes, keepdims },
    },
  ]),
);

/** A case whose inputs after the first are constant integers. */
const withIntegers = (
  op: string,
  shape: Shape,
  integers: number[][],
  attributes: Attributes = {},
): GradientCase => ({
  op,
  name: `[${shape}], ${integers.map((numbers) => `[${numbers}]`).join(' ')} ${JSON.stringify(attributes)}`,
  arguments: arguments_(shape),
  build: (graph, [x]) =>
    graph.ops(op, [x, ...integers.map((numbers) => graph.integers(numbers))], attributes)[0],
});

const shapes: GradientCase[] = [
  withIntegers('Reshape', ['N', 4, 6], [[0, 2, -1]]),
  withIntegers('Reshape', ['N', 4, 6], [[-1, 8]]),
  withIntegers('Reshape', [4, 'N', 6], [[-1]]),
  withIntegers('Reshape', [6, 4], [[3, 8]]),
  ...[[0, 1, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0], undefined].map((perm) => ({
    op: 'Transpose',
    name: `by ${perm}`,
    arguments: arguments_(['N', 2, 4]),
    attributes: perm && { perm },
  })),
  ...[1, -1].map((axis) => ({
    op: 'Concat',
    name: `of three along axis ${axis}`,
    arguments: arguments_(['N', 2], ['N', 1], ['N', 3]),
    attributes: { axis },
  })),
  { op: 'Concat', name: 'along axis 0', arguments: arguments_([2, 'N'], [1, 'N']), attributes: { axis: 0 } },
  withIntegers('Slice', ['N', 5, 4], [[1], [3], [1]]),
  withIntegers(
    'Slice',
    ['N', 5, 4],
    [
      [-4, 0],
      [99, -1],
      [1, -1],
    ],
  ),
  withIntegers('Pad', ['N', 3, 2], [[0, 1, 0, 0, 2, 3]]),
  withIntegers('Pad', ['N', 5, 2], [[0, -1, 1, 0, -2, 0]]),
  withIntegers('Gather', [4, 3], [[2, 0, 2, -1]]),
  withIntegers('Gather', ['N', 4, 2], [[2, 0, 2]], { axis: 1 }),
  withIntegers('Gather', ['N', 2, 4], [[3, 3, 0]], { axis: -1 }),
  {
    op: 'Gather',
    name: 'a matrix of indices that are computed',
    arguments: [{ shape: ['N', 4], fixed: true }, { shape: [4, 2] }],
    build: (graph, [x, table]) => graph.op('Gather', [table, graph.ops('TopK', [x, graph.integers([2])])[1]]),
  },
  withIntegers('Expand', [4, 1], [[2, 4, 3]]),
  {
    op: 'Expand',
    name: 'to the shape of another value',
    arguments: [{ shape: [1, 4] }, { shape: ['N', 2, 4], fixed: true }],
    build: (graph, [x, y]) => graph.op('Expand', [x, graph.op('Shape', [y])]),
  },
  withIntegers('Unsqueeze', ['N', 4], [[1]]),
  withIntegers('Unsqueeze', ['N', 4], [[-1, 0]]),
  withIntegers('Squeeze', ['N', 1, 4, 1], [[1, -1]]),
];

const norms: GradientCase[] = [
  ...[
    { axis: -1, shape: [4] },
    { axis: 1, shape: [2, 4] },
  ].flatMap(({ axis, shape }): GradientCase[] => [
    {
      op: 'LayerNormalization',
      name: `from axis ${axis}`,
      arguments: arguments_(['N', 2, 4], shape, shape),
      attributes: { axis, epsilon: 0.1 },
    },
    {
      op: 'LayerNormalization',
      name: `from axis ${axis}, without a bias`,
      arguments: arguments_(['N', 2, 4], shape),
      attributes: { axis },
    },
  ]),
  ...(
    [
      ['N', 4],
      ['N', 4, 2, 3],
    ] as Shape[]
  ).flatMap((shape): GradientCase[] => [
    {
      op: 'BatchNormalization',
      name: `[${shape}]`,
      arguments: [...arguments_(shape, [4], [4], [4]), { shape: [4], draw: positive }],
      attributes: { epsilon: 0.1 },
    },
    {
      op: 'TrainingBatchNormalization',
      name: `[${shape}]`,
      arguments: arguments_(shape, [4], [4]),
      attributes: { epsilon: 0.1 },
    },
  ]),
];

const losses: GradientCase[] = [
  ...[5, 7, 64].map((features) => ({
    op: 'BinaryCrossEntropy',
    name: `${features} features`,
    arguments: arguments_(['N', features], ['N', features]),
  })),
  { op: 'CategoricalCrossEntropy', name: '5 classes', arguments: arguments_(['N', 5], ['N', 5]) },
];

export const gradientCases: readonly GradientCase[] = [
  ...elementwise,
  ...products,
  ...reductions,
  ...shapes,
  ...norms,
  ...losses,
];
