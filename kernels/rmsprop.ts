export interface RmspropSettings {
  rate: number;
  /** ρ: the share of the mean square that is kept. */
  rho: number;
  epsilon: number;
  /** Decoupled: see sgd.ts. */
  weightDecay?: number;
}

/**
 * One step of RMSprop (Tieleman & Hinton 2012, lecture 6e), v ← ρ v + (1 − ρ) g² and w ← w − rate g / (√v + ε):
 * the reference for the kernel. Updates `w` and `v`.
 */
export function rmsprop(
  w: Float32Array,
  g: Float32Array,
  v: Float32Array,
  { rate, rho, epsilon, weightDecay = 0 }: RmspropSettings,
): void {
  for (let i = 0; i < w.length; i++) {
    v[i] = rho * v[i] + (1 - rho) * g[i] * g[i];
    w[i] -= rate * (weightDecay * w[i] + g[i] / (Math.sqrt(v[i]) + epsilon));
  }
}
