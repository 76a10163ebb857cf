import onnxProto from 'onnx-proto';
import type { Graph, Node, Value } from './graph.ts';

const { onnx } = onnxProto;
const OPSET = 17;
const IR_VERSION = 8;
const TYPES = { float32: 1, int64: 7, bool: 9 } as const;

/**
 * The graph as the bytes of an ONNX model. Nodes that no output needs are left out.
 * `metadata` becomes the model's metadata properties.
 */
export function serialise(
  graph: Graph,
  name: string,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const { nodes, constants } = live(graph);
  const names = new Map<Value, string>();
  const copies: { alias: string; value: Value }[] = [];
  for (const [alias, value] of graph.outputs) {
    if (value.node && !names.has(value)) names.set(value, alias);
    else copies.push({ alias, value });
  }
  const nameOf = (value: Value) => names.get(value) ?? value.name;
  const model = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    producerName: 'offmanifold',
    opsetImport: [{ domain: '', version: OPSET }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name,
      input: graph.inputs.map((value) => valueInfo(value.name, value)),
      output: [...graph.outputs].map(([alias, value]) => valueInfo(alias, value)),
      initializer: constants.map((value) => ({
        name: value.name,
        dataType: TYPES[value.type],
        dims: value.shape as number[],
        rawData: new Uint8Array(value.data!.buffer, value.data!.byteOffset, value.data!.byteLength),
      })),
      node: [
        ...nodes.map(({ op, inputs, attributes, outputs }) => ({
          opType: op,
          name: outputs[0].name,
          input: inputs.map(nameOf),
          output: outputs.map(nameOf),
          attribute: Object.entries(attributes).map(([key, value]) =>
            typeof value === 'number'
              ? { name: key, type: onnx.AttributeProto.AttributeType.INT, i: value }
              : { name: key, type: onnx.AttributeProto.AttributeType.INTS, ints: [...value] },
          ),
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

/** The nodes that some output needs, in order, and the constants that they and the outputs use. */
function live(graph: Graph): { nodes: Node[]; constants: Value[] } {
  const needed = new Set(graph.outputs.values());
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    nodes.push(node);
    for (const input of node.inputs) needed.add(input);
  }
  return { nodes: nodes.reverse(), constants: [...needed].filter((value) => value.data) };
}

function valueInfo(name: string, { type, shape }: Value) {
  const dim = shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: TYPES[type], shape: { dim } } } };
}
