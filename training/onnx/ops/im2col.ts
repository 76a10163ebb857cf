import type { Attributes, Dim, GraphBuilder, Shape, Value } from '../ir/builder.ts';
import { GraphError } from '../ir/error.ts';
import { FEW_COLUMNS, formatShape, reshape } from './entry.ts';

/** One number for height, one for width. */
export type Pair = readonly [number, number];

/** Windows over planes with height and width `size`; `reduced` is the number of windows along each. */
export interface Windows {
  size: Pair;
  reduced: Pair;
  kernel: Pair;
  strides: Pair;
  dilations: Pair;
  /** Zeros before and after height and width. */
  before: Pair;
  after: Pair;
}

/**
 * A convolution of N × inputs × size with weights outputs × inputs / group × kernel, to N × outputs × reduced. A
 * transposed convolution is described by the convolution that it reverses, from its output to its input.
 */
export interface Convolution extends Windows {
  inputs: Dim;
  outputs: Dim;
  group: number;
}

/** The height and width of planes. Throws a {@link GraphError} unless x is N × channels × height × width. */
export function planeSizeOf(op: string, x: { shape: Shape }): Pair {
  const [, , height, width] = x.shape;
  if (x.shape.length !== 4 || typeof height !== 'number' || typeof width !== 'number') {
    throw new GraphError(`${op}: ${formatShape(x)} must have 4 dimensions, the last two of them known`);
  }
  return [height, width];
}

/** The attribute `name`, by default `otherwise`: as many whole numbers as there, each at least `least`. */
export function readList(
  op: string,
  attributes: Attributes,
  name: string,
  otherwise: readonly number[],
  least = 1,
): number[] {
  const numbers = attributes[name] ?? otherwise;
  const fits = (n: unknown) => Number.isInteger(n) && Number(n) >= least;
  if (!Array.isArray(numbers) || numbers.length !== otherwise.length || !numbers.every(fits)) {
    const wanted = `${otherwise.length} whole numbers from ${least}`;
    throw new GraphError(`${op}: ${name} must be ${wanted}, not [${[numbers].flat().join(', ')}]`);
  }
  return numbers;
}

/** Throws a {@link GraphError} if there are other attributes than these. */
export function allowOnly(op: string, attributes: Attributes, names: readonly string[]): void {
  const other = Object.keys(attributes).find((name) => !names.includes(name));
  if (other) throw new GraphError(`${op}: there is no attribute ${other}, only ${names.join(', ')}`);
}

/**
 * The windows of `kernel` in x, from the attributes strides, dilations and pads. If `transposed`, x has an entry for
 * each window of the resulting planes, which reach `output_padding` beyond the last window.
 */
export function windowsOf(
  op: string,
  x: { shape: Shape },
  kernel: Pair,
  attributes: Attributes,
  transposed = false,
): Windows {
  const given = planeSizeOf(op, x);
  const strides = readList(op, attributes, 'strides', [1, 1]);
  const dilations = readList(op, attributes, 'dilations', [1, 1]);
  const pads = readList(op, attributes, 'pads', [0, 0, 0, 0], 0);
  const beyond = readList(op, attributes, 'output_padding', [0, 0], 0);
  if (beyond.some((d, i) => d >= strides[i])) {
    throw new GraphError(`${op}: output_padding [${beyond}] must be smaller than the strides [${strides}]`);
  }
  const made = given.map((d, i) => {
    const span = dilations[i] * (kernel[i] - 1) + 1 - pads[i] - pads[i + 2];
    return transposed ? strides[i] * (d - 1) + span + beyond[i] : Math.floor((d - span) / strides[i]) + 1;
  });
  if (made.some((d) => d < 1)) {
    throw new GraphError(
      `${op}: a kernel of [${kernel}] with pads [${pads}] leaves nothing of ${formatShape(x)}`,
    );
  }
  const pair = ([height, width]: readonly number[]): Pair => [height, width];
  return {
    size: pair(transposed ? made : given),
    reduced: pair(transposed ? given : made),
    kernel,
    strides: pair(strides),
    dilations: pair(dilations),
    before: pair(pads),
    after: pair(pads.slice(2)),
  };
}

/** The attributes that describe windows. */
export const attributesOf = ({ strides, dilations, before, after }: Windows) => ({
  strides,
  dilations,
  pads: [...before, ...after],
});

/** The rows and columns of the planes beyond the last window: ONNX's `output_padding`. */
export const countBeyondLast = ({
  size,
  reduced,
  kernel,
  strides,
  dilations,
  before,
  after,
}: Windows): number[] =>
  size.map((d, i) => {
    const reach = strides[i] * (reduced[i] - 1) + dilations[i] * (kernel[i] - 1) + 1;
    return d + before[i] + after[i] - reach;
  });

/** The `pads` of the convolution with reversed weights, for stride 1. It is possible only if none is negative. */
export const reversePads = ({ kernel, dilations, before, after }: Windows): number[] =>
  [before, after].flatMap((pads) => pads.map((pad, i) => dilations[i] * (kernel[i] - 1) - pad));

/** Rotates the kernels, the last two axes of w, by 180°. */
export function turnKernels(graph: GraphBuilder, w: Value): Value {
  return [2, 3].reduce((x, axis) => {
    const size = Number(w.shape[axis]);
    const backwards = Array.from({ length: size }, (_, i) => size - 1 - i);
    return size === 1 ? x : graph.gather(x, graph.integers(backwards), axis);
  }, w);
}

