import type { Graph, Node, Value } from './graph/graph.ts';
import { countElements, type Sizes } from './ir/dims.ts';
import { opEntry } from './ops/registry.ts';
import { clean } from './passes/clean.ts';

/** The memory of a graph, in bytes. */
export interface MemoryReport {
  /** Constants, and inputs whose size does not depend on the batch. */
  parameters: number;
  /** Inputs whose size depends on the batch. */
  batch: number;
  outputs: number;
  /** Results of the forward pass that live until the backward pass reads them. */
  saved: number;
  /** The most that intermediate results need at any time, including saved ones but not inputs and outputs. */
  peak: number;
}

/**
 * Measures the memory that a graph needs for these sizes of the named dimensions. The model is an engine that runs the
 * nodes in order and frees each result after its last use. Results share one block of memory, each in the smallest gap
 * that fits (best fit); an element-wise result overwrites an operand that is not used again, and a reshape stays where
 * its operand is. Scratch space inside operators does not count. The graph is measured as it is written, that is
 * cleaned. Throws a GraphError if a size is missing.
 */
export function measureMemory(graph: Graph, sizes: Sizes): MemoryReport {
  const cleaned = clean(graph);
  const { inputs, nodes, outputs } = cleaned;
  const bytes = ({ shape, type }: Value) => countElements(shape, sizes) * BYTES[type];
  const sum = (values: Iterable<Value>) => [...values].reduce((total, value) => total + bytes(value), 0);
  const named = new Set(inputs.filter(({ shape }) => shape.some((dim) => typeof dim === 'string')));
  const constants = nodes.flatMap((node) => node.inputs.filter(({ data }) => data));
  const storage = findStorage(nodes, new Set(outputs.values()));
  return {
    parameters: sum(new Set([...constants, ...inputs.filter((input) => !named.has(input))])),
    batch: sum(named),
    outputs: sum(outputs.values()),
    saved: sum(findSaved(cleaned, storage)),
    peak: measurePeak(nodes, storage, new Set(outputs.values()), bytes),
  };
}

const BYTES = { float32: 4, int64: 8, bool: 1 } as const;

/** The value whose memory each result uses: its own, or the one that it is a view of. */
function findStorage(nodes: readonly Node[], outputs: ReadonlySet<Value>): Map<Value, Value> {
  const storage = new Map<Value, Value>();
  for (const node of nodes) {
    for (const output of node.outputs) {
      const shared = opEntry(node.op).storage === 'view' && !outputs.has(output);
      storage.set(output, shared ? (storage.get(node.inputs[0]) ?? node.inputs[0]) : output);
    }
  }
  return storage;
}

/** The results of earlier passes that the last pass, the backward pass, reads. */
function findSaved({ nodes, pass: last }: Graph, storage: ReadonlyMap<Value, Value>): Set<Value> {
  const forward = new Set(nodes.filter(({ pass }) => pass < last).flatMap((node) => node.outputs));
  const read = nodes.filter(({ pass }) => pass === last).flatMap((node) => node.inputs);
  return new Set(read.map((value) => storage.get(value)!).filter((value) => forward.has(value)));
}

function measurePeak(
  nodes: readonly Node[],
  storage: ReadonlyMap<Value, Value>,
  outputs: ReadonlySet<Value>,
  bytes: (value: Value) => number,
): number {
  const stored = (value: Value) => storage.get(value) ?? value;
  const lastUse = new Map<Value, number>();
  for (const [i, node] of nodes.entries()) {
    for (const value of [...node.outputs, ...node.inputs]) lastUse.set(stored(value), i);
  }
  const arena = new Arena();
  const placed = new Map<Value, Block>();
  for (const [i, node] of nodes.entries()) {
    const results = node.outputs.filter((output) => stored(output) === output && !outputs.has(output));
    for (const result of results) {
      const size = bytes(result);
      const over = node.inputs.map(stored).find((value) => {
        return lastUse.get(value) === i && placed.get(value)?.size === size;
      });
      if (over && opEntry(node.op).storage === 'inPlace') {
        placed.set(result, placed.get(over)!);
        placed.delete(over);
      } else placed.set(result, arena.take(size));
    }
    for (const value of [...node.inputs, ...results].map(stored)) {
      const block = placed.get(value);
      if (!block || lastUse.get(value) !== i) continue;
      arena.give(block);
      placed.delete(value);
    }
  }
  return arena.end;
}

interface Block {
  start: number;
  size: number;
}

/** Memory that grows at its end, and its gaps, ordered by start; gaps that touch are merged. */
class Arena {
  end = 0;
  #gaps: Block[] = [];

  /** Takes a block from the smallest gap that fits, else at the end. */
  take(size: number): Block {
    const gap = this.#gaps.filter((gap) => gap.size >= size).sort((a, b) => a.size - b.size)[0];
    if (!gap) {
      const last = this.#gaps.at(-1);
      const start = last && last.start + last.size === this.end ? this.#gaps.pop()!.start : this.end;
      this.end = start + size;
      return { start, size };
    }
    const block = { start: gap.start, size };
    gap.start += size;
    gap.size -= size;
    this.#gaps = this.#gaps.filter((gap) => gap.size > 0);
    return block;
  }

  give(block: Block): void {
    const gaps: Block[] = [];
    for (const { start, size } of [...this.#gaps, block].sort((a, b) => a.start - b.start)) {
      const before = gaps.at(-1);
      if (before && before.start + before.size === start) before.size += size;
      else gaps.push({ start, size });
    }
    this.#gaps = gaps;
  }
}
