/**
 * The WebAssembly kernels that run a model. Pointers are byte offsets into their memory; counts are floats. Rows are
 * `outer` × `inner` values; `ao` and `bo` are the strides between rows of the inputs, `ai` and `bi` those within a row,
 * 1, or 0 for a value that repeats. A kernel's output may be one of its inputs if that has as many values.
 */
export interface InferenceKernels {
  /** Where the memory is free from: before it are the kernels' own tables. */
  freeFrom(): number;

  /**
   * y = a·b + bias, n × k by k × m, where b is in panels of 8 columns (see `pack`) and bias has a multiple of 8 floats;
   * with `relu`, max(y, 0). For a single row, a zero in it hides an infinity or a NaN in b.
   */
  gemm(a: number, b: number, y: number, n: number, k: number, m: number, bias: number, relu: boolean): void;
  /** Copies b, k × m, into panels of 8 columns; `transposed` if it is m × k. */
  pack(b: number, panels: number, k: number, m: number, transposed: boolean): void;

  add: BinaryKernel;
  sub: BinaryKernel;
  mul: BinaryKernel;
  div: BinaryKernel;
  /** NaN if one is NaN. */
  maximum: BinaryKernel;
  minimum: BinaryKernel;
  /** 1 or 0. */
  greater: BinaryKernel;
  greaterOrEqual: BinaryKernel;
  equal: BinaryKernel;
  /** a where c is not 0, else b; all have n values. */
  where(c: number, a: number, b: number, y: number, n: number): void;

  neg: UnaryKernel;
  abs: UnaryKernel;
  sign: UnaryKernel;
  sqrt: UnaryKernel;
  floor: UnaryKernel;
  truncate: UnaryKernel;
  /** 1 or 0. */
  isNaN: UnaryKernel;
  /** 1 for what is not 0, else 0. */
  isTrue: UnaryKernel;
  relu: UnaryKernel;
  exp: UnaryKernel;
  log: UnaryKernel;
  erf: UnaryKernel;
  sigmoid: UnaryKernel;
  tanh: UnaryKernel;
  sin: UnaryKernel;
  cos: UnaryKernel;
  leakyRelu(x: number, y: number, n: number, alpha: number): void;
  elu(x: number, y: number, n: number, alpha: number): void;
  clip(x: number, y: number, n: number, low: number, high: number): void;

  /** Reduces the middle one of three axes, outer × size × inner. */
  sum: ReductionKernel;
  largest: ReductionKernel;
  product: ReductionKernel;

  /** For `map`, n 32-bit integers: y = x at these places, 0 for −1. */
  gather(x: number, map: number, y: number, n: number): void;
  /** Adds each of n values of x to y at its place in the map; those with −1 are left out. */
  scatterAdd(x: number, map: number, y: number, n: number): void;
  /** The largest value of each of n windows, of which the map has `area` places each. */
  poolLargest(x: number, map: number, y: number, n: number, area: number): void;
  /** The mean of each; with `padding`, −1 counts as 0. */
  poolMean(x: number, map: number, y: number, n: number, area: number, padding: boolean): void;
  /** The mean of every window of `down` × `across` within a plane; `sums` has room for width + 4 floats. */
  slideMean(
    x: number,
    y: number,
    sums: number,
    height: number,
    width: number,
    down: number,
    across: number,
  ): void;

  /**
   * The k largest of n rows of `size` values times `sign`, 1 or −1, in order, and their places, the first of equal ones
   * first; a result at 0 is left out. `best` and `places` have room for k floats.
   */
  topK(
    x: number,
    values: number,
    indices: number,
    n: number,
    size: number,
    k: number,
    sign: number,
    best: number,
    places: number,
  ): void;

  /**
   * The squared distances, Σ (shift + step · byte)², of n rows of d bytes: from a code, where a row is quantised to
   * minimum + step · byte and the shift is the minimum less the code. Shift and step have d floats.
   */
  codeDistances(codes: number, shift: number, step: number, y: number, n: number, d: number): void;
}

export type BinaryKernel = (
  a: number,
  b: number,
  y: number,
  outer: number,
  inner: number,
  ao: number,
  ai: number,
  bo: number,
  bi: number,
) => void;
export type UnaryKernel = (x: number, y: number, n: number) => void;
export type ReductionKernel = (x: number, y: number, outer: number, size: number, inner: number) => void;

/** Columns of a panel. */
export const PANEL = 8;

/** Floats that b takes in panels. */
export const packedLength = (k: number, m: number): number => k * PANEL * Math.ceil(m / PANEL);
