import { EngineError } from './error.ts';
import { decodeHalf } from './half.ts';
import { Fields } from './protobuf.ts';

export type Shape = readonly number[];

/** What the numbers of a constant are in: an array, the bytes of floats, or something that is decoded on each use. */
type Stored =
  | { readonly numbers: ArrayLike<number> }
  | { readonly floats: Uint8Array }
  | { readonly source: unknown; readonly decode: () => Float32Array };

/** A constant of the graph, row-major. Large ones stay in the bytes of the model, wherever these begin. */
export class Constant {
  readonly shape: Shape;
  readonly length: number;
  readonly #stored: Stored;

  constructor(shape: Shape, stored: Stored) {
    this.shape = shape;
    this.length = shape.reduce((a, b) => a * b, 1);
    this.#stored = stored;
  }

  /** The bytes of floats, little-endian; undefined for other numbers. */
  get floats(): Uint8Array | undefined {
    return 'floats' in this.#stored ? this.#stored.floats : undefined;
  }

  /** What the numbers are in: the same for the same numbers in another shape. */
  get source(): unknown {
    const stored = this.#stored;
    return 'numbers' in stored ? stored.numbers : 'floats' in stored ? stored.floats : stored.source;
  }

  /** The numbers; a copy, unless they are in an array. */
  get values(): ArrayLike<number> {
    const stored = this.#stored;
    if ('numbers' in stored) return stored.numbers;
    return 'floats' in stored ? new Float32Array(new Uint8Array(stored.floats).buffer) : stored.decode();
  }

