import type { Attributes, GraphBuilder, Shape, Value } from '../ir/builder.ts';
import { product } from '../ir/dims.ts';
import { GraphError } from '../ir/error.ts';
import { floatOf, formatShape, type Op, reshape } from './entry.ts';
import {
  allowOnly,
  attributesOf,
  countBeyondLast,
  type Pair,
  planeSizeOf,
  readList,
  type Windows,
  windowsOf,
} from './im2col.ts';

const WINDOW = ['kernel_shape', 'strides', 'pads'];

/** The windows of a pooling operator. Throws a {@link GraphError} if its attributes do not fit. */
function readPoolWindows(
  op: string,
  [x]: readonly Value[],
  attributes: Attributes,
  more: readonly string[],
): Windows {
  allowOnly(op, attributes, [...WINDOW, ...more]);
  const [height, width] = readList(op, attributes, 'kernel_shape', [0, 0]);
  const windows = windowsOf(op, x, [height, width], attributes);
  const { before, after, kernel } = windows;
  if ([before, after].some((pads) => pads.some((pad, i) => pad >= kernel[i])))
    throw new GraphError(`${op}: pads [${before}, ${after}] must be smaller than the kernel [${kernel}]`);
  return windows;
}

/** N × channels × the number of windows. */
const pooledShapeOf = ([x]: readonly Value[], { reduced }: Windows): Shape => [
  ...x.shape.slice(0, 2),
  ...reduced,
];

/** Whether the windows tile the planes without gaps, overlap or remainder. */
const tiles = ({ size, reduced, kernel, strides }: Windows): boolean =>
  size.every((d, i) => strides[i] === kernel[i] && d === reduced[i] * kernel[i]);

/** How many entries of the planes each window has. */
function countEntries({ size, reduced, kernel, strides, before }: Windows): Float32Array {
  const [down, across] = size.map((d, i) =>
    Array.from({ length: reduced[i] }, (_, j) => {
      const start = strides[i] * j - before[i];
      return Math.min(start + kernel[i], d) - Math.max(start, 0);
    }),
  );
  return Float32Array.from(down.flatMap((rows) => across.map((columns) => rows * columns)));
}

/** Repeats each entry of x as a block of `scales`. */
const repeatBlocks = (graph: GraphBuilder, x: Value, scales: Pair) =>
  graph.op('UpsampleNearest', [x], { scales });

/** The scales of UpsampleNearest, and the resulting height and width. */
function readScales(x: Value, attributes: Attributes): { scales: Pair; size: Pair } {
  allowOnly('UpsampleNearest', attributes, ['scales']);
  const [a, b] = readList('UpsampleNearest', attributes, 'scales', [0, 0]);
  const [height, width] = planeSizeOf('UpsampleNearest', x);
  return { scales: [a, b], size: [a * height, b * width] };
}

