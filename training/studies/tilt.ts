import { Matrix, solve } from 'ml-matrix';

/**
 * The tilt of the strokes in an image (height × width), in degrees from upright, positive to the right: the angle whose
 * tangent is −μ₁₁ / μ₀₂, from the central moments of the ink with y downwards. 0 if there is no ink.
 */
export function measureTilt(image: Float32Array, [height, width]: readonly number[]): number {
  let [ink, sumX, sumY] = [0, 0, 0];
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      ink += image[p];
      sumX += x * image[p];
      sumY += y * image[p];
    }
  }
  if (!(ink > 0)) return 0;
  let [mixed, vertical] = [0, 0];
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      mixed += image[p] * (x - sumX / ink) * (y - sumY / ink);
      vertical += image[p] * (y - sumY / ink) ** 2;
    }
  }
  return vertical > 0 ? (Math.atan(-mixed / vertical) * 180) / Math.PI : 0;
}

/**
 * Fits a quadratic function of places (n × 2), with the terms 1, x, y, x², xy and y², to values by least squares. Returns
 * its predictions, [n], and R², the share of the variance that it explains. Throws a RangeError for fewer than 7 values.
 */
export function fitQuadratic(
  places: Float32Array,
  values: Float32Array,
): { predictions: Float32Array; rSquared: number } {
  const n = values.length;
  if (n < 7 || places.length !== 2 * n) {
    throw new RangeError(`${places.length} coordinates for ${n} values: 2 for each of at least 7 are needed`);
  }
  // Scaled, so that all terms are of a similar size.
  const spread = Math.sqrt(places.reduce((sum, value) => sum + value ** 2, 0) / n) || 1;
  const terms = Array.from({ length: n }, (_, i) => {
    const [x, y] = [places[2 * i] / spread, places[2 * i + 1] / spread];
    return [1, x, y, x * x, x * y, y * y];
  });
  const weights = solve(new Matrix(terms), Matrix.columnVector(Array.from(values)), true);
  const predictions = Float32Array.from(terms, (row) =>
    row.reduce((sum, term, j) => sum + term * weights.get(j, 0), 0),
  );
  const mean = values.reduce((a, b) => a + b, 0) / n;
  let [left, all] = [0, 0];
  for (let i = 0; i < n; i++) {
    left += (values[i] - predictions[i]) ** 2;
    all += (values[i] - mean) ** 2;
  }
  return { predictions, rSquared: all > 0 ? 1 - left / all : 0 };
}
