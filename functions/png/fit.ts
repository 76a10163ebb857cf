import type { GreyImage } from './decode.ts';

/**
 * Fits an image into `width × height`: scaled to the largest size of its own aspect ratio that fits,
 * centred, and black (0) around it. Scaling down averages areas, scaling up is bilinear.
 * Answers height × width values, row-major.
 */
export function fitImage(image: GreyImage, width: number, height: number): Float32Array {
  const scale = Math.min(width / image.width, height / image.height);
  const inner = {
    width: Math.max(1, Math.round(image.width * scale)),
    height: Math.max(1, Math.round(image.height * scale)),
  };
  const left = Math.floor((width - inner.width) / 2);
  const top = Math.floor((height - inner.height) / 2);
  const columns = weights(image.width, inner.width);
  const rows = weights(image.height, inner.height);
  const line = new Float64Array(inner.width);
  const fitted = new Float32Array(width * height);
  for (const [i, row] of rows.entries()) {
    const target = (top + i) * width + left;
    for (const [k, rowWeight] of row.weights.entries()) {
      const source = (row.first + k) * image.width;
      for (const [j, column] of columns.entries()) {
        let sum = 0;
        for (const [m, weight] of column.weights.entries()) {
          sum += weight * image.values[source + column.first + m];
        }
        line[j] = sum * rowWeight + (k > 0 ? line[j] : 0);
      }
    }
    fitted.set(line, target);
  }
  return fitted;
}

/** For each of `to` places, the places of `from` it is made of, from `first` on, with weights of sum 1. */
function weights(from: number, to: number): { first: number; weights: number[] }[] {
  return Array.from({ length: to }, (_, i) => (to > from ? bilinear(i, from, to) : area(i, from, to)));
}

/** The two places on either side of the centre of place i. */
function bilinear(i: number, from: number, to: number) {
  const centre = ((i + 0.5) * from) / to - 0.5;
  const first = Math.min(Math.max(Math.floor(centre), 0), from - 1);
  const share = first + 1 < from ? Math.max(centre - first, 0) : 0;
  return { first, weights: share > 0 ? [1 - share, share] : [1] };
}

/** All places that place i covers, each by the part of it that is covered. */
function area(i: number, from: number, to: number) {
  const [start, end] = [(i * from) / to, ((i + 1) * from) / to];
  const first = Math.floor(start);
  const covered = Array.from({ length: Math.min(Math.ceil(end), from) - first }, (_, k) =>
    Math.max(0, Math.min(end, first + k + 1) - Math.max(start, first + k)),
  );
  const total = covered.reduce((sum, part) => sum + part, 0);
  return { first, weights: covered.map((part) => part / total) };
}
