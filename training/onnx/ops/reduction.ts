import type { Attributes, Value } from '../ir/builder.ts';
import {
  countAlong,
  expandReduced,
  floatOf,
  type Op,
  readIntegers,
  reduceShape,
  resolveAxis,
} from './entry.ts';

/** A reduction over the axes in the attribute `axes`, which are kept as 1 unless `keepdims` is 0. */
const overAttribute = (op: string) => ({
  infer: ([x]: readonly Value[], { axes, keepdims = 1 }: Attributes) =>
    floatOf(reduceShape(op, x.shape, axes as readonly number[], keepdims)),
});

export const reduction = {
  /** The sum over the axes in the second input, a constant. */
  ReduceSum: {
    infer: ([x, axes], { keepdims = 1 }) =>
      floatOf(reduceShape('ReduceSum', x.shape, readIntegers('ReduceSum', axes), keepdims)),
    gradient: ({ graph, inputs: [x, axes], output: y, gradient: g }) => [
      expandReduced(graph, g, x, y, axes),
      null,
    ],
  },
  ReduceMean: {
    ...overAttribute('ReduceMean'),
    gradient({ graph, inputs: [x], output: y, attributes, gradient: g }) {
      const axes = attributes.axes as readonly number[];
      const share = graph.div(g, countAlong(graph, x, axes));
      return [expandReduced(graph, share, x, y, graph.integers(axes))];
    },
  },
  ReduceProd: overAttribute('ReduceProd'),
  ReduceMax: overAttribute('ReduceMax'),
  /** The index of the largest entry along `axis`; the first one if several are equal. */
  ArgMax: {
    infer: ([x], { axis = 0, keepdims = 1 }) => ({
      shape: reduceShape('ArgMax', x.shape, [Number(axis)], keepdims),
      type: 'int64',
    }),
  },
  /**
   * The k largest (or smallest) entries along an axis, in order, and their indices. k is a constant, or an input, whose
   * name the dimension takes.
   */
  TopK: {
    infer([x, k], { axis = -1 }) {
      const along = resolveAxis('TopK', Number(axis), x.shape.length);
      const shape = x.shape.with(along, k.data ? readIntegers('TopK', k)[0] : k.name);
      return [floatOf(shape), { shape, type: 'int64' }];
    },
  },
} satisfies Record<string, Op>;
