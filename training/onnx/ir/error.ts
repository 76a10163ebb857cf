/** A wrong graph: an operation given what it cannot take. The message names the operation and the shapes. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
}
