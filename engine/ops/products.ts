import { PANEL, packedLength } from '../../kernels/inference.ts';
import { EngineError } from '../onnx/error.ts';
import type { Constant, Shape } from '../onnx/model.ts';
import {
  assertAttribute,
  broadcast,
  broadcastStrides,
  type Call,
  copyRuns,
  fillFrom,
  numberOf,
  type Op,
  type Operand,
  type Places,
  runsOf,
  type Step,
  sizeOf,
  stridesOf,
} from './op.ts';

/** A right operand, k × m, in panels: a constant once and for all, another each time. */
export interface Right {
  readonly scratch: number;
  start(places: Places, scratch: number): { readonly panels: number; readonly pack?: Step };
}

export function planRight(operand: Operand, i: number, k: number, m: number, transposed: boolean): Right {
  const { constant } = operand;
  const length = packedLength(k, m);
  if (constant) {
    return {
      scratch: 0,
      start: ({ derived }) => ({
        panels: derived([constant.source, 'panels', k, transposed], length, (memory, at) => {
          const plain = memory.share(4 * constant.length);
          memory.write(constant, plain);
          memory.kernels.pack(plain, at, k, m, transposed);
        }),
      }),
    };
  }
  return {
    scratch: length,
    start: ({ kernels, input }, scratch) => {
      const from = input(i);
      return { panels: scratch, pack: () => kernels.pack(from, scratch, k, m, transposed) };
    },
  };
}

/** Zeros or a constant bias for m columns, filled up to whole panels. */
export const biasOf = ({ derived }: Places, bias: Constant | undefined, m: number): number =>
  derived([bias?.source ?? 'no bias', m], PANEL * Math.ceil(m / PANEL), bias ? fillFrom(bias) : () => {});

const isVector = (shape: Shape, m: number): boolean => sizeOf(shape) === m && (shape.at(-1) === m || m === 1);

/** A·B + C with matrices that may be transposed. */
const gemm: Op = (call) => {
  const [a, b, c] = call.inputs as readonly [Operand, Operand, Operand?];
  assertAttribute(call, 'alpha', 1);
  assertAttribute(call, 'beta', 1);
  const [transA, transB] = [numberOf(call, 'transA', 0) !== 0, numberOf(call, 'transB', 0) !== 0];
  const [n, k] = transA ? a.shape.toReversed() : a.shape;
  const m = b.shape[transB ? 0 : 1];
  if (n === undefined || k === undefined || m === undefined || b.shape[transB ? 1 : 0] !== k) {
    throw new EngineError(`Gemm: [${a.shape.join(', ')}] and [${b.shape.join(', ')}] do not fit`);
  }
  const right = planRight(b, 1, k, m, transB);
  const turned = transA ? runsOf([n, k], [1, n]) : undefined;
  const folded = c?.constant && isVector(c.shape, m) ? c.constant : undefined;
  const added = c && !folded ? runsOf([n, m], broadcastStrides(c.shape, [n, m])) : undefined;
  const relu = call.node.attributes.relu === 1;
  return {
    shapes: [[n, m]],
    scratch: right.scratch + (turned ? n * k : 0) + (added ? n * m : 0),
    start: (places) => {
      const {
        kernels,
        input,
        outputs: [y = 0],
        scratch,
        floats,
      } = places;
      const { panels, pack } = right.start(places, scratch);
      const rows = turned ? scratch + 4 * right.scratch : input(0);
      const bias = biasOf(places, folded, m);
      const addend = added ? scratch + 4 * (right.scratch + (turned ? n * k : 0)) : 0;
      const [from, plus] = [input(0), c && added ? input(2) : 0];
      if (!pack && !turned && !added) return () => kernels.gemm(rows, panels, y, n, k, m, bias, relu);
      return () => {
        pack?.();
        if (turned) copyRuns(floats(), from / 4, rows / 4, turned);
        kernels.gemm(rows, panels, y, n, k, m, bias, relu && !added);
        if (!added) return;
        copyRuns(floats(), plus / 4, addend / 4, added);
        kernels.add(y, addend, y, 1, n * m, 0, 1, 0, 1);
        if (relu) kernels.relu(y, y, n * m);
      };
    },
  };
};

/** The product of matrices, or of stacks of them that broadcast, as in NumPy. */
const matMul: Op = (call: Call) => {
  const [a, b] = call.inputs as readonly [Operand, Operand];
  const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
  const rightShape = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
  const [n, k] = left.slice(-2) as [number, number];
  const m = rightShape.at(-1)!;
  if (rightShape.at(-2) !== k) {
    throw new EngineError(`MatMul: [${a.shape.join(', ')}] and [${b.shape.join(', ')}] do not fit`);
  }
  const stack = broadcast('MatMul', left.slice(0, -2), rightShape.slice(0, -2));
  const result = [...stack, ...(a.shape.length > 1 ? [n] : []), ...(b.shape.length > 1 ? [m] : [])];
  if (rightShape.length === 2) {
    // One matrix with the rows of all.
    const rows = sizeOf(stack) * n;
    const right = planRight(b, 1, k, m, false);
    return {
      shapes: [result],
      scratch: right.scratch,
      start: (places) => {
        const { panels, pack } = right.start(places, places.scratch);
        const [from, bias, y] = [places.input(0), biasOf(places, undefined, m), places.outputs[0]!];
        return () => {
          pack?.();
          places.kernels.gemm(from, panels, y, rows, k, m, bias, false);
        };
      },
    };
  }
  const [lefts, rights] = [left, rightShape].map((shape) => {
    const outer = shape.slice(0, -2);
    const strides = stridesOf(shape).slice(0, -2);
    const missing = stack.length - outer.length;
    const own = stack.map((_, i) => (i < missing || outer[i - missing] === 1 ? 0 : strides[i - missing]!));
    const runs = runsOf([...stack, 1], [...own, 0]);
    return Array.from(
      { length: sizeOf(stack) },
      (_, s) => runs.starts[Math.floor(s / runs.length)]! + (s % runs.length),
    );
  }) as [number[], number[]];
  return {
    shapes: [result],
    scratch: packedLength(k, m),
    start: (places) => {
      const {
        kernels,
        input,
        outputs: [y = 0],
        scratch,
      } = places;
      const [from, other, bias] = [input(0), input(1), biasOf(places, undefined, m)];
      return () => {
        for (let s = 0; s < lefts.length; s++) {
          kernels.pack(other + 4 * rights[s]!, scratch, k, m, false);
          kernels.gemm(from + 4 * lefts[s]!, scratch, y + 4 * s * n * m, n, k, m, bias, false);
        }
      };
    },
  };
};

export const products = { Gemm: gemm, MatMul: matMul } satisfies Record<string, Op>;