export const pooling = {
  /**
   * The largest entry of each window. With ONNX's `storage_order` (0), a second output has its index, at thirty times
   * the cost.
   */
  MaxPool: {
    infer(inputs, attributes) {
      const windows = readPoolWindows('MaxPool', inputs, attributes, ['dilations', 'storage_order']);
      const shape = pooledShapeOf(inputs, windows);
      return 'storage_order' in attributes ? [floatOf(shape), { shape, type: 'int64' }] : floatOf(shape);
    },
    /**
     * The gradient goes to the largest entry. If windows tile the planes, a comparison finds it, and equal entries share.
     * Otherwise the first one gets all, and entries sum up what they get from several windows.
     */
    gradient({ graph, inputs, output: y, attributes, gradient: g }) {
      const windows = readPoolWindows('MaxPool', inputs, attributes, ['dilations', 'storage_order']);
      const [x] = inputs;
      const { kernel } = windows;
      if (tiles(windows)) {
        const largest = graph.equal(x, repeatBlocks(graph, y, kernel));
        const chosen = graph.toFloat(largest);
        const fraction = graph.op('AveragePool', [chosen], { kernel_shape: kernel, strides: kernel });
        const share = graph.div(graph.mul(g, 1 / (kernel[0] * kernel[1])), fraction);
        return [graph.mul(chosen, repeatBlocks(graph, share, kernel))];
      }
      const [, places] = graph.ops('MaxPool', inputs, { ...attributes, storage_order: 0 });
      const flat = (value: Value) => reshape(graph, value, [product(value.shape)]);
      const size = graph.shape(flat(x));
      const zeros = graph.op('ConstantOfShape', [size], { value: Float32Array.of(0) });
      const added = { axis: 0, reduction: 'add' };
      const sum = graph.op('ScatterElements', [zeros, flat(places), flat(g)], added);
      return [reshape(graph, sum, x.shape)];
    },
  },
  /** The mean of each window; padding counts only with `count_include_pad` 1. */
  AveragePool: {
    infer(inputs, attributes) {
      return floatOf(
        pooledShapeOf(inputs, readPoolWindows('AveragePool', inputs, attributes, ['count_include_pad'])),
      );
    },
    gradient({ graph, inputs, attributes, gradient: g }) {
      const windows = readPoolWindows('AveragePool', inputs, attributes, ['count_include_pad']);
      const [x] = inputs;
      const { kernel, reduced } = windows;
      const area = kernel[0] * kernel[1];
      if (tiles(windows)) return [repeatBlocks(graph, graph.mul(g, 1 / area), kernel)];
      const sizes = countEntries(windows).map((count) => 1 / (attributes.count_include_pad ? area : count));
      const share = graph.mul(g, graph.constant(sizes, reduced));
      const [n, channels] = x.shape;
      const single = reshape(graph, share, [product([n, channels]), 1, ...reduced]);
      const ones = graph.constant(new Float32Array(area).fill(1), [1, 1, ...kernel]);
      const spread = { ...attributesOf(windows), output_padding: countBeyondLast(windows) };
      return [reshape(graph, graph.op('ConvTranspose', [single, ones], spread), x.shape)];
    },
  },
  /** The mean of each plane, N × channels × 1 × 1. */
  GlobalAveragePool: {
    infer([x]) {
      planeSizeOf('GlobalAveragePool', x);
      return floatOf([...x.shape.slice(0, 2), 1, 1]);
    },
    gradient({ graph, inputs: [x], gradient: g }) {
      const [height, width] = planeSizeOf('GlobalAveragePool', x);
      return [graph.expand(graph.mul(g, 1 / (height * width)), graph.shape(x))];
    },
  },
  /** Repeats each entry of N × channels × height × width as a block of `scales`; not an ONNX operator. */
  UpsampleNearest: {
    infer: ([x], attributes) => floatOf([...x.shape.slice(0, 2), ...readScales(x, attributes).size]),
    gradient({ graph, inputs: [x], attributes, gradient: g }) {
      const { scales } = readScales(x, attributes);
      const mean = graph.op('AveragePool', [g], { kernel_shape: scales, strides: scales });
      return [graph.mul(mean, scales[0] * scales[1])];
    },
    lower(graph, [x], attributes) {
      const { scales } = readScales(x, attributes);
      const inputs = [
        x,
        graph.constant(new Float32Array(0), [0]),
        graph.constant(Float32Array.of(1, 1, ...scales), [4]),
      ];
      const exact = { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
      return graph.op('Resize', inputs, { mode: 'nearest', ...exact });
    },
  },
  /** Inputs: x, an empty one, and the constant scale of each dimension. */
  Resize: {
    infer([x, , scales]) {
      if (!(scales.data instanceof Float32Array) || scales.data.length !== x.shape.length)
        throw new GraphError(`Resize: a constant scale for each dimension of ${formatShape(x)} is needed`);
      const { data } = scales;
      return floatOf(x.shape.map((d, i) => (typeof d === 'number' ? Math.floor(d * data[i]) : d)));
    },
  },
} satisfies Record<string, Op>;
