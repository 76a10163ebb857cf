import type { InferenceKernels } from '../../kernels/inference.ts';
import { EngineError } from '../onnx/error.ts';
import type { Shape } from '../onnx/model.ts';
import {
  around,
  assertAttribute,
  type Call,
  copyRuns,
  fromFront,
  integersOf,
  listOf,
  numberOf,
  type Op,
  type Plan,
  runsOf,
  sizeOf,
  stridesOf,
} from './op.ts';

/** A reduction over axes: in an attribute, or in the second input, as for ReduceSum. */
const reduce =
  (name: 'sum' | 'largest' | 'product', { mean = false, asInput = false } = {}): Op =>
  (call) => {
    const { shape } = call.inputs[0]!;
    const all = shape.map((_, i) => i);
    assertAttribute(call, 'noop_with_empty_axes', 0);
    const listed = asInput ? (call.inputs[1] ? integersOf(call, 1) : all) : listOf(call, 'axes', all);
    const given = listed.length > 0 ? listed : all;
    const axes = given.map((axis) => fromFront(axis, shape.length)).sort((a, b) => a - b);
    const keep = numberOf(call, 'keepdims', 1) !== 0;
    const result = shape.flatMap((d, i) => (axes.includes(i) ? (keep ? [1] : []) : [d]));
    const size = axes.reduce((product, axis) => product * shape[axis]!, 1);
    return planReduction(shape, axes, result, (kernels) => kernels[name], mean ? size : 1);
  };

function planReduction(
  shape: Shape,
  axes: readonly number[],
  result: Shape,
  choose: (kernels: InferenceKernels) => InferenceKernels['sum'],
  divisor: number,
): Plan {
  const kept = shape.flatMap((_, i) => (axes.includes(i) ? [] : [i]));
  const size = axes.reduce((product, axis) => product * shape[axis]!, 1);
  const [first = 0, last = -1] = [axes[0], axes.at(-1)];
  const together = last - first + 1 === axes.length;
  // Axes that are apart are brought to the end first.
  const order = [...kept, ...axes];
  const strides = stridesOf(shape);
  const runs = together
    ? undefined
    : runsOf(
        order.map((axis) => shape[axis]!),
        order.map((axis) => strides[axis]!),
      );
  const [outer, inner] = together
    ? [sizeOf(shape.slice(0, first)), sizeOf(shape.slice(last + 1))]
    : [sizeOf(result), 1];
  const n = sizeOf(result);
  return {
    shapes: [result],
    scratch: runs ? sizeOf(shape) : 0,
    start: ({ kernels, input, outputs: [y = 0], scratch, floats }) => {
      const x = input(0);
      const kernel = choose(kernels);
      return () => {
        if (runs) copyRuns(floats(), x / 4, scratch / 4, runs);
        kernel(runs ? scratch : x, y, outer, size, inner);
        if (divisor === 1) return;
        const values = floats();
        for (let i = y / 4; i < y / 4 + n; i++) values[i]! /= divisor;
      };
    },
  };
}

const argMax: Op = (call) => {
  const { shape } = call.inputs[0]!;
  const axis = fromFront(numberOf(call, 'axis', 0), shape.length);
  const [outer, size, inner] = around(shape, axis);
  const result = numberOf(call, 'keepdims', 1) ? shape.with(axis, 1) : shape.toSpliced(axis, 1);
  return {
    shapes: [result],
    start: ({ floats, input, outputs: [y = 0] }) => {
      const [from, to] = [input(0) / 4, y / 4];
      return () => {
        const values = floats();
        for (let r = 0; r < outer; r++) {
          for (let j = 0; j < inner; j++) {
            const start = from + r * size * inner + j;
            let best = 0;
            for (let i = 1; i < size; i++) {
              if (values[start + i * inner]! > values[start + best * inner]!) best = i;
            }
            values[to + r * inner + j] = best;
          }
        }
      };
    },
  };
};

/** The k largest or smallest along an axis, in order: the first of equal ones first. Other axes are brought to the end. */
const topK: Op = (call) => {
  const { shape } = call.inputs[0]!;
  const axis = fromFront(numberOf(call, 'axis', -1), shape.length);
  const [outer, size, inner] = around(shape, axis);
  const [k = 0] = integersOf(call, 1);
  if (k < 1 || k > size) throw new EngineError(`TopK: there are no ${k} of ${size} values`);
  const sign = numberOf(call, 'largest', 1) ? 1 : -1;
  const result = shape.with(axis, k);
  const rows = outer * inner;
  const last = inner === 1;
  const toEnd = runsOf([outer, inner, size], [size * inner, 1, inner]);
  const back = runsOf([outer, k, inner], [k * inner, 1, k]);
  return {
    shapes: [result, result],
    scratch: 2 * k + (last ? 0 : rows * (size + 2 * k)),
    start: ({ kernels, input, outputs: [values = -1, places = -1], scratch, floats }) => {
      const x = input(0);
      const [to, at] = [Math.max(values, 0), Math.max(places, 0)];
      const [best, order] = [scratch, scratch + 4 * k];
      if (last) return () => kernels.topK(x, to, at, rows, size, k, sign, best, order);
      const turned = order + 4 * k;
      const largest = turned + 4 * rows * size;
      const indices = largest + 4 * rows * k;
      return () => {
        copyRuns(floats(), x / 4, turned / 4, toEnd);
        kernels.topK(turned, largest, indices, rows, size, k, sign, best, order);
        if (to) copyRuns(floats(), largest / 4, to / 4, back);
        if (at) copyRuns(floats(), indices / 4, at / 4, back);
      };
    },
  };
};

const softmax =
  (logarithm: boolean): Op =>
  (call: Call) => {
    const { shape } = call.inputs[0]!;
    const [outer, size, inner] = around(shape, fromFront(numberOf(call, 'axis', -1), shape.length));
    return {
      shapes: [shape],
      over: [0],
      start: ({ floats, input, outputs: [y = 0] }) => {
        const [from, to] = [input(0) / 4, y / 4];
        return () => {
          const values = floats();
          for (let r = 0; r < outer; r++) {
            for (let j = 0; j < inner; j++) {
              const start = r * size * inner + j;
              const end = start + size * inner;
              let most = Number.NEGATIVE_INFINITY;
              for (let p = start; p < end; p += inner) most = Math.max(most, values[from + p]!);
              let sum = 0;
              for (let p = start; p < end; p += inner) sum += Math.exp(values[from + p]! - most);
              const log = Math.log(sum);
              for (let p = start; p < end; p += inner) {
                const own = values[from + p]! - most - log;
                values[to + p] = logarithm ? own : Math.exp(own);
              }
            }
          }
        };
      },
    };
  };

export const reduction = {
  ReduceSum: reduce('sum', { asInput: true }),
  ReduceMean: reduce('sum', { mean: true }),
  ReduceMax: reduce('largest'),
  ReduceProd: reduce('product'),
  ArgMax: argMax,
  TopK: topK,
  Softmax: softmax(false),
  LogSoftmax: softmax(true),
} satisfies Record<string, Op>;
