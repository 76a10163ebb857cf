/**
 * A wrong graph: an operation given what it cannot take. The message names the operation and the shapes. It is a bug
 * in the code that builds the graph, never a user's mistake, so it is not a UserError.
 */
export class GraphError extends Error {
  override readonly name = 'GraphError';
}
