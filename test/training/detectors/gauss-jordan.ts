/** The inverse of a square matrix and the logarithm of its determinant, by Gauss–Jordan elimination with pivots. */
export function inverted(matrix: readonly (readonly number[])[]): { inverse: number[][]; logDet: number } {
  const d = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => Number(i === j))]);
  let logDet = 0;
  for (let c = 0; c < d; c++) {
    let pivot = c;
    for (let i = c; i < d; i++) if (Math.abs(rows[i][c]) > Math.abs(rows[pivot][c])) pivot = i;
    [rows[c], rows[pivot]] = [rows[pivot], rows[c]];
    const head = rows[c][c];
    logDet += Math.log(Math.abs(head));
    rows[c] = rows[c].map((value) => value / head);
    for (let i = 0; i < d; i++) {
      const factor = rows[i][c];
      if (i !== c) rows[i] = rows[i].map((value, j) => value - factor * rows[c][j]);
    }
  }
  return { inverse: rows.map((row) => row.slice(d)), logDet };
}

/** zᵀ A z. */
export const quadratic = (matrix: readonly (readonly number[])[], z: readonly number[]): number =>
  z.reduce((sum, a, i) => sum + z.reduce((inner, b, j) => inner + a * matrix[i][j] * b, 0), 0);

/** Mean and covariance, divided by n, as sums over pairs of columns. */
export function plainMoments(rows: readonly (readonly number[])[]) {
  const mean = rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j], 0) / rows.length);
  const covariance = mean.map((_, j) =>
    mean.map(
      (_, k) => rows.reduce((sum, row) => sum + (row[j] - mean[j]) * (row[k] - mean[k]), 0) / rows.length,
    ),
  );
  return { mean, covariance };
}

/** How much less zᵀ Σ⁻¹ z is without each column: its row and column of Σ struck out. */
export function drops(covariance: readonly (readonly number[])[], z: readonly number[]): number[] {
  const without = <T>(values: readonly T[], j: number) => values.filter((_, i) => i !== j);
  const whole = quadratic(inverted(covariance).inverse, z);
  return z.map((_, j) => {
    const rest = without(covariance, j).map((row) => without(row, j));
    return whole - quadratic(inverted(rest).inverse, without(z, j));
  });
}
