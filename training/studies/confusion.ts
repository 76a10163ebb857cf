/** How often each true class (rows) was predicted as each class (columns): classes × classes counts. */
export function confusionMatrix(truth: Uint8Array, predicted: Uint8Array, classes: number): number[][] {
  if (truth.length !== predicted.length) {
    throw new RangeError(`there are ${predicted.length} predictions for ${truth.length} labels`);
  }
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < truth.length; i++) matrix[truth[i]][predicted[i]]++;
  return matrix;
}

/** The share of right predictions: the diagonal over the total. */
export function computeAccuracy(confusion: readonly (readonly number[])[]): number {
  const right = confusion.reduce((sum, row, i) => sum + row[i], 0);
  return right / confusion.flat().reduce((a, b) => a + b, 0);
}
