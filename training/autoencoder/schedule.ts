/**
 * The learning rate at `step` of `total`: a linear warm-up over `warmup` steps to `peak`, then half a
 * cosine down to zero (Loshchilov & Hutter 2017, equation 5, without restarts).
 */
export function learningRate(step: number, total: number, warmup: number, peak: number): number {
  if (step < warmup) return (peak * (step + 1)) / warmup;
  return 0.5 * peak * (1 + Math.cos((Math.PI * (step - warmup)) / Math.max(1, total - warmup)));
}
