import type { InferenceKernels } from '../../kernels/inference.ts';
import type { EngineMemory } from '../memory/memory.ts';
import { EngineError } from '../onnx/error.ts';
import { type Attribute, assertSize, type Constant, type Node, type Shape } from '../onnx/model.ts';

/** What an operator reads, of which the shape is known, and the values if it is a constant. */
export interface Operand {
  readonly shape: Shape;
  readonly constant?: Constant | undefined;
}

/** A node whose inputs have shapes. */
export interface Call {
  readonly node: Node;
  /** Undefined where an input is left out. */
  readonly inputs: readonly (Operand | undefined)[];
}

/** Where the operands of a step are in memory, in bytes. */
export interface Places {
  readonly kernels: InferenceKernels;
  readonly outputs: readonly number[];
  readonly scratch: number;
  /** All of the memory as floats; the array changes when the memory grows, so that each step asks for it. */
  floats(): Float32Array;
  input(i: number): number;
  /** The place of `length` floats derived from constants, which `fill` writes once per `key` over zeros. */
  derived(key: readonly unknown[], length: number, fill: Fill): number;
}

export type Step = () => void;

/** Writes a constant to a place, in bytes. */
export type Fill = (memory: EngineMemory, at: number) => void;

/** Writes these numbers. */
export const fillWith =
  (make: () => ArrayLike<number>): Fill =>
  (memory, at) =>
    memory.floats.set(make(), at / 4);

/** What a call computes, and how. */
export interface Plan {
  /** The shape of each output. */
  readonly shapes: readonly Shape[];
  /** The values of the first output, if they follow from the shapes. */
  readonly constant?: Constant;
  /** The first output is the first input with another shape: nothing is to be done. */
  readonly view?: boolean;
  /** The inputs over which the first output may be written. */
  readonly over?: readonly number[];
  /** Floats that it needs while it runs. */
  readonly scratch?: number;
  start?(places: Places): Step;
}

/** An operator of ONNX: plans a call. Throws an {@link EngineError} for what the engine does not support. */
export type Op = (call: Call) => Plan;

export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** A node's attribute, or its default. */
export function numberOf({ node }: Call, name: string, otherwise: number): number {
  const value: Attribute = node.attributes[name] ?? otherwise;
  if (typeof value === 'number') return value;
  throw new EngineError(`${node.op}: the attribute ${name} is no number`);
}

export function listOf({ node }: Call, name: string, otherwise: readonly number[]): readonly number[] {
  const value = node.attributes[name] ?? otherwise;
  if (Array.isArray(value)) return value;
  throw new EngineError(`${node.op}: the attribute ${name} is no list`);
}

/** Throws an {@link EngineError} unless an attribute has the value that the engine supports. */
export function assertAttribute(call: Call, name: string, supported: string | number): void {
  const found = call.node.attributes[name];
  if (found === undefined || found === supported) return;
  throw new EngineError(`${call.node.op}: ${name} ${String(found)} is not supported, only ${supported}`);
}

/** The whole numbers of an input that must be a constant. */
export function integersOf({ node, inputs }: Call, i: number): readonly number[] {
  const values = inputs[i]?.constant?.values;
  if (values) return Array.from(values);
  throw new EngineError(`${node.op}: input ${i + 1} must be a constant`);
}

/** An axis counted from the front. */
export const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Outer × size × inner: what is before, along and behind an axis. */
export function around(shape: Shape, axis: number): readonly [number, number, number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))];
}

/** How far apart neighbours along each axis are. */
export const stridesOf = (shape: Shape): number[] => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** Writes a constant as it is. */
export const fillFrom =
  (constant: Constant): Fill =>
  (memory, at) =>
    memory.write(constant, at);

/** The shape of a result by NumPy's broadcasting rules. */
export function broadcast(op: string, ...shapes: readonly Shape[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = shapes.map((shape) => shape.at(i - rank) ?? 1).filter((size) => size !== 1);
    if (sizes.some((size) => size !== sizes[0])) {
      throw new EngineError(
        `${op}: ${shapes.map((shape) => `[${shape.join(', ')}]`).join(' and ')} do not broadcast`,
      );
    }
    return sizes[0] ?? 1;
  });
}

/** Values that are taken from others in runs: where each run begins in the source, −1 for zeros. */
export interface Runs {
  readonly starts: Int32Array;
  readonly length: number;
}

/** Lists where each value of a tensor of `shape` comes from, by strides per axis; from `first` on. */
export function runsOf(shape: Shape, strides: readonly number[], first = 0): Runs {
  assertSize('a result', shape);
  let length = 1;
  let axis = shape.length - 1;
  // What is contiguous in the source is one run.
  for (; axis >= 0 && (strides[axis] === length || shape[axis] === 1); axis--) length *= shape[axis]!;
  const outer = shape.slice(0, axis + 1);
  const starts = new Int32Array(sizeOf(outer));
  const place = outer.map(() => 0);
  let at = first;
  for (let r = 0; r < starts.length; r++) {
    starts[r] = at;
    for (let k = outer.length - 1; k >= 0; k--) {
      at += strides[k]!;
      if (++place[k]! < outer[k]!) break;
      at -= place[k]! * strides[k]!;
      place[k] = 0;
    }
  }
  return { starts, length };
}

/** Strides by which a tensor is read as one of `shape` that it broadcasts to: 0 where it repeats. */
export function broadcastStrides(from: Shape, shape: Shape): number[] {
  const own = stridesOf(from);
  const missing = shape.length - from.length;
  return shape.map((_, i) => (i < missing || from[i - missing] === 1 ? 0 : own[i - missing]!));
}

/** Copies runs of floats from place x to place y, both counted in floats. */
export function copyRuns(floats: Float32Array, x: number, y: number, { starts, length }: Runs): void {
  if (length === 1) {
    for (let r = 0; r < starts.length; r++) {
      const start = starts[r]!;
      floats[y + r] = start < 0 ? 0 : floats[x + start]!;
    }
    return;
  }
  for (let r = 0, to = y; r < starts.length; r++, to += length) {
    const start = starts[r]!;
    if (start < 0) floats.fill(0, to, to + length);
    else if (length >= 32) floats.copyWithin(to, x + start, x + start + length);
    else for (let k = 0; k < length; k++) floats[to + k] = floats[x + start + k]!;
  }
}

/** A plan that only moves values. */
export const moving = (shape: Shape, runs: Runs): Plan => ({
  shapes: [shape],
  start: ({ floats, input, outputs: [y = 0] }) => {
    const x = input(0) / 4;
    return () => copyRuns(floats(), x, y / 4, runs);
  },
});
