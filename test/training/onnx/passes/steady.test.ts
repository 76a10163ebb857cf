import { describe, expect, test } from 'vitest';
import { Graph } from '../../../../training/onnx/graph/graph.ts';
import { serialise } from '../../../../training/onnx/serialise.ts';
import { drawTensor, runModel } from '../run.ts';

/** Rows of the first factor, columns of the second, terms in each sum: on both sides of where onnxruntime differs. */
const SIZES = [
  [2, 64, 784],
  [16, 48, 512],
  [40, 128, 512],
  [100, 130, 300],
  [143, 144, 129],
  [300, 1, 300],
  [24, 145, 784],
  [128, 784, 512],
] as const;

/** A product with a bias, or without one; the second factor transposed or not. */
const PRODUCTS = [
  ['Gemm', 0],
  ['Gemm', 1],
  ['MatMul', 0],
] as const;

describe('a product is the same to the bit with one thread and with two', () => {
  for (const [op, transB] of PRODUCTS) {
    test.each(SIZES)(`${op}${transB ? ' by a transposed' : ''}: %i × %i of %i terms`, async (n, m, terms) => {
      const second = transB ? [m, terms] : [terms, m];
      const graph = new Graph();
      const factors = [graph.input('a', ['N', terms]), graph.input('b', second)];
      const whole = op === 'Gemm' ? [...factors, graph.input('c', [m])] : factors;
      graph.output('y', graph.op(op, whole, op === 'Gemm' ? { transB } : {}));
      const feeds = {
        a: drawTensor([n, terms], 1),
        b: drawTensor(second, 2),
        ...(op === 'Gemm' && { c: drawTensor([m], 3) }),
      };
      const model = serialise(graph, 'product');
      const [one, two] = [
        await runModel(model, feeds, { threads: 1 }),
        await runModel(model, feeds, { threads: 2 }),
      ];
      expect(one.y.dims).toEqual([n, m]);
      expect(two.y.data).toEqual(one.y.data);
    });
  }
});
