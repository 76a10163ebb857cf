import { builtin } from './host.ts';

/**
 * The WebAssembly kernels. Pointers are byte offsets into the memory that they were loaded over; pointers to floats are
 * multiples of 16. `n` counts floats, for optimisers and gradients a multiple of 4. `decay` is the rate times the weight
 * decay.
 */
export interface Kernels {
  sgd(w: number, g: number, n: number, rate: number, decay: number): void;
  momentum(w: number, g: number, m: number, n: number, rate: number, mu: number, decay: number): void;
  nesterov(w: number, g: number, m: number, n: number, rate: number, mu: number, decay: number): void;
  rmsprop(
    w: number,
    g: number,
    v: number,
    n: number,
    rate: number,
    rho: number,
    epsilon: number,
    decay: number,
  ): void;
  adamw(
    w: number,
    g: number,
    m: number,
    v: number,
    n: number,
    rate: number,
    beta1: number,
    beta2: number,
    correction2: number,
    epsilon: number,
    decay: number,
  ): void;

  sumOfSquares(x: number, n: number): number;
  scale(x: number, n: number, factor: number): void;
  clip(x: number, n: number, limit: number): void;
  accumulate(x: number, y: number, n: number): void;

  /**
   * The discrete Fourier transform of four signals of n complex numbers at x, n without a prime factor above 5: a number of
   * all four is four real parts and four imaginary ones. Both x and y have 32 × n bytes; returns which has the result.
   * `twiddles` has n pairs, the real and imaginary part of exp(−2πi j / n).
   */
  fft(x: number, y: number, n: number, twiddles: number): number;
  /** What t-SNE does on a grid: see tsne/gradient-interpolation.ts. */
  sortPoints(
    y: number,
    n: number,
    dims: number,
    left: number,
    bottom: number,
    back: number,
    perLine: number,
    rows: number,
    start: number,
    order: number,
    places: number,
  ): void;
  spreadPoints(
    start: number,
    places: number,
    first: number,
    stride: number,
    scratch: number,
    density: number,
  ): void;
  transformRows(
    rows: number,
    stride: number,
    first: number,
    count: number,
    lines: number,
    twiddles: number,
    work: number,
    spectrum: number,
  ): void;
  convolveColumns(block: number, lines: number, twiddles: number, work: number, kernel: number): void;
  convolveColumns3(block: number, lines: number, twiddles: number, work: number, kernel: number): void;
  restoreRows(
    spectrum: number,
    first: number,
    count: number,
    lines: number,
    twiddles: number,
    work: number,
    field: number,
    stride: number,
  ): void;
  gatherField(
    field: number,
    stride: number,
    perLine: number,
    order: number,
    places: number,
    first: number,
    end: number,
    scratch: number,
    forces: number,
  ): number;
  /** The same in space: `rows` is the number of rows in a plane. */
  spreadPoints3(
    start: number,
    places: number,
    firstPlane: number,
    firstRow: number,
    rows: number,
    stride: number,
    scratch: number,
    density: number,
  ): void;
  gatherField3(
    field: number,
    rows: number,
    stride: number,
    perLine: number,
    order: number,
    places: number,
    first: number,
    end: number,
    scratch: number,
    forces: number,
  ): number;
  /** The attractive forces of t-SNE on the points from `first` to `end`, in the plane and in space: see tsne/attraction.ts. */
  attract(
    rowStart: number,
    column: number,
    value: number,
    y: number,
    first: number,
    end: number,
    forces: number,
  ): void;

  attract3(
    rowStart: number,
    column: number,
    value: number,
    y: number,
    first: number,
    end: number,
    forces: number,
  ): void;
  /** The repulsive forces of t-SNE by a tree: see tsne/gradient-barnes-hut.ts. */
  repelByTree(
    nodes: number,
    size: number,
    sorted: number,
    targets: number,
    own: number,
    order: number,
    first: number,
    end: number,
    squaredTheta: number,
    dims: number,
    dof: number,
    scratch: number,
    forces: number,
  ): number;
  /**
   * Offers every row of a leaf to every query of another one, and returns the largest k-th best squared distance of the
   * queries. Each leaf has its panels of 8 points, half the square of each norm, its points, their indices and their
   * number: see kernels/assembly/tsne/neighbours.ts.
   */
  searchLeaf(
    a: number,
    halfA: number,
    x: number,
    own: number,
    queries: number,
    b: number,
    halfB: number,
    y: number,
    ids: number,
    rows: number,
    radius: number,
    width: number,
    pitch: number,
    scale: number,
    k: number,
    best: number,
    places: number,
    counts: number,
    limits: number,
  ): number;
  /** Offers to one row the neighbours of its neighbours: see kernels/assembly/tsne/neighbours.ts. */
  refineRow(
    place: number,
    order: number,
    rank: number,
    values: number,
    pitch: number,
    graph: number,
    k: number,
    breadth: number,
    mark: number,
    seen: number,
    best: number,
    places: number,
  ): void;
  /** Sorts the heap of one query: nearest first. */
  sortNearest(best: number, places: number, k: number): void;

