import type { KernelMemory, Kernels } from '../kernels/kernels.ts';

/** Lines between which a point of the map lies are this far apart; see docs/map.md for the error that follows. */
const SPACING = 1 / 3;

/** A map that is smaller than this many lines gets a finer grid instead, of {@link FEWEST_LINES}. */
const NARROW = 100;

/** Below this extent the grid holds how far each similarity is below 1, which keeps the digits of those near 1. */
const TINY = 2;

/** Lines beyond the last point: its weights are on the next six, and kernels read eight at a time. */
const MARGIN = 8;

/** Lines of the padded grid along each axis, at least and at most: more for more than so many points, whose map is wide and whose tree is slow. */
const [FEWEST_LINES, MOST_LINES, MOST_OF_MANY] = [256, 4096, 8192];
const MANY = 200_000;

const mostLines = (n: number): number => (n > MANY ? MOST_OF_MANY : MOST_LINES);

/** Numbers of lines whose transform is fast: multiples of 16 without a prime factor above 5. */
const SIZES = Array.from({ length: MOST_OF_MANY / 16 }, (_, i) => 16 * (i + 1)).filter((n) => {
  let rest = n;
  for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
  return n >= FEWEST_LINES && rest === 1;
});

/** The grid of this iteration: lines to a unit of the map, lines in all, and whether it has how far w is below 1. */
const [PER_LINE, LINES, BELOW_ONE] = [0, 1, 2];
const PLAN_LENGTH = 3;

/** Rows of the grid that are transformed together, and columns. */
const [ROW_BLOCK, COLUMN_BLOCK] = [8, 4];

/** The arrays of a grid for n points, in the memory of the kernels. */
export interface Grid {
  readonly plan: Float64Array;
  /** The first place of each row's points, and the end of the last. */
  readonly start: Int32Array;
  /** n: the points in the order of their rows */
  readonly order: Int32Array;
  /** n × 2: where these are, in units of the grid's lines */
  readonly places: Float32Array;
  readonly twiddles: Float32Array;
  readonly kernel: Float32Array;
  readonly spectrum: Float32Array;
  readonly field: Float32Array;
}

/** The bytes that the arrays of a grid for n points take, those of the threads included. */
export const gridBytes = (n: number, threads: number): number => {
  const lengths = [...Object.values(gridLengths(n)), ...new Array<number>(threads).fill(workLength(n))];
  return lengths.reduce((sum, length) => sum + 4 * length + 64, 0);
};

/** Floats that each thread needs to work with: two buffers of a transform, eight rows of the grid, and weights. */
const workLength = (n: number): number => 16 * mostLines(n) + ROW_BLOCK * (mostLines(n) / 2 + MARGIN) + 16;

function gridLengths(n: number) {
  const most = mostLines(n);
  const m = most / 2;
  const blocks = m / COLUMN_BLOCK + 1;
  return {
    plan: 2 * PLAN_LENGTH,
    start: m + 2,
    order: n,
    places: 2 * n,
    twiddles: 2 * most,
    kernel: 4 * blocks * most,
    spectrum: 8 * blocks * m,
    field: m * (m + MARGIN),
  };
}

/** Takes the arrays of a grid for n points from a memory. They are large for the largest grid, and untouched until then. */
export function createGrid(memory: KernelMemory, n: number): Grid {
  const lengths = gridLengths(n);
  const plan = memory.f32(lengths.plan);
  return {
    plan: new Float64Array(plan.buffer, plan.byteOffset, PLAN_LENGTH),
    start: memory.i32(lengths.start),
    order: memory.i32(lengths.order),
    places: memory.f32(lengths.places),
    twiddles: memory.f32(lengths.twiddles),
    kernel: memory.f32(lengths.kernel),
    spectrum: memory.f32(lengths.spectrum),
    field: memory.f32(lengths.field),
  };
}

