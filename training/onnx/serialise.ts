import onnxProto from 'onnx-proto';
import type { Attributes, Graph, Value } from './graph/graph.ts';
import { GraphError } from './ir/error.ts';
import { opEntry } from './ops/registry.ts';
import { clean } from './passes/clean.ts';

const { onnx } = onnxProto;
const OPSET = 17;
const IR_VERSION = 8;
const TYPES = { float32: 1, int64: 7, bool: 9 } as const;

/** Cleans a graph (see {@link clean}) and encodes it as an ONNX model. */
export const serialise = (graph: Graph, name: string): Uint8Array => encodeModel(clean(graph), name);

/** Encodes a graph as it is as an ONNX model. All of its operators must be ONNX operators. */
export function encodeModel({ inputs, nodes, outputs }: Graph, name: string): Uint8Array {
  const names = new Map<Value, string>();
  const copies: { alias: string; value: Value }[] = [];
  for (const [alias, value] of outputs) {
    if (value.node && !names.has(value)) names.set(value, alias);
    else copies.push({ alias, value });
  }
  const nameOf = (value: Value) => names.get(value) ?? value.name;
  const used = new Set([...nodes.flatMap((node) => node.inputs), ...outputs.values()]);
  const model = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    producerName: 'offmanifold',
    opsetImport: [{ domain: '', version: OPSET }],
    graph: {
      name,
      input: inputs.map((value) => encodeValueInfo(value.name, value)),
      output: [...outputs].map(([alias, value]) => encodeValueInfo(alias, value)),
      initializer: [...used].flatMap((value) =>
        value.data ? [encodeTensor(value.name, value.data, value)] : [],
      ),
      node: [
        ...nodes.map(({ op, inputs, attributes, outputs }) => ({
          opType: op,
          name: outputs[0].name,
          input: inputs.map(nameOf),
          output: outputs.map(nameOf),
          attribute: Object.entries(attributes).map(([key, value]) => encodeAttribute(op, key, value)),
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

function encodeAttribute(op: string, name: string, value: Attributes[string]) {
  const { FLOAT, INT, INTS, STRING, TENSOR } = onnx.AttributeProto.AttributeType;
  if (typeof value === 'string') return { name, type: STRING, s: new TextEncoder().encode(value) };
  if (value instanceof Float32Array) {
    return { name, type: TENSOR, t: encodeTensor('', value, { type: 'float32', shape: [value.length] }) };
  }
  if (typeof value !== 'number') return { name, type: INTS, ints: [...value] };
  if (opEntry(op).floats?.includes(name)) return { name, type: FLOAT, f: value };
  if (!Number.isInteger(value))
    throw new GraphError(`${op}: the attribute ${name} must be a whole number, not ${value}`);
  return { name, type: INT, i: value };
}

function encodeTensor(
  name: string,
  data: NonNullable<Value['data']>,
  { type, shape }: Pick<Value, 'type' | 'shape'>,
) {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dataType: TYPES[type], dims: shape as number[], rawData };
}

function encodeValueInfo(name: string, { type, shape }: Value) {
  const dim = shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: TYPES[type], shape: { dim } } } };
}
