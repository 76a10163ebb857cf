import { EngineError } from '../onnx/error.ts';
import { Constant, type Shape } from '../onnx/model.ts';
import {
  around,
  broadcast,
  broadcastStrides,
  fromFront,
  integersOf,
  listOf,
  moving,
  numberOf,
  type Op,
  type Plan,
  runsOf,
  sizeOf,
  stridesOf,
} from './op.ts';

const reshape: Op = (call) => {
  const { shape } = call.inputs[0]!;
  const wanted = integersOf(call, 1).map((d, i) => (d === 0 ? shape[i]! : d));
  const known = wanted.reduce((product, d) => (d === -1 ? product : product * d), 1);
  const result = wanted.map((d) => (d === -1 ? sizeOf(shape) / known : d));
  if (sizeOf(result) !== sizeOf(shape) || result.some((d) => !Number.isInteger(d))) {
    throw new EngineError(`Reshape: [${shape.join(', ')}] does not become [${wanted.join(', ')}]`);
  }
  return { shapes: [result], view: true };
};

const unsqueeze: Op = (call) => {
  const rest = [...call.inputs[0]!.shape];
  const given = integersOf(call, 1);
  const rank = rest.length + given.length;
  const added = given.map((axis) => fromFront(axis, rank));
  const shape = Array.from({ length: rank }, (_, i) => (added.includes(i) ? 1 : rest.shift()!));
  return { shapes: [shape], view: true };
};

const squeeze: Op = (call) => {
  const { shape } = call.inputs[0]!;
  const gone = call.inputs[1]
    ? integersOf(call, 1).map((axis) => fromFront(axis, shape.length))
    : shape.flatMap((d, i) => (d === 1 ? [i] : []));
  return { shapes: [shape.filter((_, i) => !gone.includes(i))], view: true };
};

const transpose: Op = (call) => {
  const { shape } = call.inputs[0]!;
  const order = listOf(call, 'perm', shape.map((_, i) => i).reverse());
  const strides = stridesOf(shape);
  const result = order.map((axis) => shape[axis]!);
  // Axes of one value may change places without any value doing so.
  const long = order.filter((axis) => shape[axis] !== 1);
  if (long.every((axis, i) => i === 0 || axis > long[i - 1]!)) return { shapes: [result], view: true };
  return moving(
    result,
    runsOf(
      result,
      order.map((axis) => strides[axis]!),
    ),
  );
};

const expand: Op = (call) => {
  const { shape } = call.inputs[0]!;
  const result = broadcast('Expand', shape, integersOf(call, 1));
  return moving(result, runsOf(result, broadcastStrides(shape, result)));
};

const slice: Op = (call) => {
  const { shape } = call.inputs[0]!;
  const [starts, ends] = [integersOf(call, 1), integersOf(call, 2)];
  const axes = call.inputs[3] ? integersOf(call, 3) : starts.map((_, i) => i);
  const steps = call.inputs[4] ? integersOf(call, 4) : [];
  if (steps.some((step) => step !== 1)) throw new EngineError('Slice: only steps of 1 are supported');
  const result = [...shape];
  const strides = stridesOf(shape);
  let first = 0;
  for (const [i, given] of axes.entries()) {
    const axis = fromFront(given, shape.length);
    const size = shape[axis]!;
    const within = (place: number) => Math.max(0, Math.min(size, place < 0 ? place + size : place));
    const [from, to] = [within(starts[i]!), within(ends[i]!)];
    result[axis] = Math.max(0, to - from);
    first += from * strides[axis]!;
  }
  return moving(result, runsOf(result, strides, first));
};

