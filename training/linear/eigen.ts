import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Decomposes a symmetric matrix (d × d, row-major) into eigenvalues, descending, and eigenvectors as rows (d × d). */
export function decomposeSymmetric(
  matrix: Float64Array,
  d: number,
): { values: number[]; vectors: Float64Array } {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    Matrix.from1DArray(d, d, matrix),
    { assumeSymmetric: true },
  );
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  const vectors = new Float64Array(d * d);
  for (const [i, column] of order.entries()) vectors.set(eigenvectorMatrix.getColumn(column), i * d);
  return { values: order.map((i) => realEigenvalues[i]), vectors };
}
