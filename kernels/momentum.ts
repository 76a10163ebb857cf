export interface MomentumSettings {
  rate: number;
  /** μ: the share of the velocity that is kept. */
  momentum: number;
  /** Decoupled: see sgd.ts. */
  weightDecay?: number;
}

/**
 * One step of gradient descent with momentum (Polyak 1964), m ← μ m + g and w ← w − rate m: the reference for
 * the kernel. The rate is outside the velocity, as in PyTorch, so that a schedule acts at once. Updates `w`
 * and `m`.
 */
export function momentum(
  w: Float32Array,
  g: Float32Array,
  m: Float32Array,
  { rate, momentum: mu, weightDecay = 0 }: MomentumSettings,
): void {
  for (let i = 0; i < w.length; i++) {
    m[i] = mu * m[i] + g[i];
    w[i] -= rate * (weightDecay * w[i] + m[i]);
  }
}

/**
 * One step with Nesterov's momentum, m ← μ m + g and w ← w − rate (g + μ m): Sutskever et al. 2013, equations
 * 3 and 4, in terms of the point at which the gradient is taken. The reference for the kernel; updates `w` and
 * `m`.
 */
export function nesterov(
  w: Float32Array,
  g: Float32Array,
  m: Float32Array,
  { rate, momentum: mu, weightDecay = 0 }: MomentumSettings,
): void {
  for (let i = 0; i < w.length; i++) {
    m[i] = mu * m[i] + g[i];
    w[i] -= rate * (weightDecay * w[i] + g[i] + mu * m[i]);
  }
}
