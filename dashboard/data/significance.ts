/** The smallest level that can flag anything, 1 / (calibrationCount + 1), rounded up to two significant digits. */
export function lowestLevel(calibrationCount: number): number {
  const least = 1 / (calibrationCount + 1);
  const unit = 10 ** (Math.floor(Math.log10(least)) - 1);
  return Number((unit * Math.ceil(least / unit)).toPrecision(2));
}
