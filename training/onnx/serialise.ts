import onnxProto from 'onnx-proto';
import { Graph, type Node, type Value } from './graph.ts';
import { type Attributes, opEntry } from './ops.ts';

const { onnx } = onnxProto;
const OPSET = 17;
const IR_VERSION = 8;
const TYPES = { float32: 1, int64: 7, bool: 9 } as const;

/**
 * The graph as the bytes of an ONNX model. Nodes that no output needs are left out, and those that
 * their entry lowers are written as what it says.
 */
export function serialise(graph: Graph, name: string): Uint8Array {
  const names = new Map<Value, string>();
  const copies: { alias: string; value: Value }[] = [];
  for (const [alias, value] of graph.outputs) {
    if (value.node && !names.has(value)) names.set(value, alias);
    else copies.push({ alias, value });
  }
  const nameOf = (value: Value) => names.get(value) ?? value.name;
  const nodes = live(graph).flatMap((node) => lowered(node, names));
  const used = new Set([...nodes.flatMap((node) => node.inputs), ...graph.outputs.values()]);
  const model = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    producerName: 'offmanifold',
    opsetImport: [{ domain: '', version: OPSET }],
    graph: {
      name,
      input: graph.inputs.map((value) => valueInfo(value.name, value)),
      output: [...graph.outputs].map(([alias, value]) => valueInfo(alias, value)),
      initializer: [...used].flatMap((value) =>
        value.data ? [tensorOf(value.name, value.data, value)] : [],
      ),
      node: [
        ...nodes.map(({ op, inputs, attributes, outputs }) => ({
          opType: op,
          name: outputs[0].name,
          input: inputs.map(nameOf),
          output: outputs.map(nameOf),
          attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
        })),
        ...copies.map(({ alias, value }) => ({
          opType: 'Identity',
          name: `output_${alias}`,
          input: [nameOf(value)],
          output: [alias],
        })),
      ],
    },
  });
  return onnx.ModelProto.encode(model).finish();
}

/** The nodes that some output needs, in order. */
function live(graph: Graph): Node[] {
  const needed = new Set(graph.outputs.values());
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    nodes.push(node);
    for (const input of node.inputs) needed.add(input);
  }
  return nodes.reverse();
}

/** A node, or the nodes that do its work; the last of them then goes by the output's name in `names`. */
function lowered(node: Node, names: Map<Value, string>): Node[] {
  const { lower } = opEntry(node.op);
  if (!lower) return [node];
  const [output] = node.outputs;
  const inner = new Graph(`${output.name}/`);
  names.set(lower(inner, node.inputs), names.get(output) ?? output.name);
  return inner.nodes;
}

function attribute(name: string, value: Attributes[string]) {
  const { INT, INTS, TENSOR } = onnx.AttributeProto.AttributeType;
  if (typeof value === 'number') return { name, type: INT, i: value };
  if (value instanceof Float32Array) {
    return { name, type: TENSOR, t: tensorOf('', value, { type: 'float32', shape: [value.length] }) };
  }
  return { name, type: INTS, ints: [...value] };
}

function tensorOf(
  name: string,
  data: NonNullable<Value['data']>,
  { type, shape }: Pick<Value, 'type' | 'shape'>,
) {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dataType: TYPES[type], dims: shape as number[], rawData };
}

function valueInfo(name: string, { type, shape }: Value) {
  const dim = shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: TYPES[type], shape: { dim } } } };
}
