/** An image whose lines arrive one by one, in any order, with `channels` bytes per pixel. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** How the image is to be turned to be upright, 1 to 8 as in EXIF (CIPA DC-008, tag 274); 1 if it is not given. */
  readonly orientation?: number | undefined;
  readonly lines: Iterable<Line> | AsyncIterable<Line>;
}

/** The pixels of line `y`, from column `x` on in steps of `dx`; all of the line if that is 1. */
export interface Line {
  readonly y: number;
  readonly x: number;
  readonly dx: number;
  readonly values: ArrayLike<number>;
}

/**
 * Fits an image into `width × height`: scales it to the largest size that fits with its aspect ratio kept, and centres
 * it on black (0). Scaling down averages areas; scaling up is bilinear. Returns height × width × channels values,
 * row-major. Handles each line as it arrives, so that the image is never in memory as a whole.
 */
export async function fitImage(image: Picture, width: number, height: number): Promise<Float32Array> {
  const { transposed } = describeOrientation(image.orientation);
  if (!transposed) return fitLines(image, width, height);
  return transpose(await fitLines(image, height, width), width, height, image.channels);
}

/** What to do to an image of an orientation: mirror its columns and its rows, then swap them. */
export function describeOrientation(orientation = 1): {
  mirrorX: boolean;
  mirrorY: boolean;
  transposed: boolean;
} {
  return {
    mirrorX: [2, 3, 7, 8].includes(orientation),
    mirrorY: [3, 4, 6, 7].includes(orientation),
    transposed: orientation >= 5 && orientation <= 8,
  };
}

/** Swaps rows and columns of width × height pixels; the result is height × width × channels, row-major. */
function transpose(pixels: Float32Array, width: number, height: number, channels: number): Float32Array {
  const turned = new Float32Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let k = 0; k < channels; k++) {
        turned[(y * width + x) * channels + k] = pixels[(x * height + y) * channels + k];
      }
    }
  }
  return turned;
}

async function fitLines(image: Picture, width: number, height: number): Promise<Float32Array> {
  const { channels } = image;
  const { mirrorX, mirrorY } = describeOrientation(image.orientation);
  const scale = Math.min(width / image.width, height / image.height);
  const inner = {
    width: Math.max(1, Math.round(image.width * scale)),
    height: Math.max(1, Math.round(image.height * scale)),
  };
  const columns = computeShares(image.width, inner.width);
  const rows = computeShares(image.height, inner.height);
  const line = new Float64Array(inner.width * channels);
  const scaled = new Float64Array(inner.height * line.length);
  for await (const { y, x, dx, values } of image.lines) {
    const row = mirrorY ? image.height - 1 - y : y;
    if (dx === 1 && !mirrorX) gather(values, columns, channels, line);
    else {
      line.fill(0);
      const column = mirrorX ? image.width - 1 - x : x;
      scatter(values, columns, channels, column, mirrorX ? -dx : dx, line);
    }
    for (let e = rows.first[row]; e < rows.first[row + 1]; e++) {
      const start = rows.place[e] * line.length;
      for (let j = 0; j < line.length; j++) scaled[start + j] += rows.weight[e] * line[j];
    }
  }
  const left = Math.floor((width - inner.width) / 2);
  const top = Math.floor((height - inner.height) / 2);
  const fitted = new Float32Array(width * height * channels);
  for (let i = 0; i < inner.height; i++) {
    const row = scaled.subarray(i * line.length, (i + 1) * line.length);
    fitted.set(row, ((top + i) * width + left) * channels);
  }
  return fitted;
}

/** Adds up whole lines of pixels, place by place: what {@link scatter} does to them, faster and to the last bit. */
function gather(values: ArrayLike<number>, { covers }: Shares, channels: number, line: Float64Array): void {
  for (let i = 0, j = 0; i < covers.length; i++) {
    const { first, weights } = covers[i]!;
    for (let k = 0; k < channels; k++, j++) {
      let sum = 0;
      for (let e = 0, p = first * channels + k; e < weights.length; e++, p += channels)
        sum += weights[e] * values[p];
      line[j] = sum;
    }
  }
}

/** Adds some pixels of a line, those from `column` on in steps, to the places that they go to. */
function scatter(
  values: ArrayLike<number>,
  { first, place, weight }: Shares,
  channels: number,
  column: number,
  step: number,
  line: Float64Array,
): void {
  for (let p = 0; p < values.length; p += channels, column += step) {
    for (let e = first[column]; e < first[column + 1]; e++) {
      const start = place[e] * channels;
      for (let k = 0; k < channels; k++) line[start + k] += weight[e] * values[p + k];
    }
  }
}

/** Where pixels go: pixel p contributes to `place[e]` with `weight[e]`, for e from `first[p]` up to `first[p + 1]` (exclusive). */
interface Shares {
  first: Uint32Array;
  place: Uint32Array;
  weight: Float64Array;
  /** The same by place: the first pixel of each, and the weights of those from there on. */
  covers: { first: number; weights: Float64Array }[];
}

/** Distributes `from` pixels over `to` places; the weights of each place add up to 1. */
export function computeShares(from: number, to: number): Shares {
  const places = Array.from({ length: to }, (_, i) =>
    to > from ? bilinear(i, from, to) : area(i, from, to),
  );
  const first = new Uint32Array(from + 1);
  for (const place of places) {
    for (const k of place.weights.keys()) first[place.first + k + 1]++;
  }
  for (let p = 0; p < from; p++) first[p + 1] += first[p];
  const next = first.slice();
  const place = new Uint32Array(first[from]);
  const weight = new Float64Array(first[from]);
  for (const [i, { first: pixel, weights }] of places.entries()) {
    for (const [k, share] of weights.entries()) {
      const e = next[pixel + k]++;
      place[e] = i;
      weight[e] = share;
    }
  }
  const covers = places.map(({ first, weights }) => ({ first, weights: Float64Array.from(weights) }));
  return { first, place, weight, covers };
}

/** The two pixels on either side of the centre of place i. */
function bilinear(i: number, from: number, to: number) {
  const centre = ((i + 0.5) * from) / to - 0.5;
  const first = Math.min(Math.max(Math.floor(centre), 0), from - 1);
  const share = first + 1 < from ? Math.max(centre - first, 0) : 0;
  return { first, weights: share > 0 ? [1 - share, share] : [1] };
}

/** The pixels that place i covers, weighted by the part that it covers of each. */
function area(i: number, from: number, to: number) {
  const { first, parts } = coverPixels(i, from, to);
  const total = parts.reduce((sum, part) => sum + part, 0);
  return { first, weights: parts.map((part) => part / total) };
}

/**
 * Finds the pixels that place i covers if `to` places divide a line of `from` pixels: the first one, the part covered
 * of each, and the length of all parts.
 */
export function coverPixels(i: number, from: number, to: number) {
  const [start, end] = [(i * from) / to, ((i + 1) * from) / to];
  const first = Math.floor(start);
  const parts = Array.from({ length: Math.min(Math.ceil(end), from) - first }, (_, k) =>
    Math.max(0, Math.min(end, first + k + 1) - Math.max(start, first + k)),
  );
  return { first, parts, length: end - start };
}
