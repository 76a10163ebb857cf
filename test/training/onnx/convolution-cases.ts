import type { Attributes, Shape } from '../../../training/onnx/graph/graph.ts';
import type { GradientCase } from './gradient-cases.ts';

/** 101 numbers at least 0.1 apart, so that a maximum stays the same when one of them moves a little. */
const apart = () => {
  let i = 0;
  return () => ((37 * i++) % 101) / 10 - 5;
};

/** A convolution, transposed or not, for two shapes and a bias. */
const convolves =
  (op: 'Conv' | 'ConvTranspose') =>
  (name: string, x: Shape, w: Shape, attributes: Attributes): GradientCase => {
    const group = Number(attributes.group ?? 1);
    const bias = op === 'Conv' ? Number(w[0]) : Number(w[1]) * group;
    return { op, name, arguments: [{ shape: x }, { shape: w }, { shape: [bias] }], attributes };
  };
const conv = convolves('Conv');
const transposed = convolves('ConvTranspose');

const pooling = (op: string, name: string, shape: Shape, attributes: Attributes): GradientCase => ({
  op,
  name,
  arguments: [{ shape, draw: apart() }],
  attributes,
});

export const convolutionCases: readonly GradientCase[] = [
  conv('1 × 1', ['N', 3, 2, 3], [2, 3, 1, 1], {}),
  conv('same size', ['N', 2, 4, 3], [3, 2, 3, 3], { pads: [1, 1, 1, 1] }),
  conv('many to few, scattered', ['N', 6, 3, 4], [1, 6, 3, 3], { pads: [1, 1, 1, 1] }),
  conv('many to some, sliding input', ['N', 6, 3, 3], [4, 6, 3, 2], { pads: [2, 0, 1, 1] }),
  conv('a stride that divides, sliding gradient', ['N', 5, 4, 4], [5, 5, 3, 3], {
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  conv('a stride that leaves a row over', ['N', 5, 5, 4], [2, 5, 2, 1], { strides: [3, 2] }),
  conv('dilation', ['N', 2, 5, 6], [2, 2, 2, 3], { dilations: [2, 2], pads: [0, 1, 1, 0] }),
  conv('groups', ['N', 4, 3, 4], [6, 2, 2, 2], { group: 2, strides: [1, 2], pads: [1, 0, 0, 1] }),
  transposed('same size', ['N', 2, 3, 4], [2, 3, 3, 3], { pads: [1, 1, 1, 1] }),
  transposed('many to few', ['N', 6, 3, 3], [6, 1, 3, 3], { pads: [1, 1, 1, 1] }),
  transposed('pads wider than a kernel', ['N', 2, 6, 5], [2, 2, 2, 2], { pads: [2, 2, 1, 1] }),
  transposed('a stride with output padding', ['N', 3, 2, 3], [3, 5, 3, 3], {
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    output_padding: [1, 1],
  }),
  transposed('groups and dilation', ['N', 4, 2, 2], [4, 1, 2, 2], {
    group: 2,
    strides: [2, 1],
    dilations: [1, 2],
    output_padding: [1, 0],
  }),
  {
    op: 'ConvWeightGradient',
    name: 'by both operands',
    arguments: [{ shape: ['N', 5, 4, 5] }, { shape: ['N', 2, 2, 3] }],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 0, 1] },
  },
  pooling('MaxPool', 'windows side by side', ['N', 2, 4, 6], { kernel_shape: [2, 3], strides: [2, 3] }),
  pooling('MaxPool', 'windows that overlap', ['N', 2, 5, 5], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  pooling('MaxPool', 'gaps between windows', ['N', 1, 5, 6], { kernel_shape: [1, 2], strides: [2, 3] }),
  pooling('AveragePool', 'windows side by side', ['N', 2, 4, 6], { kernel_shape: [2, 3], strides: [2, 3] }),
  ...[0, 1].map((count_include_pad) =>
    pooling('AveragePool', `windows that overlap, count_include_pad ${count_include_pad}`, ['N', 2, 4, 5], {
      kernel_shape: [3, 2],
      strides: [2, 1],
      pads: [1, 0, 1, 1],
      count_include_pad,
    }),
  ),
  pooling('GlobalAveragePool', 'planes', ['N', 2, 3, 2], {}),
  pooling('UpsampleNearest', 'by 2 and 3', ['N', 2, 3, 2], { scales: [2, 3] }),
];
