import { PANEL, packedLength } from '../../kernels/inference.ts';
import { EngineError } from '../onnx/error.ts';
import type { Constant, Shape } from '../onnx/model.ts';
import {
  assertAttribute,
  type Call,
  fillFrom,
  fillWith,
  listOf,
  moving,
  numberOf,
  type Op,
  type Operand,
  sizeOf,
} from './op.ts';
import { biasOf } from './products.ts';

/** Windows over planes of height × width, and the number of windows along each; as ONNX's Conv has them. */
interface Windows {
  readonly size: readonly [number, number];
  readonly reduced: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

/** Most places of all windows over a plane. */
const MOST_PLACES = 2 ** 26;

/** The windows of a node over planes of a height and width; `transposed`, over the planes that it makes from these. */
function windowsOf(call: Call, planes: Shape, kernel: readonly number[], transposed = false): Windows {
  assertAttribute(call, 'auto_pad', 'NOTSET');
  assertAttribute(call, 'ceil_mode', 0);
  const strides = listOf(call, 'strides', [1, 1]);
  const dilations = listOf(call, 'dilations', [1, 1]);
  const pads = listOf(call, 'pads', [0, 0, 0, 0]);
  const beyond = listOf(call, 'output_padding', [0, 0]);
  if (planes.length !== 2 || kernel.length !== 2) {
    throw new EngineError(`${call.node.op}: only planes of height × width are supported`);
  }
  const made = planes.map((d, i) => {
    const span = dilations[i]! * (kernel[i]! - 1) + 1 - pads[i]! - pads[i + 2]!;
    return transposed ? strides[i]! * (d - 1) + span + beyond[i]! : Math.floor((d - span) / strides[i]!) + 1;
  });
  const sizes = [...kernel, ...strides, ...dilations, ...made];
  const places = [...(transposed ? planes : made), ...kernel].reduce((a, b) => a * b, 1);
  if (sizes.some((size) => !(size >= 1)) || pads.some((pad) => pad < 0) || places > MOST_PLACES) {
    throw new EngineError(
      `${call.node.op}: windows of [${kernel.join(', ')}] over [${planes.join(', ')}] do not fit`,
    );
  }
  const [size, reduced] = transposed ? [made, planes] : [planes, made];
  const pair = (values: readonly number[]): [number, number] => [values[0]!, values[1]!];
  return { size: pair(size), reduced: pair(reduced), kernel: pair(kernel), strides, dilations, pads };
}

/** Calls a function for each window, and each place in it, with the place in the plane, −1 if it is outside. */
function eachPlace(
  { size, reduced, kernel, strides, dilations, pads }: Windows,
  use: (window: number, place: number, at: number) => void,
): void {
  const along = (axis: 0 | 1, window: number, place: number) => {
    const at = window * strides[axis]! + place * dilations[axis]! - pads[axis]!;
    return at >= 0 && at < size[axis] ? at : -1;
  };
  for (let top = 0, window = 0; top < reduced[0]; top++) {
    for (let left = 0; left < reduced[1]; left++, window++) {
      for (let row = 0, place = 0; row < kernel[0]; row++) {
        const y = along(0, top, row);
        for (let column = 0; column < kernel[1]; column++, place++) {
          const x = along(1, left, column);
          use(window, place, y < 0 || x < 0 ? -1 : y * size[1] + x);
        }
      }
    }
  }
}

/** Whole numbers as the kernels read them. */
const asFloats = (map: Int32Array): Float32Array => new Float32Array(map.buffer);

/** Multiplies the weights, outputs × places, by the places of each window, which are brought into panels. */
const conv: Op = (call) => {
  const [x, w, c] = call.inputs as readonly [Operand, Operand, Operand?];
  const [n = 0, channels = 0, ...planes] = x.shape;
  const [outputs = 0, inputs = 0, ...kernel] = w.shape;
  const group = numberOf(call, 'group', 1);
  const weights = constantOf(call, w);
  const bias = c && constantOf(call, c);
  const windows = windowsOf(call, planes, kernel);
  const [plane, count, area] = [sizeOf(windows.size), sizeOf(windows.reduced), sizeOf(windows.kernel)];
  const depth = inputs * area;
  const length = packedLength(depth, count);
  const own = outputs / group;
  const makeMap = () => {
    const map = new Int32Array(length).fill(-1);
    eachPlace(windows, (window, place, at) => {
      if (at < 0) return;
      const panel = Math.floor(window / PANEL) * depth * PANEL + (window % PANEL);
      for (let channel = 0; channel < inputs; channel++) {
        map[panel + (channel * area + place) * PANEL] = channel * plane + at;
      }
    });
    return asFloats(map);
  };
  return {
    shapes: [[n, outputs, ...windows.reduced]],
    scratch: length,
    start: (places) => {
      const {
        kernels,
        input,
        outputs: [y = 0],
        scratch,
        derived,
      } = places;
      const from = input(0);
      const a = derived([weights.source], weights.length, fillFrom(weights));
      const none = biasOf(places, undefined, count);
      const map = derived([call.node, 'windows'], length, fillWith(makeMap));
      const addend = bias ? derived([bias.source], bias.length, fillFrom(bias)) : 0;
      return () => {
        for (let i = 0; i < n; i++) {
          const to = y + 4 * i * outputs * count;
          for (let g = 0; g < group; g++) {
            kernels.gather(from + 4 * (i * channels + g * inputs) * plane, map, scratch, length);
            kernels.gemm(
              a + 4 * g * own * depth,
              scratch,
              to + 4 * g * own * count,
              own,
              depth,
              count,
              none,
              false,
            );
          }
          if (bias) kernels.add(to, addend, to, outputs, count, count, 1, 1, 0);
        }
      };
    },
  };
};

/** The reverse of a Conv: what each window gets is added up in its places. */
const convTranspose: Op = (call) => {
  const [x, w, c] = call.inputs as readonly [Operand, Operand, Operand?];
  const [n = 0, channels = 0, ...planes] = x.shape;
  const [, own = 0, ...kernel] = w.shape;
  const group = numberOf(call, 'group', 1);
  const weights = constantOf(call, w);
  const bias = c && constantOf(call, c);
  const windows = windowsOf(call, planes, kernel, true);
  const [plane, count, area] = [sizeOf(windows.size), sizeOf(windows.reduced), sizeOf(windows.kernel)];
  const depth = channels / group;
  const rows = own * area;
  const makeMap = () => {
    const map = new Int32Array(rows * count);
    eachPlace(windows, (window, place, at) => {
      for (let output = 0; output < own; output++) {
        map[(output * area + place) * count + window] = at < 0 ? -1 : output * plane + at;
      }
    });
    return asFloats(map);
  };
  // rows × depth for each group.
  const turn = () => {
    const { values } = weights;
    return Float32Array.from(values, (_, i) => {
      const [g, rest] = [Math.floor(i / (rows * depth)), i % (rows * depth)];
      return values[(g * depth + (rest % depth)) * rows + Math.floor(rest / depth)]!;
    });
  };
  const packed = packedLength(depth, count);
  const outputs = own * group;
  return {
    shapes: [[n, outputs, ...windows.size]],
    scratch: packed + rows * count,
    start: (places) => {
      const {
        kernels,
        input,
        outputs: [y = 0],
        scratch,
        derived,
        floats,
      } = places;
      const from = input(0);
      const a = derived([weights.source, 'turned', group], weights.length, fillWith(turn));
      const none = biasOf(places, undefined, count);
      const map = derived([call.node, 'windows'], rows * count, fillWith(makeMap));
      const addend = bias ? derived([bias.source], bias.length, fillFrom(bias)) : 0;
      const products = scratch + 4 * packed;
      return () => {
        floats().fill(0, y / 4, y / 4 + n * outputs * plane);
        for (let i = 0; i < n; i++) {
          const to = y + 4 * i * outputs * plane;
          for (let g = 0; g < group; g++) {
            kernels.pack(from + 4 * (i * channels + g * depth) * count, scratch, depth, count, false);
            kernels.gemm(a + 4 * g * rows * depth, scratch, products, rows, depth, count, none, false);
            kernels.scatterAdd(products, map, to + 4 * g * own * plane, rows * count);
          }
          if (bias) kernels.add(to, addend, to, outputs, plane, plane, 1, 1, 0);
        }
      };
    },
  };
};

function constantOf({ node }: Call, operand: Operand): Constant {
  if (operand.constant) return operand.constant;
  throw new EngineError(`${node.op}: the weights must be constant`);
}

const pool =
  (kind: 'largest' | 'mean'): Op =>
  (call) => {
    const [n = 0, channels = 0, ...planes] = call.inputs[0]!.shape;
    if (call.node.outputs.length > 1) throw new EngineError(`${call.node.op}: indices are not supported`);
    const windows = windowsOf(call, planes, listOf(call, 'kernel_shape', []));
    const [plane, count, area] = [sizeOf(windows.size), sizeOf(windows.reduced), sizeOf(windows.kernel)];
    const padding = numberOf(call, 'count_include_pad', 0) !== 0;
    const { strides, dilations, pads, size, kernel } = windows;
    const slides = [...strides, ...dilations].every((step) => step === 1) && pads.every((pad) => pad === 0);
    if (kind === 'mean' && slides) {
      return {
        shapes: [[n, channels, ...windows.reduced]],
        scratch: size[1] + 4,
        start: ({ kernels, input, outputs: [y = 0], scratch }) => {
          const x = input(0);
          return () => {
            for (let i = 0; i < n * channels; i++) {
              kernels.slideMean(x + 4 * i * plane, y + 4 * i * count, scratch, ...size, ...kernel);
            }
          };
        },
      };
    }
    const makeMap = () => {
      const map = new Int32Array(count * area);
      eachPlace(windows, (window, place, at) => {
        map[window * area + place] = at;
      });
      return asFloats(map);
    };
    return {
      shapes: [[n, channels, ...windows.reduced]],
      start: ({ kernels, input, outputs: [y = 0], derived }) => {
        const x = input(0);
        const map = derived([call.node, 'windows'], count * area, fillWith(makeMap));
        return () => {
          for (let i = 0; i < n * channels; i++) {
            const [from, to] = [x + 4 * i * plane, y + 4 * i * count];
            if (kind === 'mean') kernels.poolMean(from, map, to, count, area, padding);
            else kernels.poolLargest(from, map, to, count, area);
          }
        };
      },
    };
  };

const globalAveragePool: Op = (call) => {
  const [n = 0, channels = 0, ...planes] = call.inputs[0]!.shape;
  const size = sizeOf(planes);
  return {
    shapes: [[n, channels, ...planes.map(() => 1)]],
    start: ({ kernels, input, outputs: [y = 0], floats }) => {
      const x = input(0);
      return () => {
        kernels.sum(x, y, n * channels, size, 1);
        const values = floats();
        for (let i = y / 4; i < y / 4 + n * channels; i++) values[i]! /= size;
      };
    },
  };
};

/** Repeats values: nearest, by whole scales. */
const resize: Op = (call) => {
  const { shape } = call.inputs[0]!;
  assertAttribute(call, 'mode', 'nearest');
  if (
    call.node.attributes.coordinate_transformation_mode !== 'asymmetric' ||
    call.node.attributes.nearest_mode !== 'floor'
  ) {
    throw new EngineError('Resize: only asymmetric coordinates, rounded down, are supported');
  }
  const scales = call.inputs[2]?.constant?.values;
  if (scales?.length !== shape.length) throw new EngineError('Resize: constant scales are needed');
  const result = shape.map((d, i) => Math.floor(d * scales[i]!));
  const starts = new Int32Array(sizeOf(result));
  for (let p = 0; p < starts.length; p++) {
    let [at, rest, stride] = [0, p, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const place = rest % result[axis]!;
      rest = Math.floor(rest / result[axis]!);
      at += Math.min(shape[axis]! - 1, Math.floor(place / scales[axis]!)) * stride;
      stride *= shape[axis]!;
    }
    starts[p] = at;
  }
  return moving(result, { starts, length: 1 });
};

/** Samples planes at the points of a grid, between four neighbours. */
const gridSample: Op = (call) => {
  const [x, grid] = call.inputs as readonly [Operand, Operand];
  const [n = 0, channels = 0, height = 0, width = 0] = x.shape;
  const [, down = 0, across = 0] = grid.shape;
  const { mode = 'bilinear', padding_mode: padding = 'zeros' } = call.node.attributes;
  if ((mode !== 'bilinear' && mode !== 'linear') || (padding !== 'zeros' && padding !== 'border')) {
    throw new EngineError(`GridSample: ${String(mode)} with ${String(padding)} is not supported`);
  }
  const aligned = numberOf(call, 'align_corners', 0) !== 0;
  const points = down * across;
  const place = (value: number, size: number) => {
    const at = aligned ? ((value + 1) / 2) * (size - 1) : ((value + 1) * size - 1) / 2;
    return padding === 'border' ? Math.max(0, Math.min(size - 1, at)) : at;
  };
  return {
    shapes: [[n, channels, down, across]],
    start: ({ input, outputs: [y = 0], floats }) => {
      const [from, at, to] = [input(0) / 4, input(1) / 4, y / 4];
      return () => {
        const values = floats();
        const pixel = (plane: number, row: number, column: number) =>
          row < 0 || column < 0 || row >= height || column >= width
            ? 0
            : values[plane + row * width + column]!;
        for (let i = 0; i < n; i++) {
          for (let p = 0; p < points; p++) {
            const column = place(values[at + 2 * (i * points + p)]!, width);
            const row = place(values[at + 2 * (i * points + p) + 1]!, height);
            const [left, top] = [Math.floor(column), Math.floor(row)];
            const [dx, dy] = [column - left, row - top];
            for (let channel = 0; channel < channels; channel++) {
              const plane = from + (i * channels + channel) * height * width;
              values[to + (i * channels + channel) * points + p] =
                (1 - dy) * ((1 - dx) * pixel(plane, top, left) + dx * pixel(plane, top, left + 1)) +
                dy * ((1 - dx) * pixel(plane, top + 1, left) + dx * pixel(plane, top + 1, left + 1));
            }
          }
        }
      };
    },
  };
};

export const windows = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: pool('largest'),
  AveragePool: pool('mean'),
  GlobalAveragePool: globalAveragePool,
  Resize: resize,
  GridSample: gridSample,
} satisfies Record<string, Op>;
