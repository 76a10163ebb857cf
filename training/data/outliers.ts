import { kindOf, tableColumns } from '../../bundle/kind.ts';
import type { Scaling } from '../../bundle/manifest.ts';
import { Random } from '../../kernels/random.ts';
import type { Samples } from '../network/samples.ts';

/** Samples that are off the manifold by construction, made from normal test samples. */
export interface OutlierSet extends Samples {
  readonly name: string;
  readonly description: string;
}

interface NormalSamples extends Samples {
  /** One sample: [height, width, channels] for an image, [features] for a table. */
  readonly shape: readonly number[];
  /** The smallest and the largest value that a sample may have; null for any. */
  readonly range: readonly [number, number] | null;
}

/** By the scaling, the columns of a table are known. */
interface ScaledSamples extends NormalSamples {
  readonly scaling: Scaling;
}

/**
 * Makes sets of outliers, each of as many samples as there are normal ones. From images: uniform noise, negatives,
 * square images rotated by 90°, and, if there is room, images with a patch of noise. From tables: each feature uniform
 * over its range, and each feature's values shuffled among the samples, which keeps every column as it is and breaks
 * what holds between them (Han et al. 2022, dependency anomalies).
 */
export function makeOutlierSets(normal: ScaledSamples, seed: number): OutlierSet[] {
  const random = new Random(seed);
  return kindOf(normal) === 'image' ? fromImages(normal, random) : fromRows(normal, random);
}

function fromRows(normal: ScaledSamples, random: Random): OutlierSet[] {
  const { count } = normal;
  return [
    {
      name: 'noise',
      description: 'every feature drawn uniformly from its range in the test split',
      data: drawUniform(normal, random),
      count,
    },
    {
      name: 'shuffled',
      description: 'every feature’s values permuted across the test samples',
      data: shuffleColumns(normal, random),
      count,
    },
  ];
}

function fromImages(normal: NormalSamples, random: Random): OutlierSet[] {
  const { count, shape, data } = normal;
  const [height, width] = shape;
  const [low, high] = normal.range ?? [0, 255];
  const sets: OutlierSet[] = [
    {
      name: 'noise',
      description: `every pixel drawn uniformly from ${low} to ${high}`,
      data: data.map(pixelNoise(normal, random)),
      count,
    },
    {
      name: 'inverted',
      description: 'test images in negative: black for white',
      data: data.map((v) => low + high - v),
      count,
    },
  ];
  if (height === width) {
    sets.push({
      name: 'rotated',
      description: 'test images turned by 90° clockwise',
      data: rotate(normal),
      count,
    });
  }
  if (Math.min(height, width) >= LEAST_PATCHED) {
    sets.push({
      name: 'patch',
      description: 'test images with a square of noise on them',
      data: addPatches(normal, random).data,
      count,
    });
  }
  return sets;
}

/** Draws pixels uniformly from the range: whole numbers if the pixels are bytes. */
function pixelNoise({ data, range }: NormalSamples, random: Random): () => number {
  const [low, high] = range ?? [0, 255];
  return data instanceof Uint8Array
    ? () => low + random.below(high - low + 1)
    : () => low + (high - low) * random.uniform();
}

/** Smallest height and width with room for a patch. */
const LEAST_PATCHED = 14;

/** The side of the patch, 6 pixels for 28 × 28, and its distance from the edge, 4 pixels there. */
const patchSide = (height: number, width: number) => Math.round((3 * Math.min(height, width)) / 14);
const margin = (size: number) => Math.floor(size / 7);

/** Puts a square of uniform noise somewhere in the middle of each image. `corners` are the pixels where they begin. */
export function addPatches(
  normal: NormalSamples,
  random: Random,
): { data: Uint8Array | Float32Array; corners: Uint32Array; side: number } {
  const { data, count, shape } = normal;
  const [height, width, channels] = shape;
  const draw = pixelNoise(normal, random);
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
        result[p] = draw();
      }
    }
  }
  return { data: result, corners, side };
}

/** Draws values between the smallest and the largest of each column: whole numbers for flags and categories. */
function drawUniform({ data, count, shape, scaling }: ScaledSamples, random: Random): Float32Array {
  const [features] = shape;
  const columns = tableColumns({ scaling });
  const values = new Float32Array(data.length);
  for (let j = 0; j < features; j++) {
    const kind = columns[j]?.kind ?? 'number';
    const whole = kind === 'flag' || kind === 'category';
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let p = j; p < data.length; p += features) {
      // Neither is true for a missing value.
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

function shuffleColumns({ data, count, shape }: NormalSamples, random: Random): Float32Array {
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

/** Rotates each square image by 90° clockwise. */
function rotate({ data, count, shape }: NormalSamples): Uint8Array | Float32Array {
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
