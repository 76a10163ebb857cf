import { Arena } from './memory/arena.ts';
import type { EngineMemory } from './memory/memory.ts';
import { EngineError } from './onnx/error.ts';
import { assertSize, type Model, type Node, type Shape } from './onnx/model.ts';
import {
  type Call,
  type Fill,
  fillFrom,
  type Op,
  type Operand,
  type Places,
  type Plan,
  type Step,
  sizeOf,
} from './ops/op.ts';
import { operators } from './ops/registry.ts';

/** The constants in memory, by what they were derived from. */
export class Constants {
  readonly #memory: EngineMemory;
  readonly #parts = new Map<unknown, Map<string, number>>();

  constructor(memory: EngineMemory) {
    this.#memory = memory;
  }

  /** Where a constant is, which is made on first use; zeros up to `length`. */
  place([of, ...rest]: readonly unknown[], length: number, fill: Fill): number {
    const known = this.#parts.get(of) ?? new Map<string, number>();
    this.#parts.set(of, known);
    const key = rest.join();
    const found = known.get(key);
    if (found !== undefined) return found;
    const at = this.#memory.take(length);
    fill(this.#memory, at);
    known.set(key, at);
    return at;
  }
}

/** A graph for a fixed number of samples, ready to run. */
export interface Program {
  /** Where the samples go, in floats. */
  readonly input: number;
  readonly steps: readonly Step[];
  /** Where the outputs are, and how many floats each has. */
  readonly outputs: ReadonlyMap<string, { readonly at: number; readonly length: number }>;
}

/** A value of the graph: a constant, or a block of memory, which it may share with others. */
interface Value extends Operand {
  readonly block: Block | undefined;
}

interface Block {
  readonly bytes: number;
  at: number;
  /** The number of the last step that reads it; infinite for an output. */
  last: number;
}

/** The nodes that some outputs need, in the graph's order. Relu behind a product that nothing else reads is part of it. */
export function neededNodes({ nodes }: Model, outputs: readonly string[]): Node[] {
  const needed = new Set(outputs);
  const kept: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    kept.push(node);
    for (const name of node.inputs) needed.add(name);
  }
  return joinRelu(kept.reverse(), new Set(outputs));
}

function joinRelu(nodes: readonly Node[], outputs: ReadonlySet<string>): Node[] {
  const readers = new Map<string, number>();
  for (const { inputs } of nodes) for (const name of inputs) readers.set(name, (readers.get(name) ?? 0) + 1);
  const followers = new Map<string, Node>();
  for (const node of nodes) if (node.op === 'Relu') followers.set(node.inputs[0]!, node);
  const joined = new Set<Node>();
  const result: Node[] = [];
  for (const node of nodes) {
    const [made] = node.outputs;
    const relu = node.op === 'Gemm' ? followers.get(made!) : undefined;
    if (relu && readers.get(made!) === 1 && !outputs.has(made!)) {
      joined.add(relu);
      result.push({ ...node, outputs: relu.outputs, attributes: { ...node.attributes, relu: 1 } });
    } else if (!joined.has(node)) result.push(node);
  }
  return result;
}

/** The names of operators in a model that the engine does not have. */
export const foreignOperators = ({ nodes }: Model): string[] => [
  ...new Set(nodes.map(({ op }) => op).filter((op) => !operators.has(op))),
];

/**
 * Plans a run for n samples: shapes, places in memory, steps. Throws an {@link EngineError} if an operator is not
 * supported, or an output unknown.
 */
