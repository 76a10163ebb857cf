import type { Value } from '../ir/builder.ts';
import { GraphError } from '../ir/error.ts';
import { floatOf, formatShape, type Op } from './entry.ts';

export const losses = {
  /**
   * Binary cross-entropy between logits z and targets x in 0..1 (both N × F), summed over F; not an ONNX operator.
   * −x log σ(z) − (1 − x) log(1 − σ(z)) = max(z, 0) − x z − log σ(|z|), and its derivative by z is σ(z) − x. In
   * onnxruntime a logarithm costs as much as eight products, so it is applied to the product of several σ(|z|), each of
   * which is at least ½.
   */
  BinaryCrossEntropy: {
    infer([z, x]) {
      if (z.shape.length !== 2 || formatShape(z) !== formatShape(x) || typeof z.shape[1] !== 'number') {
        throw new GraphError(
          `BinaryCrossEntropy: ${formatShape(z)} and ${formatShape(x)} are not matrices of one shape`,
        );
      }
      return floatOf([z.shape[0]]);
    },
    gradient({ graph, inputs: [z, x], gradient: g }) {
      const column = graph.unsqueeze(g, [1]);
      const error = graph.sub(graph.sigmoid(z), x);
      return [graph.mul(error, column), graph.neg(graph.mul(z, column))];
    },
    lower(graph, [z, x]) {
      const features = z.shape[1] as number;
      const group = Array.from({ length: 32 }, (_, i) => 32 - i).find((size) => features % size === 0)!;
      const sum = (value: Value) => graph.reduceSum(value, [1]);
      const linear = graph.sub(graph.relu(z), graph.mul(x, z));
      const sigmoid = graph.sigmoid(graph.abs(z));
      const grouped = graph.reshape(sigmoid, [0, features / group, group]);
      const logarithm = graph.log(graph.op('ReduceProd', [grouped], { axes: [2], keepdims: 0 }));
      return graph.sub(sum(linear), sum(logarithm));
    },
  },
  /**
   * Cross-entropy −Σ t log softmax(z) between logits z and class probabilities t (both N × K, each row of t one-hot or
   * a distribution), summed over K; not an ONNX operator. Its derivative by z is softmax(z) Σ t − t.
   */
  CategoricalCrossEntropy: {
    infer([z, t]) {
      if (z.shape.length !== 2 || formatShape(z) !== formatShape(t)) {
        throw new GraphError(
          `CategoricalCrossEntropy: ${formatShape(z)} and ${formatShape(t)} are not matrices of one shape`,
        );
      }
      return floatOf([z.shape[0]]);
    },
    gradient({ graph, inputs: [z, t], gradient: g }) {
      const column = graph.unsqueeze(g, [1]);
      const total = graph.reduceSum(t, [1], true);
      const expected = graph.mul(graph.softmax(z), total);
      const dz = graph.mul(graph.sub(expected, t), column);
      return [dz, graph.neg(graph.mul(graph.logSoftmax(z), column))];
    },
    lower(graph, [z, t]) {
      const terms = graph.mul(t, graph.logSoftmax(z));
      return graph.neg(graph.reduceSum(terms, [1]));
    },
  },
} satisfies Record<string, Op>;
