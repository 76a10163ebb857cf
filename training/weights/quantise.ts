import onnxProto, { type onnx as Onnx } from 'onnx-proto';
import { SCORER_INPUT, type WeightsName } from '../../bundle/scorer.ts';
import type { Matrix } from '../runtime/rows.ts';
import { runRows } from '../runtime/run-rows.ts';
import { createSession } from '../runtime/session.ts';
import { type Blocks, chooseBlocks, roundAll } from './blocks.ts';
import { canFeedBack, roundWithFeedback } from './feedback.ts';
import { replaceNorms } from './norms.ts';

const { onnx } = onnxProto;
const { FLOAT, FLOAT16, INT8, INT64 } = onnx.TensorProto.DataType;
const { INT } = onnx.AttributeProto.AttributeType;

/** Constants with fewer values stay as they are: they add little to the size. */
const LEAST_VALUES = 1024;
/** With int8, constants with fewer values than this share of the largest get half precision: that costs little size. */
const LEAST_INT8 = 1 / 4;
/** Half precision must hold a constant to this, relative to its largest value. */
const HALF_ERROR = 2 ** -10;

/** The operators that multiply by a matrix, and which of their inputs it is. */
const FACTORS: Readonly<Record<string, number>> = { Gemm: 1, MatMul: 1, Conv: 1, ConvTranspose: 1 };

/** A float32 constant that products are computed with, and the operators that read it. */
interface Weights {
  readonly tensor: Onnx.ITensorProto;
  readonly values: Float32Array;
  readonly readers: readonly Onnx.INodeProto[];
}

/**
 * Stores the matrices of `scorer.onnx` in half precision, or the largest of them in 8 bits, with a scale for each block
 * of 32 values. Operators of ONNX make float32 of them again. `samples`: raw rows like those that will be scored, to round
 * for.
 */
export async function quantise(
  model: Uint8Array,
  weights: Exclude<WeightsName, 'f32'>,
  samples: Matrix,
): Promise<Uint8Array> {
  const decoded = onnx.ModelProto.decode(model);
  const graph = decoded.graph!;
  const found = findWeights(graph);
  const most = found.reduce((largest, { values }) => Math.max(largest, values.length), 0);
  const inBlocks = weights === 'int8' ? found.filter(({ values }) => values.length >= LEAST_INT8 * most) : [];
  const inputs = await readInputs(model, inBlocks, samples);
  const replaced = new Map<Onnx.ITensorProto, Onnx.ITensorProto[]>();
  const nodes: Onnx.INodeProto[] = [];
  const initializers = graph.initializer ?? [];
  for (const one of found) {
    const made = (inBlocks.includes(one) && packInBlocks(one, inputs.get(one))) || packInHalves(one);
    if (!made) continue;
    replaced.set(one.tensor, made.tensors);
    nodes.push(...made.nodes);
    for (const [norms, changed] of replaceNorms(initializers, one.readers, one.values, made.values)) {
      replaced.set(norms, [changed]);
    }
  }
  const initializer = initializers.flatMap((tensor) => replaced.get(tensor) ?? [tensor]);
  const node = [...nodes, ...(graph.node ?? [])];
  return onnx.ModelProto.encode({ ...decoded, graph: { ...graph, initializer, node } }).finish();
}

/** The constants that are the matrices of products; rows may be gathered from them, too. */
function findWeights(graph: Onnx.IGraphProto): Weights[] {
  return (graph.initializer ?? []).flatMap((tensor) => {
    if (tensor.dataType !== FLOAT || !tensor.rawData || tensor.rawData.length < 4 * LEAST_VALUES) return [];
    const readers = (graph.node ?? []).filter(({ input }) => input?.includes(tensor.name!));
    const multiplies = (node: Onnx.INodeProto) => node.input![FACTORS[node.opType!]] === tensor.name;
    const gathers = (node: Onnx.INodeProto) => node.opType === 'Gather' && node.input![0] === tensor.name;
    if (!readers.some(multiplies) || !readers.every((node) => multiplies(node) || gathers(node))) return [];
    return [{ tensor, values: new Float32Array(new Uint8Array(tensor.rawData).buffer), readers }];
  });
}