  /** For noise, `n` is any number of floats; `lanes` points to {@link LANES_BYTES} bytes. */
  seedLanes(lanes: number, seed: number, stream: number, stepLow: number, stepHigh: number): void;
  uniform(target: number, n: number, lanes: number): void;
  normal(target: number, n: number, lanes: number): void;
  /** Turns 32 random bits per place into normal numbers; n is a multiple of 8. */
  boxMuller(target: number, n: number): void;
}

/** Working memory of the noise kernels: their state, and a block of 2048 numbers. */
export const LANES_BYTES = 64 + 4 * 2048;

const FILE = new URL('./build/kernels.wasm', import.meta.url);
const PAGE = 65536;
const ALIGN = 64;

/** The most bytes that a {@link KernelMemory} can have: what 32-bit pointers reach. */
export const MOST_KERNEL_BYTES = 65_536 * PAGE;

let compiled: WebAssembly.Module | undefined;

/** Loads the kernels over a memory, which several threads may share. */
export function loadKernels(memory: WebAssembly.Memory): Kernels {
  compiled ??= compileFile();
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  // What the module exports is what its source declares.
  return exports as typeof exports & Kernels;
}

function compileFile(): WebAssembly.Module {
  const files = builtin('node:fs');
  if (!files) throw new Error('the kernels are not ready: await prepareKernels() first');
  try {
    return new WebAssembly.Module(files.readFileSync(FILE));
  } catch {
    throw new Error('the kernels are not built: run npm run build:kernels');
  }
}

/**
 * Compiles the kernels, over HTTP where there are no files; after that, they can be loaded.
 *
 * @param module the kernels, if another thread has compiled them
 */
export async function prepareKernels(module?: WebAssembly.Module): Promise<WebAssembly.Module> {
  if (module) compiled = module;
  if (compiled) return compiled;
  if (builtin('node:fs')) compiled = compileFile();
  else {
    const response = await fetch(FILE);
    if (!response.ok) throw new Error(`${FILE.pathname} cannot be read: HTTP ${response.status}`);
    compiled = await WebAssembly.compile(await response.arrayBuffer());
  }
  return compiled;
}

/**
 * A fixed memory to take typed arrays from, and the kernels over it. It never grows, so the arrays stay valid. `bytes`
 * is the sum of what will be taken, plus 64 bytes for each array.
 */
export class KernelMemory {
  readonly kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  #top = 0;

  constructor(bytes: number) {
    const pages = Math.ceil(bytes / PAGE);
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.kernels = loadKernels(this.#memory);
  }

  /** The memory for another thread to load the kernels over. */
  get memory(): WebAssembly.Memory {
    return this.#memory;
  }

  f32(length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, this.#take(4 * length), length);
  }

  i32(length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, this.#take(4 * length), length);
  }

  u32(length: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.#take(4 * length), length);
  }

  u8(length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.#take(length), length);
  }

  /** The pointer to an array, for the kernels. Throws a RangeError if it is not in this memory. */
  pointer(array: Float32Array | Int32Array | Uint32Array | Uint8Array): number {
    if (array.buffer !== this.#memory.buffer) {
      throw new RangeError(
        `an array of length ${array.length} is not in the kernel memory: take it with f32, i32, u32 or u8`,
      );
    }
    return array.byteOffset;
  }

  #take(bytes: number): number {
    const start = this.#top;
    this.#top = Math.ceil((start + bytes) / ALIGN) * ALIGN;
    if (this.#top > this.#memory.buffer.byteLength) throw new RangeError('the kernel memory is too small');
    return start;
  }
}
