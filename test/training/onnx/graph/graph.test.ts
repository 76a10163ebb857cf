import onnxProto from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { Graph, type Value } from '../../../../training/onnx/graph/graph.ts';
import { GraphError } from '../../../../training/onnx/ir/error.ts';
import { serialise } from '../../../../training/onnx/serialise.ts';
import { createSession, tensor } from '../../../../training/runtime/session.ts';

describe('shapes that do not fit are refused and named', () => {
  const graph = new Graph();
  const [a, b] = [graph.input('a', ['N', 3]), graph.input('b', [4, 5])];

  test('inner dimensions of a product', () => {
    expect(() => graph.op('Gemm', [a, b])).toThrow('Gemm: inner dimensions of [N, 3] and [4, 5] differ');
  });

  test('a bias', () => {
    expect(() => graph.op('Gemm', [graph.input('x', [2, 4]), b, graph.input('c', [3])])).toThrow(
      'do not broadcast',
    );
  });

  test('operands of an element-wise operation', () => {
    expect(() => graph.op('Add', [graph.input('x', [2]), graph.input('y', [3])])).toThrow(
      '[2] and [3] do not broadcast',
    );
  });

  const x = graph.input('x', ['N', 4, 6]);
  const integers = (...lists: number[][]) => lists.map((list) => graph.integers(list));
  const refused: [string, () => Value, string][] = [
    [
      'stacks of matrices',
      () => graph.op('MatMul', [x, graph.input('w', [4, 6])]),
      'MatMul: inner dimensions of [N, 4, 6] and [4, 6] differ',
    ],
    ['an axis', () => graph.op('Softmax', [x], { axis: 3 }), 'Softmax: 3 dimensions have no axis 3'],
    [
      'an axis of a sum',
      () => graph.op('ReduceSum', [x, ...integers([-4])]),
      'ReduceSum: 3 dimensions have no axis -4',
    ],
    [
      'a number of elements',
      () => graph.op('Reshape', [x, ...integers([0, 5, -1])]),
      'Reshape: [N, 4, 6] does not become [N, 5, -1]',
    ],
    [
      'two unknowns',
      () => graph.op('Reshape', [x, ...integers([0, -1, -1])]),
      'Reshape: [N, 4, 6] does not become [N, -1, -1]',
    ],
    [
      'a shape without the batch',
      () => graph.op('Reshape', [x, ...integers([4, 6])]),
      'Reshape: [N, 4, 6] does not become [4, 6]',
    ],
    [
      'an order',
      () => graph.op('Transpose', [x], { perm: [0, 1, 1] }),
      'Transpose: [0, 1, 1] is not a permutation of the dimensions of [N, 4, 6]',
    ],
    [
      'a continuation',
      () => graph.op('Concat', [x, graph.input('y', ['N', 5, 5])], { axis: 1 }),
      'Concat: [N, 5, 5] does not continue [N, 4, 6] along axis 1',
    ],
    [
      'a continuation of the batch',
      () => graph.op('Concat', [x, x], { axis: 0 }),
      'Concat: the size of axis 0 of [N, 4, 6] is not known',
    ],
    [
      'an empty slice',
      () => graph.op('Slice', [x, ...integers([4], [9], [1])]),
      'Slice: axis 1 of [N, 4, 6] has nothing from 4 to before 9',
    ],
    [
      'a slice of the batch',
      () => graph.op('Slice', [x, ...integers([0], [1], [0])]),
      'Slice: the size of axis 0 of [N, 4, 6] is not known',
    ],
    [
      'a batch that grows',
      () => graph.op('Pad', [x, ...integers([1, 0, 0, 0, 0, 0])]),
      'Pad: axis 0 of [N, 4, 6] does not become 1 longer',
    ],
    ['a number of pads', () => graph.op('Pad', [x, ...integers([1, 0])]), 'Pad: [N, 4, 6] needs 6 pads'],
    [
      'a dimension that is not 1',
      () => graph.op('Squeeze', [x, ...integers([1])]),
      'Squeeze: not all of the axes 1 of [N, 4, 6] are 1',
    ],
    [
      'what does not stretch',
      () => graph.op('Expand', [x, ...integers([2, 4, 6])]),
      'Expand: [N, 4, 6] and [2, 4, 6] do not broadcast',
    ],
    ['indices', () => graph.op('Gather', [x, x]), 'Gather: the indices are float32, not int64'],
    ['a condition', () => graph.op('Where', [x, x, x]), 'Where: the condition is float32, not bool'],
    [
      'bounds',
      () => graph.op('Clip', [x, graph.constant(0)]),
      'Clip: two bounds are needed, both constant scalars',
    ],
    ['an alpha', () => graph.op('Elu', [x], { alpha: -1 }), 'Elu: alpha must not be negative, it is -1'],
    ['a rate', () => graph.op('Dropout', [x, x], { rate: 1 }), 'Dropout: the rate must be in [0, 1), not 1'],
    [
      'uniforms',
      () => graph.op('Dropout', [x, a], { rate: 0.5 }),
      'Dropout: uniform numbers of shape [N, 4, 6] are needed',
    ],
    [
      'a scale',
      () => graph.op('LayerNormalization', [x, graph.input('s', [4])]),
      'LayerNormalization: [4] is not the shape [6] to scale',
    ],
    [
      'channels',
      () => graph.op('TrainingBatchNormalization', [x, graph.input('s', [6])]),
      'TrainingBatchNormalization: [6] must have a number for each channel of [N, 4, 6]',
    ],
    [
      'classes',
      () => graph.op('CategoricalCrossEntropy', [a, b]),
      'CategoricalCrossEntropy: [N, 3] and [4, 5] are not matrices of one shape',
    ],
  ];
  for (const [what, build, message] of refused) {
    test(what, () => expect(build).toThrow(new GraphError(message)));
  }

  test('a fraction in place of a whole number, when the model is written', () => {
    const graph = new Graph();
    graph.output('y', graph.op('Softmax', [graph.input('x', [2, 3])], { axis: 0.5 }));
    expect(() => serialise(graph, 'test')).toThrow(
      'Softmax: the attribute axis must be a whole number, not 0.5',
    );
  });

  test('data of a constant', () => {
    expect(() => graph.constant(new Float32Array(3), [2, 2])).toThrow(
      'a constant of shape [2,2] cannot hold 3 values',
    );
  });

  test('an operator that does not exist', () => {
    expect(() => graph.ops('Frobnicate', [a])).toThrow('there is no operator Frobnicate');
  });
});

test('the model leaves out what no output needs', () => {
  const graph = new Graph();
  const x = graph.input('x', ['N', 2]);
  graph.op('Mul', [x, graph.constant(3)]);
  graph.output('y', graph.op('Neg', [x]));
  const { graph: written } = onnxProto.onnx.ModelProto.decode(serialise(graph, 'test'));
  expect(written?.node?.map(({ opType }) => opType)).toEqual(['Neg']);
  expect(written?.initializer).toEqual([]);
});

test('one value under two names, and an input or a constant as an output, all come out', async () => {
  const graph = new Graph();
  const x = graph.input('x', ['N', 2]);
  const y = graph.op('Neg', [x]);
  graph.output('first', y);
  graph.output('second', y);
  graph.output('same', x);
  graph.output('seven', graph.constant(7));
  const session = await createSession(serialise(graph, 'test'));
  const found = await session.run({ x: tensor(Float32Array.of(1, 2), [1, 2]) });
  expect(
    Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, Array.from(data as never)])),
  ).toEqual({ first: [-1, -2], second: [-1, -2], same: [1, 2], seven: [7] });
  await session.release();
});
