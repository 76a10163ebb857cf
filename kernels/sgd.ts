/**
 * One step of stochastic gradient descent over n parameters: the reference for the kernel. As in every optimiser here,
 * weight decay is decoupled from the gradient (Loshchilov & Hutter 2019, equation 1 with λ = rate × weightDecay).
 * Updates `w`.
 */
export function sgd(
  w: Float32Array,
  g: Float32Array,
  { rate, weightDecay = 0 }: { rate: number; weightDecay?: number },
): void {
  for (let i = 0; i < w.length; i++) w[i] -= rate * (weightDecay * w[i] + g[i]);
}
