/** The space of a map and its similarities: w_ij = u_ij ^ dof with u_ij = 1 / (1 + |y_i − y_j|²). */
export interface Space {
  /** Axes of the map: 2 or 3. */
  readonly dims: number;
  /** Degrees of freedom α of the kernel (Kobak et al. 2020), here over distances in units of √α; 1 is Student's t. */
  readonly dof: number;
}

/** The squared distance of points i and j, with `dims` coordinates each. */
export function squaredDistance(y: Float32Array | Float64Array, i: number, j: number, dims: number): number {
  let sum = 0;
  for (let axis = 0; axis < dims; axis++) sum += (y[dims * i + axis] - y[dims * j + axis]) ** 2;
  return sum;
}
