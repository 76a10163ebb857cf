/** The settings of Adam; α (rate), β₁, β₂ and ε in the paper. */
export interface AdamSettings {
  rate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Decoupled (see sgd.ts); above 0 this is AdamW. */
  weightDecay?: number;
}

/**
 * The arguments of the kernel for step `t` (from 1): the rate times the bias correction of the first moment,
 * α / (1 − β₁ᵗ), and the correction of the second moment, 1 / (1 − β₂ᵗ).
 */
export const adamCorrections = ({ rate, beta1, beta2 }: AdamSettings, t: number) => ({
  rate: rate / (1 - beta1 ** t),
  correction2: 1 / (1 - beta2 ** t),
});

/**
 * One step of Adam (Kingma & Ba 2015, algorithm 1) or AdamW (Loshchilov & Hutter 2019, algorithm 2) over n
 * parameters: the reference for the kernel `adamw`. Weights `w`, gradients `g`, moments `m` and `v` have the same
 * length; `w`, `m` and `v` are updated.
 */
export function adam(
  w: Float32Array,
  g: Float32Array,
  m: Float32Array,
  v: Float32Array,
  settings: AdamSettings,
  t: number,
): void {
  const { beta1, beta2, epsilon, weightDecay = 0 } = settings;
  const { rate, correction2 } = adamCorrections(settings, t);
  for (let i = 0; i < w.length; i++) {
    m[i] = beta1 * m[i] + (1 - beta1) * g[i];
    v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
    const step = (rate * m[i]) / (Math.sqrt(v[i] * correction2) + epsilon);
    w[i] -= settings.rate * weightDecay * w[i] + step;
  }
}
