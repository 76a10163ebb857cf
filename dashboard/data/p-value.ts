/**
 * A p-value is a count over calibrationCount + 1, but the scorer divides in float32. Counting again in doubles
 * makes a p-value of 0.05 equal to 0.05, so that it is flagged at that significance, as by the API.
 */
export const exactPValue = (pValue: number, calibrationCount: number): number =>
  Math.round(pValue * (calibrationCount + 1)) / (calibrationCount + 1);