/** Appends an ONNX operator as it is, where `graph.op` would lower it. */
export const appendAsIs = (
  graph: GraphBuilder,
  op: string,
  inputs: readonly Value[],
  attributes: Attributes,
): Value => graph.append(op, inputs, attributes)[0];

export type WeightGradient = 'sliding gradient' | 'sliding input' | 'columns';

/**
 * The gradient of a convolution by its weights, outputs × inputs / group × kernel, from its input x and the gradient g
 * by its output. Each form is a matrix product over the samples n and the positions p,
 *
 * dw[o, i, k] = Σₙ Σₚ g[n, o, p] x[n, i, stride · p + dilation · k − before],
 *
 * and they differ in how they build the matrix of the windows.
 */
export const weightGradients: Readonly<
  Record<WeightGradient, (graph: GraphBuilder, x: Value, g: Value, convolution: Convolution) => Value>
> = {
  /** For one group without dilation. */
  'sliding gradient'(graph, x, g, convolution) {
    const { strides, before, after } = convolution;
    const beyond = countBeyondLast(convolution);
    const pads = [...before, ...after.map((pad, i) => pad - beyond[i])];
    return graph.transpose(slide(graph, x, g, strides, pads), [0, 3, 1, 2]);
  },
  /**
   * For one group without dilation and strides: x and g change places when the kernel is rotated by 180°,
   * dw[o, i, k] = Σₙ Σₚ x[n, i, p] g[n, o, p + before − k].
   */
  'sliding input'(graph, x, g, convolution) {
    const slid = slide(graph, g, x, [1, 1], reversePads(convolution));
    return turnKernels(graph, graph.transpose(slid, [3, 0, 1, 2]));
  },
  /** For all cases: im2col, by a convolution with constant kernels that pick one entry each. */
  columns(graph, x, g, convolution) {
    const { inputs, outputs, reduced, kernel, group } = convolution;
    const [channels, area] = [Number(inputs), kernel[0] * kernel[1]];
    const picks = new Float32Array(channels * area * area);
    for (let i = 0; i < channels * area; i++) picks[i * area + (i % area)] = 1;
    const kernels = graph.constant(picks, [channels * area, 1, ...kernel]);
    const windows = appendAsIs(graph, 'Conv', [x, kernels], {
      ...attributesOf(convolution),
      group: channels,
    });
    const [n] = x.shape;
    const positions = reduced[0] * reduced[1];
    const [own, wide] = [Number(outputs) / group, (channels / group) * area];
    const left = reshape(graph, g, [n, group, own, positions]);
    const right = reshape(graph, windows, [n, group, wide, positions]);
    // With more rows than columns, threads share out the rows. But a single column is faster as a row.
    const swapped = own > 1 && own < wide;
    const [a, b] = swapped ? [right, left] : [left, right];
    const products = graph.matMul(a, graph.transpose(b, [0, 1, 3, 2]));
    const sum = graph.reduceSum(products, [0]);
    const ordered = swapped ? graph.transpose(sum, [0, 2, 1]) : sum;
    return reshape(graph, ordered, [outputs, channels / group, ...kernel]);
  },
};

/**
 * Σₙ Σₚ filter[n, m, p] x[n, c, stride · p + k − before], as m × k × c, for all k that the pads leave room for: one
 * convolution of one image, whose channels are the samples and whose rows are those of x with the channels last. There,
 * neighbouring columns of x are `channels` apart, hence the dilation, and the results along a row run over k and c.
 * onnxruntime builds such windows piece by piece in its cache and copies runs of a row for each. im2col in memory is up
 * to twice as slow, as is im2col entry by entry.
 */
function slide(graph: GraphBuilder, x: Value, filter: Value, strides: Pair, pads: readonly number[]): Value {
  const [n, channels] = x.shape as [Dim, number];
  const [height, width] = planeSizeOf('Conv', x).map((d, i) => d + Math.min(0, pads[i + 2]));
  const last = graph.transpose(crop(graph, x, [height, width]), [0, 2, 3, 1]);
  const [top, left, bottom, right] = pads.map((pad) => Math.max(0, pad));
  const rows = reshape(graph, last, [1, n, height, width * channels]);
  const slid = (more: number) =>
    appendAsIs(graph, 'Conv', [rows, graph.transpose(filter, [1, 0, 2, 3])], {
      dilations: [strides[0], strides[1] * channels],
      pads: [top, left * channels, bottom, right * channels + more],
    });
  const found = slid(0);
  const [, filters, across, along] = found.shape as number[];
  const wanted = Math.floor(FEW_COLUMNS / across) + 1;
  // With few columns, threads round differently. Extra columns, which are cropped, avoid that.
  const steady = wanted <= along ? found : crop(graph, slid(wanted - along), [across, along]);
  return reshape(graph, steady, [filters, across, along / channels, channels]);
}

/** Crops planes to their first rows and columns. */
function crop(graph: GraphBuilder, x: Value, size: Pair): Value {
  if (`${planeSizeOf('Slice', x)}` === `${size}`) return x;
  const [starts, ends, axes] = [[0, 0], size, [2, 3]].map((numbers) => graph.integers(numbers));
  return graph.op('Slice', [x, starts, ends, axes]);
}
