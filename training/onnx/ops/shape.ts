import type { Dim, Value } from '../ir/builder.ts';
import { product, quotient } from '../ir/dims.ts';
import { GraphError } from '../ir/error.ts';
import {
  broadcastShape,
  floatOf,
  formatShape,
  type Op,
  permutationOf,
  readDimensions,
  readIntegers,
  reshape,
  resolveAxis,
  shapeOf,
  unbroadcast,
} from './entry.ts';

/** The range that a Slice keeps of each of its axes. Throws a {@link GraphError} if it does not fit. */
function readRanges([x, starts, ends, axes]: readonly Value[]): { axis: number; from: number; to: number }[] {
  const [first, last] = [readIntegers('Slice', starts), readIntegers('Slice', ends)];
  return readIntegers('Slice', axes).map((given, i) => {
    const axis = resolveAxis('Slice', given, x.shape.length);
    const dim = x.shape[axis];
    if (typeof dim !== 'number')
      throw new GraphError(`Slice: the size of axis ${axis} of ${formatShape(x)} is not known`);
    const from = Math.min(first[i] < 0 ? first[i] + dim : first[i], dim);
    const to = Math.min(last[i] < 0 ? last[i] + dim : last[i], dim);
    if (!(from >= 0 && from < to)) {
      throw new GraphError(
        `Slice: axis ${axis} of ${formatShape(x)} has nothing from ${first[i]} to before ${last[i]}`,
      );
    }
    return { axis, from, to };
  });
}

/** The order that undoes `perm`. */
const invertPermutation = (perm: readonly number[]) => perm.map((_, i) => perm.indexOf(i));