export function compile(
  model: Model,
  n: number,
  outputs: readonly string[],
  memory: EngineMemory,
  constants: Constants,
): Program {
  const nodes = neededNodes(model, outputs);
  const values = new Map<string, Value>();
  for (const [name, constant] of model.constants)
    values.set(name, { shape: constant.shape, constant, block: undefined });
  const input: Block = { bytes: 4 * n * sizeOf(model.input.shape), at: 0, last: 0 };
  values.set(model.input.name, { shape: [n, ...model.input.shape], block: input });

  const planned = nodes.map((node, step) => planNode(node, step, values));
  for (const name of outputs) {
    const value = values.get(name);
    if (!value) throw new EngineError(`the model has no output ${name}`);
    if (value.block) value.block.last = Number.POSITIVE_INFINITY;
  }
  const { size, scratches } = layOut(input, planned);
  const base = memory.share(size);
  const locate = ({ block, constant }: Value): number =>
    block ? base + block.at : constants.place([constant!.source], constant!.length, fillFrom(constant!));
  const steps = planned.flatMap(({ plan, inputs, outputs }, step): Step[] => {
    if (!plan.start) return [];
    const places: Places = {
      kernels: memory.kernels,
      outputs: outputs.map((value) => (value ? locate(value) : -1)),
      scratch: base + scratches[step]!,
      floats: () => memory.floats,
      input: (i) => locate(inputs[i]!),
      derived: (key, length, fill) => constants.place(key, length, fill),
    };
    return [plan.start(places)];
  });
  const found = outputs.map((name) => {
    const value = values.get(name)!;
    return [name, { at: locate(value) / 4, length: sizeOf(value.shape) }] as const;
  });
  return { input: (base + input.at) / 4, steps, outputs: new Map(found) };
}

interface Planned {
  readonly plan: Plan;
  readonly inputs: readonly (Value | undefined)[];
  /** Without a value where nothing reads the output. */
  readonly outputs: readonly (Value | undefined)[];
}

/** Plans a node, and enters what it makes into the values. */
function planNode(node: Node, step: number, values: Map<string, Value>): Planned {
  const op = operators.get(node.op);
  if (!op) throw new EngineError(`the engine has no operator ${node.op}`);
  const inputs = node.inputs.map((name): Value | undefined => {
    if (name === '') return undefined;
    const value = values.get(name);
    if (!value) throw new EngineError(`${node.op} reads ${name}, which nothing has made`);
    return value;
  });
  const plan = planCall(op, { node, inputs });
  if (node.outputs.length > plan.shapes.length) {
    throw new EngineError(`${node.op}: ${node.outputs.length} outputs are not supported`);
  }
  for (const shape of plan.shapes) assertSize(node.op, shape);
  for (const value of inputs) if (value?.block) value.block.last = Math.max(value.block.last, step);
  const outputs = node.outputs.map((name, i): Value | undefined => {
    if (name === '') return undefined;
    const value = makeValue(plan, i, inputs);
    values.set(name, value);
    return value;
  });
  return { plan, inputs, outputs };
}

/** Plans a call. What an operator does not expect, such as an input too few, is a use that it does not support. */
function planCall(op: Op, call: Call): Plan {
  try {
    return op(call);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError(`${call.node.op}: this use of it is not supported (${(error as Error).message})`);
  }
}

function makeValue(plan: Plan, i: number, [source]: readonly (Value | undefined)[]): Value {
  const shape = plan.shapes[i]!;
  if (plan.constant) return { shape, constant: plan.constant, block: undefined };
  if (plan.view && source) {
    return { shape, block: source.block, constant: source.constant?.withShape(shape) };
  }
  return { shape, block: newBlock(shape) };
}

const newBlock = (shape: Shape): Block => ({ bytes: 4 * sizeOf(shape), at: -1, last: -1 });

/** Gives each block a place: over an input that is not read again, or wherever there is room. */
function layOut(input: Block, planned: readonly Planned[]): { size: number; scratches: number[] } {
  const arena = new Arena();
  const live = new Set<Block>([input]);
  input.at = arena.take(input.bytes);
  const scratches = planned.map(({ plan, inputs, outputs }, step) => {
    const made = outputs.flatMap((value) => (value?.block && value.block.at < 0 ? [value.block] : []));
    const [first] = made;
    const over = (plan.over ?? [])
      .map((i) => inputs[i]?.block)
      .find((block) => block && block.last === step && block.bytes === first?.bytes && live.has(block));
    if (first && over) {
      first.at = over.at;
      live.delete(over);
    }
    for (const block of made) {
      if (block !== first || !over) block.at = arena.take(block.bytes);
      live.add(block);
    }
    const bytes = 4 * (plan.scratch ?? 0);
    const scratch = bytes > 0 ? arena.take(bytes) : 0;
    if (bytes > 0) arena.free(scratch, bytes);
    for (const block of live) {
      if (block.last > step) continue;
      live.delete(block);
      arena.free(block.at, block.bytes);
    }
    return scratch;
  });
  return { size: arena.size, scratches };
}
