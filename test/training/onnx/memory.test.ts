import { expect, test } from 'vitest';
import { gradients } from '../../../training/onnx/graph/autodiff.ts';
import { Graph, type Value } from '../../../training/onnx/graph/graph.ts';
import { GraphError } from '../../../training/onnx/ir/error.ts';
import { measureMemory } from '../../../training/onnx/memory.ts';

const F32 = 4;
const N = 5;

const sum = (graph: Graph, value: Value) =>
  graph.op('ReduceSum', [value, graph.integers([0, 1])], { keepdims: 0 });

test('an activation overwrites the product, and the next product is placed after it', () => {
  const graph = new Graph();
  const [x, w, v] = [graph.input('x', ['N', 3]), graph.input('w', [3, 8]), graph.input('v', [8, 2])];
  const hidden = graph.op('Relu', [graph.op('Gemm', [x, w])]);
  graph.output('y', graph.op('Softmax', [graph.op('Gemm', [hidden, v])]));
  expect(measureMemory(graph, { N })).toEqual({
    parameters: (3 * 8 + 8 * 2) * F32,
    batch: N * 3 * F32,
    outputs: N * 2 * F32,
    saved: 0,
    peak: N * (8 + 2) * F32,
  });
});

test('freed memory is reused, from the smallest gap that fits', () => {
  const graph = new Graph();
  const width = (columns: number) => graph.constant(new Float32Array(columns * columns), [columns, columns]);
  const inputs = [8, 2, 6, 1].map((columns) => graph.input(`x${columns}`, ['N', columns]));
  const [eight, two, six, one] = inputs;
  // At 0, at 8, at 10, at 16; then 8 and 6 go: what needs 5 takes the gap of 6, what needs 7 that of 8.
  const [a, b, c, d] = [eight, two, six, one].map((x) => graph.op('Gemm', [x, width(x.shape[1] as number)]));
  const product = (x: Value, columns: number) =>
    graph.op('Gemm', [
      x,
      graph.constant(new Float32Array(Number(x.shape[1]) * columns), [Number(x.shape[1]), columns]),
    ]);
  graph.output('a', product(a, 3));
  graph.output('c', product(c, 3));
  const e = product(d, 5);
  const f = product(d, 7);
  graph.output('rest', graph.op('Concat', [b, d, e, f], { axis: 1 }));
  expect(measureMemory(graph, { N }).peak).toBe(N * (8 + 2 + 6 + 1) * F32);
});

test('gaps that touch are merged', () => {
  const graph = new Graph();
  const x = graph.input('x', ['N', 2]);
  const product = (width: number) => graph.op('Gemm', [x, graph.input(`w${width}`, [2, width])]);
  const output = (value: Value) => {
    const total = graph.op('ReduceSum', [value, graph.integers([1])]);
    graph.output(`sum${value.shape[1]}`, total);
  };
  for (const value of [3, 4].map(product)) output(value);
  output(product(7));
  expect(measureMemory(graph, { N }).peak).toBe(N * (3 + 4) * F32);
});

test('a reshape takes no memory', () => {
  const graph = new Graph();
  const [x, w] = [graph.input('x', ['N', 4]), graph.input('w', [4, 6])];
  const image = graph.op('Reshape', [graph.op('Gemm', [x, w]), graph.integers([0, 2, 3])]);
  graph.output('y', graph.op('ReduceMean', [graph.op('Tanh', [image])], { axes: [2] }));
  expect(measureMemory(graph, { N }).peak).toBe(N * 6 * F32);
});

test('an operand that is still needed is not overwritten', () => {
  const graph = new Graph();
  const [x, w] = [graph.input('x', ['N', 4]), graph.input('w', [4, 4])];
  const y = graph.op('Gemm', [x, w]);
  graph.output('z', graph.op('MatMul', [y, graph.op('Transpose', [graph.op('Sigmoid', [y])])]));
  expect(measureMemory(graph, { N }).peak).toBe(N * 12 * F32);
});

test('a training step keeps the activation that the gradients read', () => {
  const graph = new Graph();
  const [x, w] = [graph.input('x', ['N', 3]), graph.input('w', [3, 8])];
  const y = graph.op('Sigmoid', [graph.op('Gemm', [x, w])]);
  const loss = sum(graph, y);
  graph.output('loss', loss);
  graph.output('gradient', gradients(graph, loss, [w])[0]);
  // Constants are the 1 of the slope y (1 − y) and the two axes of the sum. The slope takes 1 − y beside y.
  expect(measureMemory(graph, { N })).toEqual({
    parameters: 3 * 8 * F32 + F32 + 2 * 8,
    batch: N * 3 * F32,
    outputs: F32 + 3 * 8 * F32,
    saved: N * 8 * F32,
    peak: 2 * N * 8 * F32,
  });
});

test('a boolean takes one byte: dropout keeps one for each number', () => {
  const graph = new Graph();
  const [x, u, w] = [graph.input('x', ['N', 8]), graph.input('u', ['N', 8]), graph.input('w', [8, 8])];
  const y = graph.op('Dropout', [graph.op('Gemm', [x, w]), u], { rate: 0.5 });
  const loss = sum(graph, y);
  graph.output('loss', loss);
  graph.output('gradient', gradients(graph, loss, [w])[0]);
  const { saved } = measureMemory(graph, { N });
  expect(saved).toBe(N * 8);
});

test('a missing size is refused by name', () => {
  const graph = new Graph();
  graph.output('y', graph.op('Neg', [graph.input('x', ['N', 4])]));
  expect(() => measureMemory(graph, {})).toThrow(new GraphError('the size of N in [N, 4] is not given'));
});
