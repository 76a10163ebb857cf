import type { Kernels } from '../kernels/kernels.ts';
import { BELOW_ONE, COLUMN_BLOCK, type Grid, LINES, PER_LINE } from './grid.ts';

/**
 * Computes what convolves a grid with w: the transform of w over the splines' own transform, twice for each axis, since points
 * are spread and the field is interpolated by cardinal splines (Schoenberg 1973). w is even, so its transform is real, and
 * half of it is enough along the columns and, in space, the rows. It is in blocks of four columns, in space of m + 1 rows,
 * with n frequencies of the last axis each.
 *
 * @param work as `createWork` takes it
 * @param dof degrees of freedom
 */
export function transformKernel(kernels: Kernels, grid: Grid, work: Float32Array, dof: number): void {
  const { plan, twiddles, kernel } = grid;
  const [perLine, lines, belowOne] = [plan[PER_LINE], plan[LINES], plan[BELOW_ONE] === 1];
  const m = lines / 2;
  const { rows, blocks, at } = layKernel(grid);
  for (let j = 0; j < lines; j++) {
    twiddles[2 * j] = Math.cos((2 * Math.PI * j) / lines);
    twiddles[2 * j + 1] = -Math.sin((2 * Math.PI * j) / lines);
  }
  /** Transforms four even signals, of which `work` has the first m + 1 numbers; returns where the result is. */
  const transform = () => {
    for (let j = 0; j < lines; j++) {
      const mirrored = Math.min(j, lines - j);
      for (let lane = 0; lane < 4; lane++) {
        work[8 * j + lane] = work[8 * mirrored + lane];
        work[8 * j + 4 + lane] = 0;
      }
    }
    const { byteOffset } = work;
    return (kernels.fft(byteOffset, byteOffset + 32 * lines, lines, twiddles.byteOffset) - byteOffset) / 4;
  };
  const squares = Float64Array.from({ length: m + 1 }, (_, j) => (j / perLine) ** 2);
  // Along the columns, for four lines of the last axis at a time; columns that fill up the last block stay 0.
  kernel.fill(0, 0, at(blocks, 0, 0));
  for (let row = 0; row < rows; row++) {
    for (let last = 0; last <= m; last += 4) {
      for (let lane = 0; lane < 4; lane++) {
        const beside = squares[Math.min(last + lane, m)] + squares[row];
        for (let j = 0; j <= m; j++) work[8 * j + lane] = potential(squares[j] + beside, dof, belowOne);
      }
      const found = transform();
      for (let k = 0; k <= m; k++) {
        for (let lane = 0; lane < 4 && last + lane <= m; lane++) {
          kernel[at(k >> 2, row, last + lane) + (k % 4)] = work[found + 8 * k + lane];
        }
      }
    }
  }
  /** Along another axis, whose lines are `step` floats apart, to some of its frequencies. */
  const transformAlong = (start: number, step: number, frequencies: number) => {
    for (let j = 0; j <= m; j++) {
      for (let lane = 0; lane < 4; lane++) work[8 * j + lane] = kernel[start + step * j + lane];
    }
    const found = transform();
    for (let k = 0; k < frequencies; k++) {
      for (let lane = 0; lane < 4; lane++) kernel[start + step * k + lane] = work[found + 8 * k + lane];
    }
  };
  for (let block = 0; block < blocks; block++) {
    for (let last = 0; last <= m && rows > 1; last++) {
      transformAlong(at(block, 0, last), at(0, 1, 0), rows);
    }
    for (let row = 0; row < rows; row++) transformAlong(at(block, row, 0), at(0, 0, 1), lines);
  }
  divideBySplines(grid);
}

/** w / α, or (w − 1) / α, so that −½ of the gradient is the force whatever the degrees of freedom α. */
function potential(squared: number, dof: number, belowOne: boolean): number {
  if (dof === 1) return (belowOne ? -squared : 1) / (1 + squared);
  const logarithm = -dof * Math.log1p(squared);
  return (belowOne ? Math.expm1(logarithm) : Math.exp(logarithm)) / dof;
}

/** How the kernel's transform lies in memory: in the plane, the last axis is that of the rows. */
function layKernel({ plan, dims }: Grid) {
  const lines = plan[LINES];
  const rows = dims === 3 ? lines / 2 + 1 : 1;
  return {
    rows,
    blocks: lines / 2 / COLUMN_BLOCK + 1,
    /** Where the four columns of a block are. */
    at: (block: number, row: number, last: number) => 4 * ((block * rows + row) * lines + last),
  };
}

function divideBySplines(grid: Grid): void {
  const { plan, kernel, dims } = grid;
  const lines = plan[LINES];
  const { rows, blocks, at } = layKernel(grid);
  const spline = Float64Array.from({ length: lines }, (_, k) => {
    const angle = (2 * Math.PI * k) / lines;
    return ((66 + 52 * Math.cos(angle) + 2 * Math.cos(2 * angle)) / 120) ** 2;
  });
  // An inverse transform along each axis, and the halves of the spectra of two rows.
  const scale = 1 / (2 * lines ** dims);
  for (let block = 0; block < blocks; block++) {
    for (let row = 0; row < rows; row++) {
      for (let last = 0; last < lines; last++) {
        for (let lane = 0; lane < 4; lane++) {
          const p = at(block, row, last) + lane;
          const k = Math.min(COLUMN_BLOCK * block + lane, lines / 2);
          kernel[p] = (scale * kernel[p]) / (spline[last] * spline[k] * (dims === 3 ? spline[row] : 1));
        }
      }
    }
  }
}
