/** Momentum in the early iterations and after them (van der Maaten & Hinton 2008, section 3.4). */
export const EARLY_MOMENTUM = 0.5;
export const LATE_MOMENTUM = 0.8;

const SMALLEST_GAIN = 0.01;

/** What the optimiser keeps for every coordinate; all n × dims. */
export interface Coordinates {
  readonly y: Float32Array;
  readonly velocity: Float64Array;
  readonly gain: Float64Array;
  readonly attraction: Float32Array;
  readonly repulsion: Float32Array;
}

/**
 * One step of gradient descent with momentum for the coordinates `start` to `end` (exclusive), each coordinate
 * with its own gain, which grows by 0.2 while the gradient points along the motion, and shrinks to 80 % when
 * it does not (Jacobs 1988, as in van der Maaten's bhtsne). The gradient is
 * exaggeration × F_attr − F_rep / Z: the factor 4 of van der Maaten 2014, eq. 8 is in the learning rate, as
 * in bhtsne, FIt-SNE and openTSNE.
 */
export function descend(
  { y, velocity, gain, attraction, repulsion }: Coordinates,
  start: number,
  end: number,
  z: number,
  exaggeration: number,
  momentum: number,
  learningRate: number,
): void {
  for (let c = start; c < end; c++) {
    const gradient = exaggeration * attraction[c] - repulsion[c] / z;
    const turning = gradient > 0 === velocity[c] > 0;
    gain[c] = turning ? Math.max(SMALLEST_GAIN, gain[c] * 0.8) : gain[c] + 0.2;
    velocity[c] = momentum * velocity[c] - learningRate * gain[c] * gradient;
    y[c] += velocity[c];
  }
}