const pad: Op = (call) => {
  const { shape } = call.inputs[0]!;
  const pads = integersOf(call, 1);
  const rank = shape.length;
  const filling = call.inputs[2];
  const zero = filling === undefined || filling.constant?.values[0] === 0;
  if (!zero || (call.node.attributes.mode ?? 'constant') !== 'constant') {
    throw new EngineError('Pad: only zeros are supported');
  }
  const result = shape.map((d, i) => d + pads[i]! + pads[i + rank]!);
  const strides = stridesOf(shape);
  const first = -pads.slice(0, rank).reduce((sum, before, i) => sum + before * strides[i]!, 0);
  const { starts } = runsOf(result, strides, 0);
  const length = result.length === 0 ? 1 : sizeOf(result) / starts.length;
  // Value by value: what is beyond an axis is 0.
  const own = stridesOf(result);
  const places = Int32Array.from({ length: starts.length * length }, (_, p) => {
    let at = first;
    for (let k = 0; k < rank; k++) {
      const place = Math.floor(p / own[k]!) % result[k]!;
      const source = place - pads[k]!;
      if (source < 0 || source >= shape[k]!) return -1;
      at += place * strides[k]!;
    }
    return at;
  });
  return moving(result, { starts: places, length: 1 });
};

const concat: Op = (call) => {
  const [first] = call.inputs;
  const axis = fromFront(numberOf(call, 'axis', 0), first!.shape.length);
  const sizes = call.inputs.map((operand) => operand!.shape[axis]!);
  const shape = first!.shape.with(
    axis,
    sizes.reduce((a, b) => a + b),
  );
  const [outer, , inner] = around(shape, axis);
  return {
    shapes: [shape],
    start: ({ floats, input, outputs: [y = 0] }) => {
      const places = call.inputs.map((_, i) => input(i) / 4);
      const width = shape[axis]! * inner;
      const to = y / 4;
      return () => {
        const values = floats();
        let column = 0;
        for (let i = 0; i < places.length; i++) {
          const part = sizes[i]! * inner;
          const from = places[i]!;
          for (let r = 0; r < outer; r++) {
            const [source, target] = [from + r * part, to + r * width + column];
            if (part >= 32) values.copyWithin(target, source, source + part);
            else for (let k = 0; k < part; k++) values[target + k] = values[source + k]!;
          }
          column += part;
        }
      };
    },
  };
};

/** Indices from −size to size − 1; others are taken as the nearest one, so that nothing beyond the tensor is read. */
const within = (index: number, size: number): number => {
  const place = index < 0 ? index + size : index;
  return place >= 0 && place < size ? place : place < 0 ? 0 : size - 1;
};

const gather: Op = (call) => {
  const [x, indices] = call.inputs;
  const axis = fromFront(numberOf(call, 'axis', 0), x!.shape.length);
  const [outer, size, inner] = around(x!.shape, axis);
  const shape = [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)];
  const count = sizeOf(indices!.shape);
  const known = indices!.constant?.values;
  if (known) {
    const starts = Int32Array.from({ length: outer * count }, (_, r) => {
      const index = within(known[r % count]!, size);
      return (Math.floor(r / count) * size + index) * inner;
    });
    return moving(shape, { starts, length: inner });
  }
  const stored = axis === 0 ? x!.constant?.floats : undefined;
  if (stored) return gatherStored(stored, shape, { size, inner, count });
  return {
    shapes: [shape],
    start: ({ floats, input, outputs: [y = 0] }) => {
      const [from, at, to] = [input(0) / 4, input(1) / 4, y / 4];
      return () => {
        const values = floats();
        for (let r = 0, target = to; r < outer; r++) {
          for (let k = 0; k < count; k++, target += inner) {
            const source = from + (r * size + within(values[at + k]!, size)) * inner;
            for (let j = 0; j < inner; j++) values[target + j] = values[source + j]!;
          }
        }
      };
    },
  };
};