  /** The same numbers in another shape. */
  withShape(shape: Shape): Constant {
    return new Constant(shape, this.#stored);
  }
}

export type Attribute = number | string | readonly number[] | Constant;

/** An operator with the names of what it reads and writes; an input that is left out has no name. */
export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** What the engine reads of an ONNX model. */
export interface Model {
  /** The name of its only input, and one sample's shape: the first dimension is open. */
  readonly input: { readonly name: string; readonly shape: Shape };
  readonly outputs: readonly string[];
  /** In an order in which each comes after those that it needs. */
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<string, Constant>;
}

/** The type of data in a TensorProto. */
const [FLOAT, INT8, INT32, INT64, BOOL, FLOAT16] = [1, 3, 6, 7, 9, 10];

/** Bytes of a number of each type that the engine reads. */
const SIZES = new Map([
  [FLOAT, 4],
  [INT8, 1],
  [INT32, 4],
  [INT64, 8],
  [BOOL, 1],
  [FLOAT16, 2],
]);

/** Opsets of which the operators here are part, with the same meaning. */
const OPSETS = [13, 17] as const;

/** Reads an ONNX model (onnx.proto3 of IR version 8). Throws an {@link EngineError} if it is damaged or of another kind. */
export function parseModel(bytes: Uint8Array): Model {
  let graph: Fields | undefined;
  let opset = 0;
  const fields = new Fields(bytes);
  while (fields.next()) {
    if (fields.number === 7) graph = fields.message();
    else if (fields.number === 8) {
      const { domain, version } = parseOpset(fields.message());
      if (domain === '' || domain === 'ai.onnx') opset = version;
      else throw new EngineError(`the model has operators of ${domain}, which the engine does not know`);
    } else fields.skip();
  }
  if (!graph) throw new EngineError('this is not an ONNX model: it has no graph');
  if (opset < OPSETS[0] || opset > OPSETS[1]) {
    throw new EngineError(`the model is of opset ${opset}: the engine reads ${OPSETS[0]} to ${OPSETS[1]}`);
  }
  return parseGraph(graph);
}

function parseOpset(fields: Fields): { domain: string; version: number } {
  const found = { domain: '', version: 0 };
  while (fields.next()) {
    if (fields.number === 1) found.domain = fields.text();
    else if (fields.number === 2) found.version = fields.int();
    else fields.skip();
  }
  return found;
}

function parseGraph(fields: Fields): Model {
  const nodes: Node[] = [];
  const constants = new Map<string, Constant>();
  const inputs: Model['input'][] = [];
  const outputs: string[] = [];
  while (fields.next()) {
    if (fields.number === 1) nodes.push(parseNode(fields.message()));
    else if (fields.number === 5) {
      const { name, constant } = parseTensor(fields.message());
      constants.set(name, constant);
    } else if (fields.number === 11) inputs.push(parseValueInfo(fields.message()));
    else if (fields.number === 12) outputs.push(parseValueInfo(fields.message()).name);
    else fields.skip();
  }
  const open = inputs.filter(({ name }) => !constants.has(name));
  const [input] = open;
  if (open.length !== 1 || !input) {
    throw new EngineError(`the model has ${open.length} inputs: the engine runs models of one`);
  }
  return { input, outputs, nodes, constants };
}

function parseNode(fields: Fields): Node {
  const node = {
    op: '',
    inputs: [] as string[],
    outputs: [] as string[],
    attributes: {} as Record<string, Attribute>,
  };
  while (fields.next()) {
    if (fields.number === 1) node.inputs.push(fields.text());
    else if (fields.number === 2) node.outputs.push(fields.text());
    else if (fields.number === 4) node.op = fields.text();
    else if (fields.number === 5) {
      const [name, value] = parseAttribute(fields.message());
      node.attributes[name] = value;
    } else fields.skip();
  }
  return node;
}

function parseAttribute(fields: Fields): [string, Attribute] {
  let name = '';
  let value: Attribute = [];
  while (fields.next()) {
    if (fields.number === 1) name = fields.text();
    else if (fields.number === 2) value = fields.float();
    else if (fields.number === 3) value = fields.int();
    else if (fields.number === 4) value = fields.text();
    else if (fields.number === 5) value = parseTensor(fields.message()).constant;
    else if (fields.number === 7) value = [...(value as number[]), ...fields.floats()];
    else if (fields.number === 8) value = [...(value as number[]), ...fields.ints()];
    else fields.skip();
  }
  return [name, value];
}

function parseTensor(fields: Fields): { name: string; constant: Constant } {
  let name = '';
  let type = 0;
  let raw: Uint8Array | undefined;
  const shape: number[] = [];
  const listed: number[] = [];
  while (fields.next()) {
    if (fields.number === 1) shape.push(...fields.ints());
    else if (fields.number === 2) type = fields.int();
    else if (fields.number === 4) for (const value of fields.floats()) listed.push(value);
    else if (fields.number === 5 || fields.number === 7)
      for (const value of fields.ints()) listed.push(value);
    else if (fields.number === 8) name = fields.text();
    else if (fields.number === 9) raw = fields.bytes();
    else if (fields.number === 14) throw new EngineError(`${name}: the engine reads no external data`);
    else fields.skip();
  }
  // Half precision that is listed is so by its bits.
  if (type === FLOAT16) raw ??= new Uint8Array(Uint16Array.from(listed).buffer);
  const bytes = SIZES.get(type);
  if (bytes === undefined) throw new EngineError(`${name}: the engine reads no tensors of type ${type}`);
  if (raw && raw.length % bytes !== 0) {
    throw new EngineError(`${name}: ${raw.length} bytes are not whole numbers of ${bytes}`);
  }
  assertSize(name, shape);
  const length = raw ? raw.length / bytes : listed.length;
  if (length !== shape.reduce((a, b) => a * b, 1)) {
    throw new EngineError(`${name}: ${length} values do not make a tensor of ${shape.join(' × ')}`);
  }
  return { name, constant: new Constant(shape, raw ? readRaw(type, raw) : { numbers: listed }) };
}

/** Most numbers in a tensor. */
const LARGEST = 2 ** 27;

/** Throws an {@link EngineError} unless all dimensions are sizes, of a tensor that fits into memory. */
export function assertSize(name: string, shape: Shape): void {
  const size = shape.reduce((a, b) => a * b, 1);
  if (size <= LARGEST && shape.every((d) => Number.isInteger(d) && d >= 0)) return;
  throw new EngineError(`${name}: a tensor of [${shape.join(', ')}] is not supported`);
}

function readRaw(type: number, raw: Uint8Array): Stored {
  if (type === FLOAT) return { floats: raw };
  if (type === FLOAT16) return { source: raw, decode: () => decodeHalf(raw) };
  if (type === INT8) return { numbers: new Int8Array(raw.buffer, raw.byteOffset, raw.length) };
  const { buffer } = new Uint8Array(raw);
  if (type === INT64) return { numbers: Float64Array.from(new BigInt64Array(buffer), Number) };
  return { numbers: type === BOOL ? raw : new Int32Array(buffer) };
}

function parseValueInfo(fields: Fields): { name: string; shape: Shape } {
  let name = '';
  let shape: Shape = [];
  while (fields.next()) {
    if (fields.number === 1) name = fields.text();
    else if (fields.number === 2) shape = parseType(fields.message());
    else fields.skip();
  }
  return { name, shape };
}

/** The dimensions of a tensor's type from the second on: the first one counts samples. */
function parseType(fields: Fields): Shape {
  const dims: number[] = [];
  while (fields.next()) {
    if (fields.number !== 1) {
      fields.skip();
      continue;
    }
    const tensor = fields.message();
    while (tensor.next()) {
      if (tensor.number !== 2) {
        tensor.skip();
        continue;
      }
      const shape = tensor.message();
      while (shape.next()) {
        if (shape.number !== 1) {
          shape.skip();
          continue;
        }
        const dim = shape.message();
        let value = 0;
        while (dim.next()) {
          if (dim.number === 1) value = dim.int();
          else dim.skip();
        }
        dims.push(value);
      }
    }
  }
  const shape = dims.slice(1);
  assertSize('the input', shape);
  return shape;
}
