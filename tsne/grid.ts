import type { KernelMemory } from '../kernels/kernels.ts';

/** Lines between which a point of the map lies are this far apart; see docs/map.md for the error that follows. */
const SPACING = 1 / 3;

/** How large grids are, in lines along each axis. */
interface Size {
  /** A map that is smaller than this gets a finer grid instead, of the fewest. */
  readonly narrow: number;
  /** Lines of the padded grid: the fewest, the most, and the most for more than {@link MANY} points, whose map is wide and whose tree is slow. */
  readonly fewest: number;
  readonly most: number;
  readonly mostOfMany: number;
}

const MANY = 200_000;

const IN_PLANE: Size = { narrow: 100, fewest: 256, most: 4096, mostOfMany: 8192 };
const IN_SPACE: Size = { narrow: 56, fewest: 128, most: 384, mostOfMany: 512 };

const sizeOf = (dims: number): Size => (dims === 3 ? IN_SPACE : IN_PLANE);

const mostLines = (n: number, dims: number): number => {
  const { most, mostOfMany } = sizeOf(dims);
  return n > MANY ? mostOfMany : most;
};

/** Lines beyond the last point: its weights are on the next six, and kernels read eight at a time. */
export const MARGIN = 8;

/** Rows of the grid that are transformed together, planes that are spread together, and columns. */
export const [ROW_BLOCK, COLUMN_BLOCK] = [8, 4];

/** Numbers of lines whose transform is fast: multiples of 16 without a prime factor above 5. */
const SIZES = Array.from({ length: IN_PLANE.mostOfMany / 16 }, (_, i) => 16 * (i + 1)).filter((n) => {
  let rest = n;
  for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
  return rest === 1;
});

/** The grid of an iteration: lines to a unit of the map, padded lines along each axis, and whether it has how far w is below 1. */
export const [PER_LINE, LINES, BELOW_ONE] = [0, 1, 2];
const PLAN_LENGTH = 3;

/** Below this extent the grid holds how far each similarity is below 1, which keeps the digits of those near 1. */
const TINY = 2;

/** The arrays of a grid for n points in the plane or in space, in the memory of the kernels. */
export interface Grid {
  readonly dims: number;
  readonly plan: Float64Array;
  /** The first place of each row's points, and the end of the last. */
  readonly start: Int32Array;
  /** n: the points in the order of their rows */
  readonly order: Int32Array;
  /** n × dims: where these are, in units of the grid's lines */
  readonly places: Float32Array;
  readonly twiddles: Float32Array;
  readonly kernel: Float32Array;
  readonly spectrum: Float32Array;
  readonly field: Float32Array;
}

/** The bytes that the arrays of a grid for n points take, those of the threads included. */
export const gridBytes = (n: number, threads: number, dims: number): number => {
  const work = new Array<number>(threads).fill(workLength(n, dims));
  const lengths = [...Object.values(gridLengths(n, dims)), ...work];
  return lengths.reduce((sum, length) => sum + 4 * length + 64, 0);
};

/**
 * Floats that each thread needs to work with: two buffers of a transform, and eight rows of the grid with their weights, or, in
 * space, the planes of a block of columns.
 */
function workLength(n: number, dims: number): number {
  const most = mostLines(n, dims);
  const m = most / 2;
  return 16 * most + (dims === 3 ? 8 * most * (m + 2) : ROW_BLOCK * (m + MARGIN) + 16);
}

function gridLengths(n: number, dims: number) {
  const most = mostLines(n, dims);
  const m = most / 2;
  const blocks = m / COLUMN_BLOCK + 1;
  return {
    plan: 2 * PLAN_LENGTH,
    start: m ** (dims - 1) + 2,
    order: n,
    places: dims * n,
    twiddles: 2 * most,
    kernel: 4 * blocks * most * (m + 1) ** (dims - 2),
    spectrum: 8 * blocks * m ** (dims - 1),
    field: m ** (dims - 1) * (m + MARGIN),
  };
}

/** Takes the arrays of a grid for n points from a memory. They are large for the largest grid, and untouched until then. */
export function createGrid(memory: KernelMemory, n: number, dims: number): Grid {
  const lengths = gridLengths(n, dims);
  const plan = memory.f32(lengths.plan);
  return {
    dims,
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
export const createWork = (memory: KernelMemory, n: number, dims: number): Float32Array =>
  memory.f32(workLength(n, dims));

/** The smallest corner of a map, and the longest side of its bounding box. */
export interface Bounds {
  readonly corner: readonly number[];
  readonly extent: number;
}

/** @param y n × dims coordinates */
export function boundsOf(y: Float32Array, dims: number): Bounds {
  const corner = Array.from(y.subarray(0, dims));
  let extent = 0;
  for (let axis = 0; axis < dims; axis++) {
    let [low, high] = [y[axis], y[axis]];
    for (let p = axis; p < y.length; p += dims) {
      if (y[p] < low) low = y[p];
      else if (y[p] > high) high = y[p];
    }
    corner[axis] = low;
    extent = Math.max(extent, high - low);
  }
  return { corner, extent };
}

/** Lines along each axis of the grid that a map with this extent takes, with their padding. */
const leastLines = (extent: number): number => 2 * (Math.ceil(extent / SPACING) + MARGIN);

/** The same of a grid whose transform is fast, for n points; at most as many as the largest grid has. */
export function linesFor(extent: number, n: number, dims: number): number {
  const { fewest } = sizeOf(dims);
  const [least, most] = [Math.max(fewest, leastLines(extent)), mostLines(n, dims)];
  return SIZES.find((size) => size >= least && size <= most) ?? most;
}

/** Whether the largest grid, which bounds the memory, covers a map of n points with this extent. */
export const covers = (extent: number, n: number, dims: number): boolean =>
  leastLines(extent) <= mostLines(n, dims);

/**
 * The grid for a map of this extent, as a plan. It changes by steps, since each change costs another transform of the
 * kernel: a grid that is large enough and not much too large stays.
 *
 * @param before lines of the grid so far
 */
export function planGrid(extent: number, n: number, dims: number, before: number): number[] {
  const { narrow, fewest } = sizeOf(dims);
  const belowOne = extent < TINY ? 1 : 0;
  if (extent < narrow * SPACING) {
    const halvings = extent > 0 ? Math.floor(2 * Math.log2((narrow * SPACING) / extent)) : 0;
    return [Math.fround(1 / (SPACING * 2 ** (-halvings / 2))), fewest, belowOne];
  }
  const lines = linesFor(extent, n, dims);
  const room = linesFor(1.05 * extent, n, dims);
  const kept = before >= lines && before <= 1.2 * room ? before : room;
  return [Math.fround(1 / SPACING), kept, belowOne];
}
