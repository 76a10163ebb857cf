import type { Dim, GraphBuilder, Value } from '../ir/builder.ts';
import { product } from '../ir/dims.ts';
import { GraphError } from '../ir/error.ts';
import { broadcastShape, floatOf, formatShape, type Op, reshape, unbroadcast } from './entry.ts';

/** The dimensions of a matrix, swapped if `transposed`. */
function matrixShapeOf(op: string, value: Value, transposed: unknown): readonly Dim[] {
  if (value.shape.length !== 2) throw new GraphError(`${op}: ${formatShape(value)} is not a matrix`);
  return transposed ? value.shape.toReversed() : value.shape;
}

/** The product of two matrices, each transposed on request. */
const gemm = (graph: GraphBuilder, a: Value, b: Value, transA: unknown, transB: unknown) =>
  graph.gemm(a, b, { transA: Number(transA), transB: Number(transB) });

/** Turns a stack of matrices into one matrix with all their rows. */
const flattenStack = (graph: GraphBuilder, x: Value) =>
  reshape(graph, x, [product(x.shape.slice(0, -1)), x.shape.at(-1)!]);

/** Transposes each matrix of a stack. */
export function transpose(graph: GraphBuilder, x: Value): Value {
  const order = x.shape.map((_, i) => i);
  return graph.transpose(x, [...order.slice(0, -2), order.at(-1)!, order.at(-2)!]);
}

export const products = {
  /** Y = A·B + c, with A and B transposed on request (`transA`, `transB`). */
  Gemm: {
    infer([a, b, c], { transA, transB }) {
      const [height, inner] = matrixShapeOf('Gemm', a, transA);
      const [other, width] = matrixShapeOf('Gemm', b, transB);
      if (inner !== other)
        throw new GraphError(`Gemm: inner dimensions of ${formatShape(a)} and ${formatShape(b)} differ`);
      const shape = [height, width];
      if (c && formatShape({ shape: broadcastShape('Gemm', { shape }, c) }) !== formatShape({ shape })) {
        throw new GraphError(
          `Gemm: bias ${formatShape(c)} does not fit ${formatShape(a)} by ${formatShape(b)}`,
        );
      }
      return floatOf(shape);
    },
    gradient({ graph, inputs: [a, b, c], attributes: { transA = 0, transB = 0 }, gradient: g }) {
      const da = transA ? gemm(graph, b, g, transB, 1) : gemm(graph, g, b, 0, !transB);
      const db = transB ? gemm(graph, g, a, 1, transA) : gemm(graph, a, g, !transA, 0);
      return c ? [da, db, unbroadcast(graph, g, c)] : [da, db];
    },
  },
  /**
   * The product of two matrices, or of two stacks of matrices that broadcast, as in NumPy: a vector on the left is a row,
   * on the right a column. If a stack is multiplied by one matrix, as in a layer, the gradient of the matrix is a single
   * product rather than a sum over a stack.
   */
  MatMul: {
    infer([a, b]) {
      const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
      const right = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
      if (left.length < 2 || right.length < 2 || left.at(-1) !== right.at(-2)) {
        throw new GraphError(`MatMul: inner dimensions of ${formatShape(a)} and ${formatShape(b)} differ`);
      }
      const stack = broadcastShape('MatMul', { shape: left.slice(0, -2) }, { shape: right.slice(0, -2) });
      const height = a.shape.length > 1 ? [left.at(-2)!] : [];
      const width = b.shape.length > 1 ? [right.at(-1)!] : [];
      return floatOf([...stack, ...height, ...width]);
    },
    gradient({ graph, inputs: [a, b], gradient }) {
      const left = a.shape.length === 1 ? reshape(graph, a, [1, ...a.shape]) : a;
      const right = b.shape.length === 1 ? reshape(graph, b, [...b.shape, 1]) : b;
      const stack = gradient.shape.slice(0, gradient.shape.length - Number(left === a) - Number(right === b));
      const g = reshape(graph, gradient, [...stack, left.shape.at(-2)!, right.shape.at(-1)!]);
      if (right.shape.length === 2) {
        const da = gemm(graph, flattenStack(graph, g), right, 0, 1);
        const db = gemm(graph, flattenStack(graph, left), flattenStack(graph, g), 1, 0);
        return [reshape(graph, da, a.shape), reshape(graph, db, b.shape)];
      }
      const da = graph.matMul(g, transpose(graph, right));
      const db = graph.matMul(transpose(graph, left), g);
      return [
        reshape(graph, unbroadcast(graph, da, left), a.shape),
        reshape(graph, unbroadcast(graph, db, right), b.shape),
      ];
    },
  },
} satisfies Record<string, Op>;
