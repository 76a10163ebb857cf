import { createHash } from 'node:crypto';
import { type Attributes, Graph, type Node, type Value } from '../graph/graph.ts';
import { formatShape, shapeOf } from '../ops/entry.ts';
import { opEntry } from '../ops/registry.ts';
import { simplify } from './simplify.ts';
import { makeSteady } from './steady.ts';

/**
 * Rewrites a graph for running: the same inputs and outputs with fewer nodes. It lowers operators that ONNX does not
 * have, simplifies ({@link simplify}), makes matrix products steady ({@link makeSteady}), computes common
 * subexpressions once (operators have no state), merges equal constants, and removes nodes that no output needs.
 */
export function clean(graph: Graph): Graph {
  const cleaned = new CleanGraph('clean/');
  cleaned.inputs.push(...graph.inputs);
  const values = new Map<Value, Value>();
  const cleanValue = (value: Value): Value => {
    const { data, shape } = value;
    if (data instanceof Float32Array) return cleaned.constant(data, shape as readonly number[]);
    if (data) return cleaned.integers(Array.from(data, Number));
    return values.get(value) ?? value;
  };
  for (const { op, inputs, attributes, outputs, pass } of findLiveNodes(graph)) {
    cleaned.pass = pass;
    const made = cleaned.ops(op, inputs.map(cleanValue), attributes);
    for (const [i, output] of outputs.entries()) values.set(output, made[i]);
  }
  for (const [name, value] of graph.outputs) cleaned.output(name, cleanValue(value));
  cleaned.nodes.splice(0, Number.POSITIVE_INFINITY, ...findLiveNodes(cleaned));
  return cleaned;
}

/** The nodes that the outputs need, in order. */
function findLiveNodes({ nodes, outputs }: Graph): Node[] {
  const needed = new Set(outputs.values());
  const kept = nodes.toReversed().filter((node) => {
    const used = node.outputs.some((output) => needed.has(output));
    if (used) for (const input of node.inputs) needed.add(input);
    return used;
  });
  return kept.reverse();
}

/** A graph that appends nothing twice, and nothing that has a simpler form. */
class CleanGraph extends Graph {
  readonly #made = new Map<string, Value[]>();

  override ops(op: string, inputs: readonly Value[], attributes: Attributes = {}): Value[] {
    const other = simplify(this, op, inputs, attributes) ?? makeSteady(this, op, inputs, attributes);
    if (other) return [other];
    const { lower } = opEntry(op);
    if (lower) return [lower(this, inputs, attributes)].flat();
    return this.#once(keyOf(op, inputs, attributes), () => this.append(op, inputs, attributes));
  }

  override constant(data: number | Float32Array, shape: readonly number[] = []): Value {
    const values = typeof data === 'number' ? Float32Array.of(data) : data;
    const digest = createHash('sha1').update(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
    return this.#once(`[${shape}] ${digest.digest('base64')}`, () => [super.constant(values, shape)])[0];
  }

  override integers(data: readonly number[]): Value {
    return this.#once(`integers ${data}`, () => [super.integers(data)])[0];
  }

  #once(name: string, make: () => Value[]): Value[] {
    const known = this.#made.get(name) ?? make();
    this.#made.set(name, known);
    return known;
  }
}

/** Equal for two nodes that compute the same. Two Shapes are the same if they hold the same dimensions. */
function keyOf(op: string, inputs: readonly Value[], attributes: Attributes): string {
  if (op === 'Shape') return `Shape ${formatShape({ shape: shapeOf(inputs[0], attributes) })}`;
  const names = inputs.map(({ name }) => name);
  return JSON.stringify([op, names, Object.entries(attributes).sort()]);
}
