import onnxProto from 'onnx-proto';
import { GraphError } from './ir/error.ts';

const { onnx } = onnxProto;

/**
 * Keeps only these outputs of a model, with the nodes and constants that they need: an engine computes every node of a
 * graph, whatever outputs it is asked for. Throws a {@link GraphError} if an output does not exist.
 */
export function keepOutputs(model: Uint8Array, names: readonly string[]): Uint8Array {
  const decoded = onnx.ModelProto.decode(model);
  const graph = decoded.graph!;
  const all = graph.output ?? [];
  const output = names.map((name) => {
    const found = all.find((value) => value.name === name);
    if (found) return found;
    throw new GraphError(
      `the model has no output ${name}: it has ${all.map((value) => value.name).join(', ')}`,
    );
  });
  const needed = new Set<string>(names);
  // Nodes are in topological order: what a node needs comes before it.
  const node = (graph.node ?? [])
    .toReversed()
    .filter((node) => {
      const used = (node.output ?? []).some((name) => needed.has(name));
      if (used) for (const name of node.input ?? []) needed.add(name);
      return used;
    })
    .reverse();
  const initializer = (graph.initializer ?? []).filter(({ name }) => needed.has(name ?? ''));
  return onnx.ModelProto.encode({ ...decoded, graph: { ...graph, node, initializer, output } }).finish();
}
