import type { Kernels } from '../kernels/kernels.ts';
import {
  BELOW_ONE,
  type Bounds,
  COLUMN_BLOCK,
  type Grid,
  LINES,
  MARGIN,
  PER_LINE,
  planGrid,
  ROW_BLOCK,
} from './grid.ts';
import { transformKernel } from './grid-kernel.ts';

/**
 * Repulsive forces by interpolation on a grid (Linderman, Rachh, Hoskins, Steinerberger & Kluger 2019, "Fast
 * interpolation-based t-SNE"), here as smooth particle-mesh Ewald does it (Essmann et al. 1995): the forces are the
 * gradient of one potential, F_rep,i = −½ ∇ Σ_j w(y_i − y_j), so a single convolution gives them all, and the normalisation
 * as well. Quintic B-splines spread the points over the grid, a fast Fourier transform convolves it with w(d) = 1 / (1 + d²),
 * and the same splines interpolate the result and its gradient. Each step is done by blocks, which threads share.
 */
export class Interpolation {
  readonly #kernels: Kernels;
  readonly #grid: Grid;
  readonly #work: Float32Array;
  readonly #dof: number;

  constructor(kernels: Kernels, grid: Grid, work: Float32Array, dof: number) {
    this.#kernels = kernels;
    this.#grid = grid;
    this.#work = work;
    this.#dof = dof;
  }

  /**
   * Lays the grid over the points, which it must cover, sorts them, and computes the kernel's transform if it is another one.
   * One thread does this.
   */
  prepare(y: Float32Array, { corner, extent }: Bounds): void {
    const { plan, start, order, places, dims } = this.#grid;
    const next = planGrid(extent, order.length, dims, plan[LINES]);
    const changed = next.some((value, p) => value !== plan[p]);
    plan.set(next);
    if (changed) transformKernel(this.#kernels, this.#grid, this.#work, this.#dof);
    const [left, bottom, back = 0] = corner;
    this.#kernels.sortPoints(
      y.byteOffset,
      order.length,
      dims,
      left,
      bottom,
      back,
      plan[PER_LINE],
      plan[LINES] / 2,
      start.byteOffset,
      order.byteOffset,
      places.byteOffset,
    );
  }

  get rowBlocks(): number {
    const { plan, dims } = this.#grid;
    return (plan[LINES] / 2 / ROW_BLOCK) ** (dims - 1);
  }

  get columnBlocks(): number {
    return this.#grid.plan[LINES] / 2 / COLUMN_BLOCK + 1;
  }

  /** Spreads the points over a block of rows, in space of eight planes, and transforms these. */
  spread(block: number): void {
    const { start, places, spectrum, twiddles, dims } = this.#grid;
    const { lines, rows, count, stride, work, density, scratch } = this.#layout();
    const [plane, row] = this.#corner(block);
    if (dims === 3) {
      const { spreadPoints3 } = this.#kernels;
      spreadPoints3(start.byteOffset, places.byteOffset, plane, row, rows, stride, scratch, density);
    } else this.#kernels.spreadPoints(start.byteOffset, places.byteOffset, row, stride, scratch, density);
    for (const [p, first] of this.#firstRows(block).entries()) {
      this.#kernels.transformRows(
        density + 4 * p * ROW_BLOCK * stride,
        stride,
        first,
        count,
        lines,
        twiddles.byteOffset,
        work,
        spectrum.byteOffset,
      );
    }
  }

  /** Convolves a block of columns with the kernel. */
  convolve(block: number): void {
    const { spectrum, kernel, twiddles, dims } = this.#grid;
    const { lines, rows, count, work } = this.#layout();
    const { convolveColumns, convolveColumns3 } = this.#kernels;
    const convolve = dims === 3 ? convolveColumns3 : convolveColumns;
    convolve(
      spectrum.byteOffset + 32 * count * block,
      lines,
      twiddles.byteOffset,
      work,
      kernel.byteOffset + 16 * lines * (rows + 1) ** (dims - 2) * block,
    );
  }

  /** Transforms a block of rows back into the field. */
  restore(block: number): void {
    const { spectrum, field, twiddles } = this.#grid;
    const { lines, count, stride, work } = this.#layout();
    for (const first of this.#firstRows(block)) {
      this.#kernels.restoreRows(
        spectrum.byteOffset,
        first,
        count,
        lines,
        twiddles.byteOffset,
        work,
        field.byteOffset,
        stride,
      );
    }
  }

  /**
   * The forces on the points at the places `start` to `end` (exclusive) in the order of the rows: as those of `BarnesHut`.
   *
   * @param repulsion n × dims, in the memory of the kernels, where the forces are written, in the order of the points
   * @returns the points' part in Z = Σ_{i≠j} w_ij
   */
  repel(start: number, end: number, repulsion: Float32Array): number {
    const { plan, order, places, field, dims } = this.#grid;
    const { rows, stride, scratch } = this.#layout();
    const { gatherField, gatherField3 } = this.#kernels;
    const points = [order.byteOffset, places.byteOffset, start, end, scratch, repulsion.byteOffset] as const;
    const sum =
      dims === 3
        ? gatherField3(field.byteOffset, rows, stride, plan[PER_LINE], ...points)
        : gatherField(field.byteOffset, stride, plan[PER_LINE], ...points);
    // The point itself is in the sum once, with w = 1.
    return this.#dof * sum + (end - start) * (plan[BELOW_ONE] * order.length - 1);
  }

  /** The first plane (0 in the plane) and the first row of a block. */
  #corner(block: number): [number, number] {
    const across = this.#grid.plan[LINES] / 2 / ROW_BLOCK;
    return [ROW_BLOCK * Math.floor(block / across), ROW_BLOCK * (block % across)];
  }

  /** The first of the eight rows of a block in each of its planes, among the rows of all planes. */
  #firstRows(block: number): number[] {
    const [plane, row] = this.#corner(block);
    const rows = this.#grid.plan[LINES] / 2;
    const planes = this.#grid.dims === 3 ? ROW_BLOCK : 1;
    return Array.from({ length: planes }, (_, p) => (plane + p) * rows + row);
  }

  /**
   * The sizes of the grid, and where the parts of this thread's memory begin: `rows` is the number of rows in a plane, `count`
   * that of all rows.
   */
  #layout() {
    const { plan, dims } = this.#grid;
    const lines = plan[LINES];
    const rows = lines / 2;
    const stride = rows + MARGIN;
    const work = this.#work.byteOffset;
    const density = work + 64 * lines;
    const scratch = density + 4 * ROW_BLOCK ** (dims - 1) * stride;
    return { lines, rows, count: rows ** (dims - 1), stride, work, density, scratch };
  }
}
