/** P(X ≤ x) for X chi-squared with `degrees` degrees of freedom (a whole number), by the series of the incomplete gamma function. */
export function chiSquaredCdf(x: number, degrees: number): number {
  if (x <= 0) return 0;
  const a = degrees / 2;
  const y = x / 2;
  let term = Math.exp(a * Math.log(y) - y - logGamma(degrees + 2));
  // Too small for a number: x is far out on one side.
  if (term === 0) return x < degrees ? 0 : 1;
  let sum = term;
  for (let i = 1; term > 1e-17 * sum; i++) {
    term *= y / (a + i);
    sum += term;
  }
  return Math.min(1, sum);
}

/** The x with P(X ≤ x) = `share` for X chi-squared with `degrees` degrees of freedom. `share`: at least 0, below 1. */
export function chiSquaredQuantile(share: number, degrees: number): number {
  let low = 0;
  let high = degrees;
  while (chiSquaredCdf(high, degrees) < share) high *= 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (chiSquaredCdf(middle, degrees) < share) low = middle;
    else high = middle;
  }
}

/** log Γ(n / 2), by Γ(z + 1) = z Γ(z). */
function logGamma(n: number): number {
  const first = 2 - (n % 2);
  let sum = first === 1 ? Math.log(Math.PI) / 2 : 0;
  for (let k = first; k < n; k += 2) sum += Math.log(k / 2);
  return sum;
}
