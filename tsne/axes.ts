/** Columns up to which all axes are found, by the covariance matrix. */
export const MOST_COLUMNS = 128;

/** Rounds of the power iteration, and directions that it follows in addition to those asked for. */
const [ROUNDS, SPARE] = [30, 4];

/** Rows of numbers, n × d, row-major. */
export interface Rows {
  readonly values: Float32Array;
  readonly n: number;
  readonly d: number;
}

/**
 * The leading principal axes of rows, those of the largest variance first: orthonormal, `count` × d, row-major. For up to 128
 * columns they are the eigenvectors of the covariance matrix, by Jacobi's method; for more, those of its part in the span
 * that block power iteration finds (Golub & Van Loan, Matrix Computations, sections 8.2 and 8.5).
 *
 * @param rounds of the power iteration: a few are enough for axes that need not be exact
 */
export function principalAxes(
  rows: Rows,
  mean: Float64Array,
  count: number,
  rounds = ROUNDS,
): Float64Array<ArrayBuffer> {
  const { d } = rows;
  if (d <= MOST_COLUMNS) return eigenvectors(covarianceOf(rows, mean), d).slice(0, count * d);
  const size = Math.min(d, count + SPARE);
  let basis = new Float64Array(size * d);
  // Any start will do that is not orthogonal to the axes: cosines of many frequencies.
  for (let p = 0; p < basis.length; p++) basis[p] = Math.cos(p * Math.sqrt(2) + p * p * 0.618);
  orthonormalise(basis, size, d);
  for (let round = 0; round < rounds; round++) {
    const image = multiply(rows, mean, basis, size);
    orthonormalise(image, size, d);
    basis = image;
  }
  const image = multiply(rows, mean, basis, size);
  const inner = Float64Array.from({ length: size * size }, (_, p) =>
    dot(basis, Math.floor(p / size) * d, image, (p % size) * d, d),
  );
  const turn = eigenvectors(inner, size);
  const axes = new Float64Array(count * d);
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < size; b++) {
      for (let j = 0; j < d; j++) axes[a * d + j] += turn[a * size + b] * basis[b * d + j];
    }
  }
  orthonormalise(axes, count, d);
  return axes;
}

/** The covariance matrix times n, d × d. */
function covarianceOf({ values, n, d }: Rows, mean: Float64Array): Float64Array<ArrayBuffer> {
  const matrix = new Float64Array(d * d);
  const row = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) row[j] = values[i * d + j] - mean[j];
    for (let j = 0; j < d; j++) {
      const x = row[j];
      for (let l = 0; l <= j; l++) matrix[j * d + l] += x * row[l];
    }
  }
  for (let j = 0; j < d; j++) for (let l = 0; l < j; l++) matrix[l * d + j] = matrix[j * d + l];
  return matrix;
}

/** The covariance matrix times n, times each of `size` vectors. */
function multiply(
  { values, n, d }: Rows,
  mean: Float64Array,
  vectors: Float64Array,
  size: number,
): Float64Array<ArrayBuffer> {
  const image = new Float64Array(size * d);
  const row = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) row[j] = values[i * d + j] - mean[j];
    for (let a = 0; a < size; a++) {
      const x = dot(row, 0, vectors, a * d, d);
      for (let j = 0, p = a * d; j < d; j++, p++) image[p] += x * row[j];
    }
  }
  return image;
}

function dot(a: Float64Array, p: number, b: Float64Array, q: number, d: number): number {
  let sum = 0;
  for (let j = 0; j < d; j++) sum += a[p + j] * b[q + j];
  return sum;
}

/** Gram–Schmidt, twice, so that rounding leaves nothing. A vector in the span of those before it becomes a unit vector. */
function orthonormalise(vectors: Float64Array, size: number, d: number): void {
  for (let a = 0; a < size; a++) {
    for (let unit = a; ; unit = (unit + 1) % d) {
      const before = Math.sqrt(dot(vectors, a * d, vectors, a * d, d));
      for (let pass = 0; pass < 2; pass++) {
        for (let b = 0; b < a; b++) {
          const share = dot(vectors, a * d, vectors, b * d, d);
          for (let j = 0; j < d; j++) vectors[a * d + j] -= share * vectors[b * d + j];
        }
      }
      const norm = Math.sqrt(dot(vectors, a * d, vectors, a * d, d));
      if (norm > 1e-10 * before) {
        for (let j = 0; j < d; j++) vectors[a * d + j] /= norm;
        break;
      }
      vectors.fill(0, a * d, (a + 1) * d);
      vectors[a * d + unit] = 1;
    }
  }
}

/** The eigenvectors of a symmetric matrix (d × d) as rows, the largest eigenvalue first, by Jacobi's rotations. */
function eigenvectors(matrix: Float64Array, d: number): Float64Array<ArrayBuffer> {
  const vectors = new Float64Array(d * d);
  for (let j = 0; j < d; j++) vectors[j * d + j] = 1;
  let total = 0;
  for (const value of matrix) total += value * value;
  for (let sweep = 0; sweep < 50; sweep++) {
    let off = 0;
    for (let p = 0; p < d; p++) {
      for (let q = p + 1; q < d; q++) {
        const x = matrix[p * d + q];
        off += x * x;
        if (x === 0) continue;
        const theta = (matrix[q * d + q] - matrix[p * d + p]) / (2 * x);
        const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const cosine = 1 / Math.sqrt(tangent * tangent + 1);
        // The columns, then the rows, then the same rows of the vectors.
        rotate(matrix, p, q, d, d, cosine, tangent * cosine);
        rotate(matrix, p * d, q * d, 1, d, cosine, tangent * cosine);
        rotate(vectors, p * d, q * d, 1, d, cosine, tangent * cosine);
      }
    }
    if (off <= 1e-28 * total) break;
  }
  const order = Array.from({ length: d }, (_, j) => j);
  order.sort((a, b) => matrix[b * d + b] - matrix[a * d + a] || a - b);
  const sorted = new Float64Array(d * d);
  for (const [a, j] of order.entries()) sorted.set(vectors.subarray(j * d, (j + 1) * d), a * d);
  return sorted;
}

/** Rotates two vectors of `length` values, a stride apart, in their plane. */
function rotate(
  values: Float64Array,
  p: number,
  q: number,
  stride: number,
  length: number,
  cosine: number,
  sine: number,
): void {
  for (let j = 0; j < length; j++, p += stride, q += stride) {
    const [x, y] = [values[p], values[q]];
    values[p] = cosine * x - sine * y;
    values[q] = sine * x + cosine * y;
  }
}