/** What matrices are multiplied with when samples are scored, n × d each, where that is known. */
async function readInputs(
  model: Uint8Array,
  found: readonly Weights[],
  samples: Matrix,
): Promise<ReadonlyMap<Weights, Matrix>> {
  const names = new Map(
    found.flatMap((one): [Weights, string][] => {
      const [reader, ...others] = one.readers;
      const plain = others.length === 0 && isPlainProduct(reader) && one.tensor.dims?.length === 2;
      return plain ? [[one, reader.input![0]]] : [];
    }),
  );
  const wanted = [...new Set(names.values())].filter((name) => name !== SCORER_INPUT);
  const read = wanted.length === 0 ? {} : await runInside(model, wanted, samples);
  const values: Record<string, Float32Array> = { ...read, [SCORER_INPUT]: samples.values };
  return new Map(
    [...names].map(([one, input]) => {
      const d = Number(one.tensor.dims![0]);
      return [one, { values: values[input], n: values[input].length / d, d }];
    }),
  );
}

/** Whether a node is a product of rows by a matrix, none of them transposed. */
const isPlainProduct = ({ opType, attribute }: Onnx.INodeProto): boolean =>
  (opType === 'Gemm' || opType === 'MatMul') &&
  !attribute?.some(({ name, i }) => (name === 'transA' || name === 'transB') && Number(i) !== 0);

/** Runs a model over samples for values inside its graph. */
async function runInside(model: Uint8Array, names: readonly string[], samples: Matrix) {
  const decoded = onnx.ModelProto.decode(model);
  const graph = { ...decoded.graph!, output: names.map((name) => ({ name })) };
  await using session = await createSession(onnx.ModelProto.encode({ ...decoded, graph }).finish());
  return await runRows(session, samples, names, { input: SCORER_INPUT, chunk: 256 });
}

/** What stands for a constant: tensors, the nodes that make it of them under its name, and its values then. */
interface Packed {
  readonly values: Float32Array;
  readonly tensors: Onnx.ITensorProto[];
  readonly nodes: Onnx.INodeProto[];
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Undefined if half precision cannot hold the values. */
function packInHalves({ tensor, values }: Weights): Packed | undefined {
  const halves = new Float16Array(values);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!values.every((value, p) => Math.abs(halves[p] - value) <= HALF_ERROR * largest)) return undefined;
  const name = `${tensor.name}/half`;
  return {
    values: Float32Array.from(halves),
    tensors: [{ name, dims: tensor.dims, dataType: FLOAT16, rawData: bytesOf(halves) }],
    nodes: [
      {
        opType: 'Cast',
        name: tensor.name,
        input: [name],
        output: [tensor.name!],
        attribute: [{ name: 'to', type: INT, i: FLOAT }],
      },
    ],
  };
}

/**
 * Undefined if the values cannot be divided into blocks. With the shape restored behind it, onnxruntime computes the
 * product in float32; right behind DequantizeLinear, it would round the other factor to 8 bits, too.
 */
function packInBlocks({ tensor, values }: Weights, inputs: Matrix | undefined): Packed | undefined {
  const blocks = chooseBlocks(values);
  if (!blocks) return undefined;
  const { size, scales } = blocks;
  const rounded = round(values, blocks, inputs);
  const named = (part: string) => `${tensor.name}/${part}`;
  const shape = BigInt64Array.from(tensor.dims ?? [], (d) => BigInt(Number(d)));
  return {
    values: Float32Array.from(rounded, (value, p) => value * scales[Math.floor(p / size)]),
    tensors: [
      {
        name: named('int8'),
        dims: [scales.length, size],
        dataType: INT8,
        rawData: bytesOf(rounded),
      },
      { name: named('scales'), dims: [scales.length], dataType: FLOAT, rawData: bytesOf(scales) },
      { name: named('shape'), dims: [shape.length], dataType: INT64, rawData: bytesOf(shape) },
    ],
    nodes: [
      {
        opType: 'DequantizeLinear',
        name: named('blocks'),
        input: [named('int8'), named('scales')],
        output: [named('blocks')],
        attribute: [{ name: 'axis', type: INT, i: 0 }],
      },
      {
        opType: 'Reshape',
        name: tensor.name,
        input: [named('blocks'), named('shape')],
        output: [tensor.name!],
      },
    ],
  };
}

const round = (values: Float32Array, blocks: Blocks, inputs: Matrix | undefined): Int8Array =>
  inputs && canFeedBack(inputs) ? roundWithFeedback(values, blocks, inputs) : roundAll(values, blocks);