/** Rows of a constant, read from the model itself: of thousands, a sample asks for a few. */
function gatherStored(
  stored: Uint8Array,
  shape: Shape,
  { size, inner, count }: { size: number; inner: number; count: number },
): Plan {
  const rows = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  return {
    shapes: [shape],
    start: ({ floats, input, outputs: [y = 0] }) => {
      const [at, to] = [input(1) / 4, y / 4];
      return () => {
        const values = floats();
        for (let k = 0, target = to; k < count; k++, target += inner) {
          const source = 4 * inner * within(values[at + k]!, size);
          for (let j = 0; j < inner; j++) values[target + j] = rows.getFloat32(source + 4 * j, true);
        }
      };
    },
  };
}

const gatherElements: Op = (call) => {
  const [x, indices] = call.inputs;
  const axis = fromFront(numberOf(call, 'axis', 0), x!.shape.length);
  const { shape } = indices!;
  const strides = stridesOf(x!.shape);
  // Where each value comes from but for its index along the axis.
  const { starts, length } = runsOf(shape, strides.with(axis, 0));
  const size = x!.shape[axis]!;
  return {
    shapes: [shape],
    start: ({ floats, input, outputs: [y = 0] }) => {
      const [from, at, to] = [input(0) / 4, input(1) / 4, y / 4];
      const stride = strides[axis]!;
      return () => {
        const values = floats();
        for (let r = 0, p = 0; r < starts.length; r++) {
          for (let k = 0; k < length; k++, p++) {
            values[to + p] = values[from + starts[r]! + k + within(values[at + p]!, size) * stride]!;
          }
        }
      };
    },
  };
};

const scatterElements: Op = (call) => {
  const [x, indices] = call.inputs;
  const axis = fromFront(numberOf(call, 'axis', 0), x!.shape.length);
  const reduction = call.node.attributes.reduction ?? 'none';
  if (reduction !== 'none' && reduction !== 'add') {
    throw new EngineError(`ScatterElements: reduction ${String(reduction)} is not supported`);
  }
  const strides = stridesOf(x!.shape);
  const { starts, length } = runsOf(indices!.shape, strides.with(axis, 0));
  const [size, n] = [x!.shape[axis]!, sizeOf(x!.shape)];
  return {
    shapes: [x!.shape],
    start: ({ floats, input, outputs: [y = 0] }) => {
      const [from, at, updates, to] = [input(0) / 4, input(1) / 4, input(2) / 4, y / 4];
      const stride = strides[axis]!;
      return () => {
        const values = floats();
        values.copyWithin(to, from, from + n);
        for (let r = 0, p = 0; r < starts.length; r++) {
          for (let k = 0; k < length; k++, p++) {
            const target = to + starts[r]! + k + within(values[at + p]!, size) * stride;
            values[target] = values[updates + p]! + (reduction === 'add' ? values[target]! : 0);
          }
        }
      };
    },
  };
};

const shapeOf: Op = (call) => {
  const { shape } = call.inputs[0]!;
  const from = fromFront(numberOf(call, 'start', 0), shape.length);
  const to = fromFront(numberOf(call, 'end', shape.length), shape.length);
  const kept = shape.slice(from, to);
  return { shapes: [[kept.length]], constant: new Constant([kept.length], { numbers: kept }) };
};

const constantOfShape: Op = (call) => {
  const shape = integersOf(call, 0);
  const { value } = call.node.attributes;
  const filled = value instanceof Constant ? value.values[0]! : 0;
  return {
    shapes: [shape],
    constant: new Constant(shape, { numbers: new Float64Array(sizeOf(shape)).fill(filled) }),
  };
};

export const shape = {
  Reshape: reshape,
  Unsqueeze: unsqueeze,
  Squeeze: squeeze,
  Identity: (call) => ({ shapes: [call.inputs[0]!.shape], view: true }),
  Transpose: transpose,
  Expand: expand,
  Slice: slice,
  Pad: pad,
  Concat: concat,
  Gather: gather,
  GatherElements: gatherElements,
  ScatterElements: scatterElements,
  Shape: shapeOf,
  ConstantOfShape: constantOfShape,
} satisfies Record<string, Op>;