/** Takes what one thread needs to work with, for n points. */
export const createWork = (memory: KernelMemory, n: number): Float32Array => memory.f32(workLength(n));

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

  /** Lines of the grid that a map of n points with this extent takes, with their padding. */
  static linesFor(extent: number, n: number): number {
    const least = 2 * (Math.ceil(extent / SPACING) + MARGIN);
    return SIZES.find((size) => size >= least && size <= mostLines(n)) ?? mostLines(n);
  }

  /** Whether the largest grid covers a map of n points with this extent without wider gaps between its lines. */
  static covers(extent: number, n: number): boolean {
    return 2 * (Math.ceil(extent / SPACING) + MARGIN) <= mostLines(n);
  }

  /** Lays the grid over the points, sorts them, and computes the kernel's transform if it is another one. One thread does this. */
  prepare(y: Float32Array, { left, bottom, extent }: Bounds): void {
    const { plan, start, order, places } = this.#grid;
    const { lines, spacing } = chooseGrid(extent, y.length / 2, plan[LINES]);
    const belowOne = extent < TINY ? 1 : 0;
    const perLine = Math.fround(1 / spacing);
    if (lines !== plan[LINES] || perLine !== plan[PER_LINE] || belowOne !== plan[BELOW_ONE]) {
      this.#transformKernel(lines, perLine, belowOne === 1);
    }
    plan.set([perLine, lines, belowOne]);
    this.#kernels.sortPoints(
      y.byteOffset,
      y.length / 2,
      left,
      bottom,
      perLine,
      lines / 2,
      start.byteOffset,
      order.byteOffset,
      places.byteOffset,
    );
  }

  get rowBlocks(): number {
    return this.#grid.plan[LINES] / 2 / ROW_BLOCK;
  }

  get columnBlocks(): number {
    return this.#grid.plan[LINES] / 2 / COLUMN_BLOCK + 1;
  }

  /** Spreads the points over a block of rows, and transforms these. */
  spread(block: number): void {
    const { start, places, spectrum, twiddles } = this.#grid;
    const { lines, stride, work, density, scratch } = this.#layout();
    const first = ROW_BLOCK * block;
    this.#kernels.spreadPoints(start.byteOffset, places.byteOffset, first, stride, scratch, density);
    this.#kernels.transformRows(
      density,
      stride,
      first,
      lines,
      twiddles.byteOffset,
      work,
      spectrum.byteOffset,
    );
  }

  /** Convolves a block of columns with the kernel. */
  convolve(block: number): void {
    const { spectrum, kernel, twiddles } = this.#grid;
    const { lines, work } = this.#layout();
    this.#kernels.convolveColumns(
      spectrum.byteOffset + 16 * lines * block,
      lines,
      twiddles.byteOffset,
      work,
      kernel.byteOffset + 16 * lines * block,
    );
  }

  /** Transforms a block of rows back into the field. */
  restore(block: number): void {
    const { spectrum, field, twiddles } = this.#grid;
    const { lines, stride, work } = this.#layout();
    const first = ROW_BLOCK * block;
    this.#kernels.restoreRows(
      spectrum.byteOffset,
      first,
      lines,
      twiddles.byteOffset,
      work,
      field.byteOffset,
      stride,
    );
  }

  /**
   * The forces on the points at the places `start` to `end` (exclusive) in the order of the rows: as those of `BarnesHut`.
   *
   * @param repulsion n × 2, in the memory of the kernels, where the forces are written, in the order of the points
   * @returns the points' part in Z = Σ_{i≠j} w_ij
   */
  repel(start: number, end: number, repulsion: Float32Array): number {
    const { plan, order, places, field } = this.#grid;
    const { stride, scratch } = this.#layout();
    const sum = this.#kernels.gatherField(
      field.byteOffset,
      stride,
      plan[PER_LINE],
      order.byteOffset,
      places.byteOffset,
      start,
      end,
      scratch,
      repulsion.byteOffset,
    );
    // The point itself is in the sum once, with w = 1.
    return this.#dof * sum + (end - start) * (plan[BELOW_ONE] * order.length - 1);
  }

  /** w / α, or (w − 1) / α, so that −½ of the gradient is the force whatever the degrees of freedom α. */
  #potential(squared: number, belowOne: boolean): number {
    const dof = this.#dof;
    if (dof === 1) return (belowOne ? -squared : 1) / (1 + squared);
    const logarithm = -dof * Math.log1p(squared);
    return (belowOne ? Math.expm1(logarithm) : Math.exp(logarithm)) / dof;
  }

  /** The sizes of the grid, and where the parts of this thread's memory begin. */
  #layout() {
    const lines = this.#grid.plan[LINES];
    const stride = lines / 2 + MARGIN;
    const work = this.#work.byteOffset;
    const density = work + 64 * lines;
    return { lines, stride, work, density, scratch: density + 4 * ROW_BLOCK * stride };
  }

  /**
   * The transform of w on the grid, over the splines' own transform, twice for each axis: points are spread and the field is
   * interpolated by cardinal splines (Schoenberg 1973). In blocks of four columns; w is even, so its transform is real.
   */
  #transformKernel(lines: number, perLine: number, belowOne: boolean): void {
    const { twiddles, kernel } = this.#grid;
    const m = lines / 2;
    for (let j = 0; j < lines; j++) {
      twiddles[2 * j] = Math.cos((2 * Math.PI * j) / lines);
      twiddles[2 * j + 1] = -Math.sin((2 * Math.PI * j) / lines);
    }
    const squares = Float64Array.from({ length: lines }, (_, j) => (Math.min(j, lines - j) / perLine) ** 2);
    const spline = Float64Array.from({ length: lines }, (_, k) => {
      const angle = (2 * Math.PI * k) / lines;
      return ((66 + 52 * Math.cos(angle) + 2 * Math.cos(2 * angle)) / 120) ** 2;
    });
    // Two inverse transforms, and the halves of the spectra of two rows.
    const scale = 1 / (2 * lines * lines);
    const work = this.#work;
    const transform = () => {
      const { byteOffset } = work;
      const at = this.#kernels.fft(byteOffset, byteOffset + 32 * lines, lines, twiddles.byteOffset);
      return (at - byteOffset) / 4;
    };
    const width = m + 4;
    const rows = new Float32Array(width * width);
    work.fill(0, 0, 8 * lines);
    for (let r = 0; r <= m; r += 4) {
      for (let j = 0; j < lines; j++) {
        for (let lane = 0; lane < 4; lane++) {
          const squared = squares[j] + squares[Math.min(r + lane, m)];
          work[8 * j + lane] = this.#potential(squared, belowOne);
          work[8 * j + 4 + lane] = 0;
        }
      }
      const found = transform();
      for (let k = 0; k <= m; k++) {
        for (let lane = 0; lane < 4; lane++) rows[(r + lane) * width + k] = work[found + 8 * k + lane];
      }
    }
    for (let block = 0; block <= m / COLUMN_BLOCK; block++) {
      const first = COLUMN_BLOCK * block;
      for (let r = 0; r < lines; r++) {
        const row = Math.min(r, lines - r) * width + first;
        for (let lane = 0; lane < 4; lane++) {
          work[8 * r + lane] = rows[row + lane];
          work[8 * r + 4 + lane] = 0;
        }
      }
      const found = transform();
      for (let r = 0; r < lines; r++) {
        for (let lane = 0; lane < 4; lane++) {
          const k = Math.min(first + lane, m);
          kernel[4 * (lines * block + r) + lane] =
            (scale * work[found + 8 * r + lane]) / (spline[r] * spline[k]);
        }
      }
    }
  }
}

