import type { InferenceKernels } from '../../kernels/inference.ts';
import type { Constant } from '../onnx/model.ts';

const PAGE = 65_536;
/** It grows by at least this many pages: an untouched page takes no memory. */
const LEAST_PAGES = 64;
/** Everything begins at a multiple of this many bytes. */
const ALIGN = 64;

/** The memory of the kernels, from which blocks are taken one after the other. */
export class EngineMemory {
  readonly kernels: InferenceKernels;
  readonly #memory: WebAssembly.Memory;
  #top: number;
  #shared = { start: 0, bytes: 0 };
  /** All of it; another array after the memory has grown. */
  floats: Float32Array;

  constructor(kernels: WebAssembly.Module) {
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
    const { exports } = new WebAssembly.Instance(kernels, { env: { memory: this.#memory } });
    // What the module exports is what its source declares.
    this.kernels = exports as typeof exports & InferenceKernels;
    this.#top = align(this.kernels.freeFrom());
    this.floats = new Float32Array(this.#memory.buffer);
  }

  /** Bytes that are taken. */
  get used(): number {
    return this.#top;
  }

  /** Takes a block for so many floats, and returns where it begins, in bytes. */
  take(length: number): number {
    const start = this.#top;
    this.#top = start + align(4 * length);
    const missing = this.#top - this.#memory.buffer.byteLength;
    if (missing > 0) {
      this.#memory.grow(Math.max(LEAST_PAGES, Math.ceil(missing / PAGE)));
      this.floats = new Float32Array(this.#memory.buffer);
    }
    return start;
  }

  /**
   * A block of so many bytes for the values of a run, the same for all programs: one runs at a time. It is another one
   * when it must be larger, and who has the old one keeps it.
   */
  share(bytes: number): number {
    if (bytes > this.#shared.bytes) {
      const rounded = 2 ** Math.ceil(Math.log2(bytes));
      this.#shared = { start: this.take(rounded / 4), bytes: rounded };
    }
    return this.#shared.start;
  }

  /** Copies a constant to a place. */
  write(constant: Constant, at: number): void {
    if (constant.floats) new Uint8Array(this.#memory.buffer).set(constant.floats, at);
    else this.floats.set(constant.values, at / 4);
  }
}

export const align = (bytes: number): number => Math.ceil(bytes / ALIGN) * ALIGN;
