import { KernelMemory } from '../kernels/kernels.ts';
import type { Rows } from './axes.ts';
import { LEAF, type Leaves } from './leaves.ts';
import type { Projection } from './projection.ts';
import { float32, int32 } from './shared-arrays.ts';

/** Rounds of refinement of an approximate search. */
export const ROUNDS = 2;

/** Leaves for whose rows the recall is measured. */
export const SAMPLED = 16;

/** Bytes for the work of a thread, in addition to its heaps. */
const PADDING = 4096;

/** A search for the k nearest neighbours of each row among the others, in shared memory. */
export interface SearchJob {
  readonly rows: Rows;
  readonly k: number;
  readonly projection: Projection;
  /** n × k, the result */
  readonly indices: Int32Array;
  readonly distances: Float32Array;
  /** n × width */
  readonly coordinates: Float32Array;
  readonly leaves: Leaves;
  /** The memory of the kernels, with the arrays below. */
  readonly memory: WebAssembly.Memory;
  /** The rows in the order of the leaves. */
  readonly order: Int32Array;
  /** The coordinates in that order, in panels of 8 rows: leaves × 64 × width. */
  readonly panels: Float32Array;
  /** Half the square of each norm; NaN after the last row. */
  readonly halves: Float32Array;
  /** The rows in that order, each filled up to a multiple of 4 values: n × pitch. */
  readonly values: Float32Array;
  /** Only for an approximate search. */
  readonly refinement: Refinement | undefined;
  /** For each thread, the k best squared distances of a leaf's rows (64 × k), their rows, their number, and limits. */
  readonly work: readonly Work[];
}

export interface Work {
  readonly best: Float64Array;
  readonly places: Int32Array;
  readonly counts: Int32Array;
  readonly limits: Float32Array;
}

/** What an approximate search needs in addition to an exact one. */
export interface Refinement {
  /** The neighbours of each row before a round, n × k. The round writes the result. */
  readonly graph: Int32Array;
  /** Where each row is in the order of the leaves. */
  readonly rank: Int32Array;
  /** For each thread, a number for each row. */
  readonly seen: readonly Int32Array[];
  /** For each sampled leaf, how many of its rows' true neighbours have been found, and of how many. */
  readonly recall: Int32Array;
}

/** Values of a row in memory. */
export const pitchOf = (d: number): number => 4 * Math.ceil(d / 4);

/** Allocates a search of some threads, exact or approximate. */
export function createSearch(
  rows: Rows,
  k: number,
  projection: Projection,
  threads: number,
  approximate = false,
): SearchJob {
  const { n, d } = rows;
  const { width } = projection;
  const pitch = pitchOf(d);
  const leaves = Math.ceil(n / LEAF);
  const points = leaves * LEAF;
  const memory = new KernelMemory(
    4 * (2 * points + points * width + points * pitch) +
      threads * (12 * LEAF * k + 8 * LEAF + PADDING) +
      PADDING +
      (approximate ? refinementBytes(n, k, threads) : 0),
  );
  return {
    rows,
    k,
    projection,
    indices: int32(n * k),
    distances: float32(n * k),
    coordinates: float32(n * width),
    leaves: {
      low: float32(leaves * width),
      high: float32(leaves * width),
      centre: float32(leaves * width),
      radius: float32(leaves),
    },
    memory: memory.memory,
    order: memory.i32(points),
    panels: memory.f32(points * width),
    halves: memory.f32(points),
    values: memory.f32(points * pitch),
    refinement: approximate ? createRefinement(memory, n, k, threads) : undefined,
    work: Array.from({ length: threads }, () => {
      const best = memory.f32(2 * LEAF * k);
      return {
        best: new Float64Array(best.buffer, best.byteOffset, LEAF * k),
        places: memory.i32(LEAF * k),
        counts: memory.i32(LEAF),
        limits: memory.f32(LEAF),
      };
    }),
  };
}

/** Bytes of the kernels' memory that a refinement takes. */
const refinementBytes = (n: number, k: number, threads: number): number =>
  4 * n * (k + 1 + threads) + 64 * (2 + threads);

function createRefinement(memory: KernelMemory, n: number, k: number, threads: number): Refinement {
  return {
    graph: memory.i32(n * k),
    rank: memory.i32(n),
    seen: Array.from({ length: threads }, () => memory.i32(n)),
    recall: int32(2 * SAMPLED),
  };
}
