import type { BinaryKernel, InferenceKernels, UnaryKernel } from '../../kernels/inference.ts';
import { EngineError } from '../onnx/error.ts';
import type { Shape } from '../onnx/model.ts';
import {
  broadcast,
  broadcastStrides,
  type Call,
  copyRuns,
  numberOf,
  type Op,
  type Plan,
  type Runs,
  runsOf,
  type Step,
  sizeOf,
} from './op.ts';

type KernelName<K> = {
  [N in keyof InferenceKernels]: InferenceKernels[N] extends K ? N : never;
}[keyof InferenceKernels];

const unary =
  (name: KernelName<UnaryKernel>): Op =>
  ({ inputs: [x] }) => ({
    shapes: [x!.shape],
    over: [0],
    start: ({ kernels, input, outputs: [y = 0] }) => {
      const kernel = kernels[name] as UnaryKernel;
      const from = input(0);
      const n = sizeOf(x!.shape);
      return () => kernel(from, y, n);
    },
  });

/** Activation functions with a parameter. */
const parametric =
  (name: 'leakyRelu' | 'elu', otherwise: number): Op =>
  (call) => {
    const shape = call.inputs[0]!.shape;
    const alpha = numberOf(call, 'alpha', otherwise);
    return {
      shapes: [shape],
      over: [0],
      start: ({ kernels, input, outputs: [y = 0] }) => {
        const x = input(0);
        return () => kernels[name](x, y, sizeOf(shape), alpha);
      },
    };
  };

const binary =
  (name: KernelName<BinaryKernel>): Op =>
  (call) =>
    planBinary(call, (kernels) => kernels[name] as BinaryKernel);

/** One call of a kernel: where it begins in each operand, in bytes from its first value. */
interface Block {
  readonly a: number;
  readonly b: number;
  readonly y: number;
}

function planBinary(
  { node, inputs: [a, b, ...rest] }: Call,
  choose: (kernels: InferenceKernels) => BinaryKernel,
): Plan {
  if (rest.length > 0) throw new EngineError(`${node.op}: only two operands are supported`);
  const shape = broadcast(node.op, a!.shape, b!.shape);
  const { outer, inner, blocks } = tile(shape, a!.shape, b!.shape);
  return {
    shapes: [shape],
    over: [a, b].flatMap((operand, i) => (sizeOf(operand!.shape) === sizeOf(shape) ? [i] : [])),
    start: ({ kernels, input, outputs: [y = 0] }) => {
      const kernel = choose(kernels);
      const [left, right] = [input(0), input(1)];
      const [rows, ao, bo] = [outer.size, outer.a, outer.b];
      const [size, ai, bi] = [inner.size, inner.a, inner.b];
      if (blocks.length === 1) return () => kernel(left, right, y, rows, size, ao, ai, bo, bi);
      return () => {
        for (const block of blocks) {
          kernel(left + block.a, right + block.b, y + block.y, rows, size, ao, ai, bo, bi);
        }
      };
    },
  };
}

/** An axis of a result, and the strides of both operands along it. */
interface Axis {
  readonly size: number;
  readonly a: number;
  readonly b: number;
}

/** Splits a broadcast into calls over two axes: neighbours along which both operands go on alike are one. */
function tile(
  shape: Shape,
  left: Shape,
  right: Shape,
): { outer: Axis; inner: Axis; blocks: readonly Block[] } {
  const [as, bs] = [broadcastStrides(left, shape), broadcastStrides(right, shape)];
  const dims: Axis[] = [];
  for (let i = shape.length - 1; i >= 0; i--) {
    const axis: Axis = { size: shape[i]!, a: as[i]!, b: bs[i]! };
    if (axis.size === 1) continue;
    const [next] = dims;
    if (next && axis.a === next.a * next.size && axis.b === next.b * next.size) {
      dims[0] = { ...next, size: axis.size * next.size };
    } else dims.unshift(axis);
  }
  while (dims.length < 2) dims.unshift({ size: 1, a: 0, b: 0 });
  const rest = dims.slice(0, -2);
  const [outer, inner] = dims.slice(-2) as [Axis, Axis];
  const area = outer.size * inner.size;
  const blocks = Array.from(
    { length: rest.reduce((product, { size }) => product * size, 1) },
    (_, r): Block => {
      let [a, b, left] = [0, 0, r];
      for (const axis of rest.toReversed()) {
        const at = left % axis.size;
        left = Math.floor(left / axis.size);
        a += at * axis.a;
        b += at * axis.b;
      }
      return { a: 4 * a, b: 4 * b, y: 4 * r * area };
    },
  );
  return { outer, inner, blocks };
}

