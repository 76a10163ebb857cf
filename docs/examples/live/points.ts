/** Rows of a point. */
const DIMENSIONS = 50;
export const CLUSTERS = 10;

/** n points in ten clusters: point i is in cluster i % 10. */
export function createPoints(n: number): { values: Float32Array; n: number; d: number } {
  let state = 1;
  // A linear congruential generator (Numerical Recipes): numbers from −1 to 1.
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const centres = Array.from({ length: CLUSTERS * DIMENSIONS }, random);
  const values = Float32Array.from({ length: n * DIMENSIONS }, (_, p) => {
    const cluster = Math.floor(p / DIMENSIONS) % CLUSTERS;
    return centres[cluster * DIMENSIONS + (p % DIMENSIONS)]! + random();
  });
  return { values, n, d: DIMENSIONS };
}
