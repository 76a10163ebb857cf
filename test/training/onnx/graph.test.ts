import onnxProto from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { Graph } from '../../../training/onnx/graph.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { createSession, tensor } from '../../../training/session.ts';

describe('shapes that do not fit are refused, with the shapes', () => {
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

  test('data of a constant', () => {
    expect(() => graph.constant(new Float32Array(3), [2, 2])).toThrow(
      'constant of shape [2,2] given 3 values',
    );
  });

  test('an operator that does not exist', () => {
    expect(() => graph.op('Frobnicate', [a])).toThrow('there is no operator Frobnicate');
  });
});

test('what no output needs is not in the model', () => {
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