/** Brings the operands that are smaller than the result to its shape, one after the other in the scratch memory. */
export function expandInputs({ inputs }: Call, shape: Shape) {
  const size = sizeOf(shape);
  const runs = inputs.map((operand): Runs | undefined =>
    sizeOf(operand!.shape) === size ? undefined : runsOf(shape, broadcastStrides(operand!.shape, shape)),
  );
  const count = runs.filter(Boolean).length;
  return {
    scratch: count * size,
    /** The places of the operands, and the step that fills the scratch memory. */
    start: (input: (i: number) => number, scratch: number, floats: () => Float32Array) => {
      let used = 0;
      const moves: Step[] = [];
      const places = runs.map((own, i) => {
        const from = input(i);
        if (!own) return from;
        const to = scratch + 4 * size * used++;
        moves.push(() => copyRuns(floats(), from / 4, to / 4, own));
        return to;
      });
      return {
        places,
        expand: () => {
          for (const move of moves) move();
        },
      };
    },
  };
}

const where: Op = (call) => {
  const shape = broadcast('Where', ...call.inputs.map((operand) => operand!.shape));
  const n = sizeOf(shape);
  const expanded = expandInputs(call, shape);
  return {
    shapes: [shape],
    over: call.inputs.flatMap((operand, i) => (sizeOf(operand!.shape) === n ? [i] : [])),
    scratch: expanded.scratch,
    start: ({ kernels, input, outputs: [y = 0], scratch, floats }) => {
      const { places, expand } = expanded.start(input, scratch, floats);
      const [c = 0, a = 0, b = 0] = places;
      return () => {
        expand();
        kernels.where(c, a, b, y, n);
      };
    },
  };
};

const pow: Op = (call) => {
  const shape = broadcast('Pow', ...call.inputs.map((operand) => operand!.shape));
  const n = sizeOf(shape);
  const expanded = expandInputs(call, shape);
  return {
    shapes: [shape],
    scratch: expanded.scratch,
    start: ({ input, outputs: [y = 0], scratch, floats }) => {
      const { places, expand } = expanded.start(input, scratch, floats);
      const [a, b, to] = [places[0]! / 4, places[1]! / 4, y / 4];
      return () => {
        expand();
        const values = floats();
        for (let i = 0; i < n; i++) values[to + i] = values[a + i]! ** values[b + i]!;
      };
    },
  };
};

const clip: Op = (call) => {
  const shape = call.inputs[0]!.shape;
  const bound = (i: number, otherwise: number) => {
    const operand = call.inputs[i];
    if (!operand) return otherwise;
    const values = operand.constant?.values;
    if (values?.length === 1) return values[0]!;
    throw new EngineError('Clip: the bounds must be constant numbers');
  };
  const [low, high] = [bound(1, Number.NEGATIVE_INFINITY), bound(2, Number.POSITIVE_INFINITY)];
  return {
    shapes: [shape],
    over: [0],
    start: ({ kernels, input, outputs: [y = 0] }) => {
      const x = input(0);
      return () => kernels.clip(x, y, sizeOf(shape), low, high);
    },
  };
};

const [FLOAT, INT32, INT64, BOOL] = [1, 6, 7, 9];

/** All types are float32 here: whole numbers are rounded towards 0, and true is 1. */
const cast: Op = (call) => {
  switch (numberOf(call, 'to', 0)) {
    case FLOAT:
      return { shapes: [call.inputs[0]!.shape], view: true };
    case INT32:
    case INT64:
      return unary('truncate')(call);
    case BOOL:
      return unary('isTrue')(call);
    default:
      throw new EngineError(`Cast: there is no type ${numberOf(call, 'to', 0)} in the engine`);
  }
};

export const elementwise = {
  Add: binary('add'),
  Sub: binary('sub'),
  Mul: binary('mul'),
  Div: binary('div'),
  Max: binary('maximum'),
  Min: binary('minimum'),
  Greater: binary('greater'),
  GreaterOrEqual: binary('greaterOrEqual'),
  Equal: binary('equal'),
  Pow: pow,
  Where: where,
  Neg: unary('neg'),
  Abs: unary('abs'),
  Sign: unary('sign'),
  Sqrt: unary('sqrt'),
  Floor: unary('floor'),
  Sin: unary('sin'),
  Cos: unary('cos'),
  Exp: unary('exp'),
  Log: unary('log'),
  Erf: unary('erf'),
  IsNaN: unary('isNaN'),
  Relu: unary('relu'),
  Sigmoid: unary('sigmoid'),
  Tanh: unary('tanh'),
  LeakyRelu: parametric('leakyRelu', 0.01),
  Elu: parametric('elu', 1),
  Clip: clip,
  Cast: cast,
} satisfies Record<string, Op>;