/** The smallest corner of a map, and the longer side of its bounding box. */
export interface Bounds {
  readonly left: number;
  readonly bottom: number;
  readonly extent: number;
}

export function boundsOf(y: Float32Array): Bounds {
  let [left, right, bottom, top] = [y[0], y[0], y[1], y[1]];
  for (let p = 2; p < y.length; p += 2) {
    if (y[p] < left) left = y[p];
    else if (y[p] > right) right = y[p];
    if (y[p + 1] < bottom) bottom = y[p + 1];
    else if (y[p + 1] > top) top = y[p + 1];
  }
  return { left, bottom, extent: Math.max(right - left, top - bottom) };
}

/**
 * The grid for a map of this extent. It changes by steps, since each change costs another transform of the kernel: a grid
 * that is large enough and not much too large stays.
 */
function chooseGrid(extent: number, n: number, before: number): { lines: number; spacing: number } {
  if (extent < NARROW * SPACING) {
    const halvings = extent > 0 ? Math.floor(2 * Math.log2((NARROW * SPACING) / extent)) : 0;
    return { lines: FEWEST_LINES, spacing: SPACING * 2 ** (-halvings / 2) };
  }
  const lines = Interpolation.linesFor(extent, n);
  const room = Interpolation.linesFor(1.05 * extent, n);
  const kept = before >= lines && before <= 1.2 * room ? before : room;
  return { lines: kept, spacing: Math.max(SPACING, extent / (kept / 2 - MARGIN)) };
}
