/** The step that every peer measures, from numbers that every peer draws alike: problem.py is its twin. */
export const WIDTHS = [784, 512, 128, 64, 128, 512, 784] as const;
export const BATCH = 256;
/** The layer whose outputs are the code: it and the last have no ReLU. */
export const CODE = 2;
export const ADAM = { rate: 2e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

const PROTOTYPES = 16;

export interface Problem {
  /** One a layer, inputs × outputs, row-major, within ±√(6 / (inputs + outputs)) (Glorot & Bengio 2010). */
  weights: Float32Array[];
  /** BATCH × 784, within 0 to 1: sixteen random images in turn, about a fifth of their pixels inked, as in MNIST. */
  batch: Float32Array;
}

export function problem(): Problem {
  const draw = generator();
  const weights = WIDTHS.slice(1).map((outputs, i) => {
    const bound = Math.sqrt(6 / (WIDTHS[i] + outputs));
    return Float32Array.from({ length: WIDTHS[i] * outputs }, () => (2 * draw() - 1) * bound);
  });
  const features = WIDTHS[0];
  const images = Float32Array.from({ length: PROTOTYPES * features }, () => Math.max(0, 5 * draw() - 4));
  const batch = new Float32Array(BATCH * features);
  for (let at = 0; at < batch.length; at += images.length) batch.set(images, at);
  return { weights, batch };
}

/** The linear congruential generator of Numerical Recipes, from 0 to below 1; its seed is 1. */
function generator(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
