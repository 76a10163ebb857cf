import type { Scaling } from '../../bundle/manifest.ts';
import { Random } from '../../kernels/random.ts';
import type { Rows } from './source.ts';

/** Samples that are off the manifold by construction, made from a normal test split. */
export interface OutlierSet extends Rows {
  readonly name: string;
  readonly description: string;
}

interface Normal extends Rows {
  /** One sample: [height, width, channels] of images, [features] of a table. */
  readonly shape: readonly number[];
  /** The least and largest value that a sample may have; null for any. */
  readonly range: readonly [number, number] | null;
  readonly scaling?: Scaling;
}

/**
 * As many of each kind as there are samples. Of images: uniform noise, negatives, if they are square images turned
 * by 90°, and if there is room for it a patch of noise on them. Of tables: each feature uniform over its range, and each feature's values dealt out
 * anew among the samples, which leaves every column as it was and breaks what holds between them (Han et al.
 * 2022, dependency anomalies).
 */
export function outlierSets(normal: Normal, seed: number): OutlierSet[] {
  const { count, shape } = normal;
  const random = new Random(seed);
  if (shape.length !== 3) {
    return [
      {
        name: 'noise',
        description: 'every feature drawn uniformly from its range in the test split',
        data: uniform(normal, random),
        count,
      },
      {
        name: 'shuffled',
        description: 'every feature’s values dealt out anew among the test samples',
        data: shuffled(normal, random),
        count,
      },
    ];
  }
  const [low, high] = normal.range ?? [0, 255];
  const whole = normal.data instanceof Uint8Array;
  const draw = whole ? () => low + random.below(high - low + 1) : () => low + (high - low) * random.uniform();
  const sets: OutlierSet[] = [
    {
      name: 'noise',
      description: `every pixel drawn uniformly from ${low} to ${high}`,
      data: normal.data.map(draw),
      count,
    },
    {
      name: 'inverted',
      description: 'test images in negative: black for white',
      data: normal.data.map((v) => low + high - v),
      count,
    },
  ];
  if (shape[0] === shape[1]) {
    sets.push({
      name: 'rotated',
      description: 'test images turned by 90° clockwise',
      data: rotate(normal),
      count,
    });
  }
  if (Math.min(shape[0], shape[1]) >= LEAST_PATCHED) {
    sets.push({
      name: 'patch',
      description: 'test images with a square of noise on them',
      data: patched(normal, random).data,
      count,
    });
  }
  return sets;
}

/** Smaller images have no room for a patch. */
const LEAST_PATCHED = 14;

/** The largest square patch for an image: 6 × 6 of 28 × 28; and how far from the edge it stays, 4 pixels there. */
const patchSide = (height: number, width: number) => Math.round((3 * Math.min(height, width)) / 14);
const margin = (size: number) => Math.floor(size / 7);

/** Each image with a square of uniform noise somewhere in its middle, and the pixel where that begins, row by row. */
export function patched(
  { data, count, shape, range }: Normal,
  random: Random,
): { data: Uint8Array | Float32Array; corners: Uint32Array; side: number } {
  const [height, width, channels] = shape;
  const [low, high] = range ?? [0, 255];
  const whole = data instanceof Uint8Array;
  const side = patchSide(height, width);
  const place = (size: number) => margin(size) + random.below(size - 2 * margin(size) - side + 1);
  const result = data.slice();
  const corners = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const [top, left] = [place(height), place(width)];
    corners[i] = top * width + left;
    for (let row = top; row < top + side; row++) {
      const start = ((i * height + row) * width + left) * channels;
      for (let p = start; p < start + side * channels; p++) {
        result[p] = whole ? low + random.below(high - low + 1) : low + (high - low) * random.uniform();
      }
    }
  }
  return { data: result, corners, side };
}

/** Values between the least and the largest of the column; whole ones where the column's values are whole by kind. */
function uniform({ data, count, shape, scaling }: Normal, random: Random): Float32Array {
  const [features] = shape;
  const values = new Float32Array(data.length);
  for (let j = 0; j < features; j++) {
    const kind = scaling?.kind === 'columns' ? scaling.columns[j].kind : 'number';
    const whole = kind === 'flag' || kind === 'category';
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let p = j; p < data.length; p += features) {
      // Not so where a value is missing.
      if (data[p] < low) low = data[p];
      if (data[p] > high) high = data[p];
    }
    for (let i = 0; i < count; i++) {
      const draw = whole ? random.below(high - low + 1) : (high - low) * random.uniform();
      values[i * features + j] = low > high ? Number.NaN : low + draw;
    }
  }
  return values;
}

function shuffled({ data, count, shape }: Normal, random: Random): Float32Array {
  const [features] = shape;
  const values = new Float32Array(data.length);
  const order = new Uint32Array(count);
  for (let j = 0; j < features; j++) {
    for (let i = 0; i < count; i++) order[i] = i;
    random.shuffle(order);
    for (let i = 0; i < count; i++) values[i * features + j] = data[order[i] * features + j];
  }
  return values;
}

/** Each square image turned by 90° clockwise. */
function rotate({ data, count, shape }: Normal): Uint8Array | Float32Array {
  const [side, , channels] = shape;
  const turned = data.slice();
  const size = side * side * channels;
  for (let i = 0; i < count; i++) {
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        const from = i * size + (row * side + column) * channels;
        const to = i * size + (column * side + (side - 1 - row)) * channels;
        for (let c = 0; c < channels; c++) turned[to + c] = data[from + c];
      }
    }
  }
  return turned;
}
