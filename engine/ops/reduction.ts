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

/** The k largest or smallest, in order, by insertion: the first of equal ones first. */
const topK: Op = (call) => {
  const { shape } = call.inputs[0]!;
  const axis = fromFront(numberOf(call, 'axis', -1), shape.length);
  const [outer, size, inner] = around(shape, axis);
  const [k = 0] = integersOf(call, 1);
  if (k < 1 || k > size) throw new EngineError(`TopK: there are no ${k} of ${size} values`);
  const sign = numberOf(call, 'largest', 1) ? 1 : -1;
  const result = shape.with(axis, k);
  if (inner === 1) {
    return {
      shapes: [result, result],
      scratch: 2 * k,
      start: ({ kernels, input, outputs: [values = -1, places = -1], scratch }) => {
        const x = input(0);
        const [to, at] = [Math.max(values, 0), Math.max(places, 0)];
        return () => kernels.topK(x, to, at, outer, size, k, sign, scratch, scratch + 4 * k);
      },
    };
  }
  return {
    shapes: [result, result],
    start: ({ floats, input, outputs: [y = -1, at = -1] }) => {
      const from = input(0) / 4;
      const best = new Float32Array(k);
      const places = new Int32Array(k);
      return () => {
        const values = floats();
        for (let r = 0; r < outer; r++) {
          for (let j = 0; j < inner; j++) {
            const start = from + r * size * inner + j;
            let count = 0;
            let worst = Number.NEGATIVE_INFINITY;
            for (let i = 0; i < size; i++) {
              const value = sign * values[start + i * inner]!;
              if (count === k && !(value > worst)) continue;
              let p = count < k ? count++ : k - 1;
              for (; p > 0 && value > best[p - 1]!; p--) {
                best[p] = best[p - 1]!;
                places[p] = places[p - 1]!;
              }
              best[p] = value;
              places[p] = i;
              worst = best[count - 1]!;
            }
            const to = r * k * inner + j;
            for (let p = 0; p < k; p++) {
              if (y >= 0) values[y / 4 + to + p * inner] = sign * best[p]!;
              if (at >= 0) values[at / 4 + to + p * inner] = places[p]!;
            }
          }
        }
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