export const shape = {
  /** The dimensions from `start` to before `end`; all by default. */
  Shape: { infer: ([x], attributes) => ({ shape: [shapeOf(x, attributes).length], type: 'int64' }) },
  /** A tensor with the dimensions in the first input, filled with `value`. */
  ConstantOfShape: { infer: ([length]) => floatOf(readDimensions('ConstantOfShape', length)) },
  /** The shape in the second input, a constant in which 0 keeps a dimension and one -1 takes what is left. */
  Reshape: {
    infer([x, target]) {
      const wanted = readIntegers('Reshape', target).map((d, i) => (d === 0 ? x.shape[i] : d));
      const known = wanted.filter((d): d is Dim => d !== undefined && d !== -1);
      const left = known.length >= wanted.length - 1 ? quotient(product(x.shape), known) : undefined;
      if (left === undefined || (known.length === wanted.length && left !== 1)) {
        throw new GraphError(`Reshape: ${formatShape(x)} does not become [${wanted.join(', ')}]`);
      }
      return { shape: wanted.map((d) => (d === -1 ? left : d)), type: x.type };
    },
    gradient: ({ graph, inputs: [x], gradient: g }) => [reshape(graph, g, x.shape), null],
    storage: 'view',
  },
  /** Permutes the dimensions by `perm`; reverses them by default. */
  Transpose: {
    infer([x], { perm }) {
      const order = permutationOf(x, { perm });
      if (order.toSorted().join() !== x.shape.map((_, i) => i).join()) {
        throw new GraphError(
          `Transpose: [${order.join(', ')}] is not a permutation of the dimensions of ${formatShape(x)}`,
        );
      }
      return { shape: order.map((i) => x.shape[i]), type: x.type };
    },
    gradient: ({ graph, inputs: [x], attributes: { perm }, gradient: g }) => [
      graph.transpose(g, invertPermutation(permutationOf(x, { perm }))),
    ],
  },
  /** Joins the inputs along `axis`; their other dimensions are equal. */
  Concat: {
    infer(inputs, { axis }) {
      const [{ shape: first, type }] = inputs;
      const along = resolveAxis('Concat', Number(axis), first.length);
      const sizes = inputs.map((x) => {
        if (formatShape({ shape: x.shape.with(along, 0) }) !== formatShape({ shape: first.with(along, 0) }))
          throw new GraphError(
            `Concat: ${formatShape(x)} does not continue ${formatShape({ shape: first })} along axis ${along}`,
          );
        const size = x.shape[along];
        if (typeof size !== 'number')
          throw new GraphError(`Concat: the size of axis ${along} of ${formatShape(x)} is not known`);
        return size;
      });
      return {
        shape: first.with(
          along,
          sizes.reduce((a, b) => a + b),
        ),
        type,
      };
    },
    gradient({ graph, inputs, attributes: { axis }, gradient: g }) {
      const along = resolveAxis('Concat', Number(axis), g.shape.length);
      let start = 0;
      return inputs.map((x) => {
        const end = start + Number(x.shape[along]);
        const part = graph.slice(g, start, end, along);
        start = end;
        return part;
      });
    },
  },
  /** Keeps a range of each of the axes. Inputs: x, starts, ends, axes; all but x are constant. */
  Slice: {
    infer(inputs) {
      const [x] = inputs;
      const shape = readRanges(inputs).reduce(
        (kept, { axis, from, to }) => kept.with(axis, to - from),
        x.shape,
      );
      return { shape, type: x.type };
    },
    gradient({ graph, inputs, gradient: g }) {
      const [x] = inputs;
      const before = x.shape.map(() => 0);
      const after = x.shape.map(() => 0);
      for (const { axis, from, to } of readRanges(inputs)) {
        before[axis] = from;
        after[axis] = Number(x.shape[axis]) - to;
      }
      return [graph.op('Pad', [g, graph.integers([...before, ...after])]), null, null, null];
    },
  },
  /**
   * Pads x with zeros before and after each dimension, by the numbers in the second input, a constant: first all that go
   * before, then all that go after. A negative number removes entries.
   */
  Pad: {
    infer([x, pads, ...rest], { mode = 'constant' }) {
      const sizes = readIntegers('Pad', pads);
      const rank = x.shape.length;
      if (rest.length || mode !== 'constant')
        throw new GraphError('Pad: only padding with zeros is supported');
      if (sizes.length !== 2 * rank) throw new GraphError(`Pad: ${formatShape(x)} needs ${2 * rank} pads`);
      const shape = x.shape.map((dim, i): Dim => {
        const more = sizes[i] + sizes[i + rank];
        if (sizes[i] === 0 && sizes[i + rank] === 0) return dim;
        if (typeof dim === 'number' && dim + more > 0) return dim + more;
        throw new GraphError(`Pad: axis ${i} of ${formatShape(x)} does not become ${more} longer`);
      });
      return floatOf(shape);
    },
    gradient: ({ graph, inputs: [, pads], gradient: g }) => [
      graph.op('Pad', [g, graph.integers(readIntegers('Pad', pads).map((size) => -size))]),
      null,
    ],
  },
  /** Takes slices of the first input along `axis` (by default the first), at the indices in the second. */
  Gather: {
    infer([x, indices], { axis = 0 }) {
      if (indices.type !== 'int64')
        throw new GraphError(`Gather: the indices are ${indices.type}, not int64`);
      const along = resolveAxis('Gather', Number(axis), x.shape.length);
      return { shape: x.shape.toSpliced(along, 1, ...indices.shape), type: x.type };
    },
    /**
     * ScatterElements adds up what came from one place. ScatterND would take a fraction of the time, but there
     * onnxruntime's threads race for the same place, and sums go missing.
     */
    gradient({ graph, inputs: [x, indices], attributes: { axis = 0 }, gradient: g }) {
      const along = resolveAxis('Gather', Number(axis), x.shape.length);
      const size = product(indices.shape);
      const updates = reshape(graph, g, x.shape.with(along, size));
      const line = reshape(graph, indices, x.shape.map(() => 1 as Dim).with(along, size));
      const places = graph.expand(line, graph.shape(updates));
      const zeros = graph.op('ConstantOfShape', [graph.shape(x)], { value: Float32Array.of(0) });
      const added = { axis: along, reduction: 'add' };
      return [graph.op('ScatterElements', [zeros, places, updates], added), null];
    },
  },
  /** Takes elements of the first input: each index in the second says where along `axis`. */
  GatherElements: {
    infer([x, indices], { axis = 0 }) {
      if (indices.type !== 'int64')
        throw new GraphError(`GatherElements: the indices are ${indices.type}, not int64`);
      resolveAxis('GatherElements', Number(axis), x.shape.length);
      if (indices.shape.length !== x.shape.length)
        throw new GraphError(
          `GatherElements: indices ${formatShape(indices)} are not in places of ${formatShape(x)}`,
        );
      return { shape: indices.shape, type: x.type };
    },
  },
  /** Puts the elements of the third input into the first where the second says, or adds them, by `reduction`. */
  ScatterElements: { infer: ([x]) => ({ shape: x.shape, type: x.type }) },
  /** Stretches the first input to the shape in the second. */
  Expand: {
    infer([x, dims]) {
      const target = { shape: readDimensions('Expand', dims) };
      if (formatShape({ shape: broadcastShape('Expand', x, target) }) !== formatShape(target)) {
        throw new GraphError(`Expand: ${formatShape(x)} does not stretch to ${formatShape(target)}`);
      }
      return { ...target, type: x.type };
    },
    gradient: ({ graph, inputs: [x], gradient: g }) => [unbroadcast(graph, g, x), null],
  },
  /** Adds dimensions of 1 at the axes in the second input, a constant. */
  Unsqueeze: {
    infer([x, axes]) {
      const given = readIntegers('Unsqueeze', axes);
      const rank = x.shape.length + given.length;
      const added = given.map((axis) => resolveAxis('Unsqueeze', axis, rank));
      const rest = [...x.shape];
      const shape = Array.from({ length: rank }, (_, i) => (added.includes(i) ? 1 : rest.shift()!));
      return { shape, type: x.type };
    },
    gradient: ({ graph, inputs: [, axes], gradient: g }) => [graph.squeeze(g, axes), null],
    storage: 'view',
  },
  /** Removes the dimensions at the axes in the second input, a constant; each must be 1. */
  Squeeze: {
    infer([x, axes]) {
      const gone = readIntegers('Squeeze', axes).map((axis) => resolveAxis('Squeeze', axis, x.shape.length));
      if (gone.some((axis) => x.shape[axis] !== 1)) {
        throw new GraphError(`Squeeze: not all of the axes ${gone.join(', ')} of ${formatShape(x)} are 1`);
      }
      return { shape: x.shape.filter((_, i) => !gone.includes(i)), type: x.type };
    },
    gradient: ({ graph, inputs: [, axes], gradient: g }) => [graph.unsqueeze(g, axes), null],
    storage: 'view',
  },
  /**
   * Samples N × channels × height × width at the points of a grid, N × height′ × width′ × 2, with (x, y) from −1 to 1.
   * `mode`, `padding_mode` and `align_corners` are ONNX's.
   */
  GridSample: {
    infer([x, grid]) {
      if (x.shape.length !== 4 || grid.shape.length !== 4 || grid.shape[3] !== 2) {
        throw new GraphError(`GridSample: ${formatShape(x)} cannot be sampled at ${formatShape(grid)}`);
      }
      return floatOf([x.shape[0], x.shape[1], grid.shape[1], grid.shape[2]]);
    },
  },
} satisfies Record<string, Op>;
