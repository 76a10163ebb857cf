/** Rows of numbers in like units: n × d, row-major. */
export interface Matrix {
  readonly values: Float32Array;
  readonly n: number;
  readonly d: number;
}
