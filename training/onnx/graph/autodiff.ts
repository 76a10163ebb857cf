import { GraphError } from '../ir/error.ts';
import { opEntry } from '../ops/registry.ts';
import type { Graph, Value } from './graph.ts';

/**
 * Reverse-mode automatic differentiation: appends the nodes that compute the gradients of a scalar `loss` with respect
 * to each of `parameters`, and returns the gradients in order, each with the shape of its parameter. They can be
 * differentiated again. Throws a {@link GraphError} if the loss is not a scalar, does not depend on a parameter, or
 * reaches it through an operator without a gradient rule, or through an output other than the first, which rules do
 * not cover.
 */
export function gradients(graph: Graph, loss: Value, parameters: readonly Value[]): Value[] {
  if (loss.shape.length !== 0)
    throw new GraphError(`the loss must be a scalar, not [${loss.shape.join(', ')}]`);
  const forward = [...graph.nodes];
  const reached = new Set(parameters);
  for (const { inputs, outputs } of forward) {
    if (!inputs.some((input) => reached.has(input))) continue;
    // Booleans and indices change only in steps, so their derivative is 0.
    for (const output of outputs) if (output.type === 'float32') reached.add(output);
  }
  graph.pass++;
  const found = new Map<Value, Value>([[loss, graph.constant(1)]]);
  for (const { op, inputs, attributes, outputs } of forward.reverse()) {
    const [output, ...others] = outputs;
    const other = others.findIndex((value) => found.has(value));
    if (other >= 0) throw new GraphError(`${op} has no gradient rule for its output ${other + 2}`);
    const gradient = found.get(output);
    if (!gradient || !reached.has(output)) continue;
    const rule = opEntry(op).gradient;
    if (!rule) throw new GraphError(`${op} has no gradient rule`);
    rule({ graph, inputs, output, outputs, attributes, gradient }).forEach((part, i) => {
      const input = inputs[i];
      if (!part || !reached.has(input)) return;
      const sum = found.get(input);
      found.set(input, sum ? graph.add(sum, part) : part);
    });
  }
  return parameters.map((parameter) => {
    const gradient = found.get(parameter);
    if (!gradient) throw new GraphError(`the loss does not depend on ${parameter.name}`);
    return gradient;
  });
}
