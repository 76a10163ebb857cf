import { EngineMemory } from './memory/memory.ts';

/** Codes quantised to 8 bits per dimension, in the kernels' memory. A code is `minimum + step × byte`. */
export class CodeDistances {
  readonly #memory: EngineMemory;
  readonly #minimum: Float32Array;
  readonly #count: number;
  /** Where things are, in bytes. */
  readonly #codes: number;
  readonly #shift: number;
  readonly #step: number;
  readonly #result: number;

  /** `quantised`: count × dims, row-major; `minimum` and `step` have dims numbers. */
  constructor(kernels: WebAssembly.Module, quantised: Uint8Array, minimum: Float32Array, step: Float32Array) {
    const memory = new EngineMemory(kernels);
    this.#memory = memory;
    this.#minimum = minimum;
    this.#count = quantised.length / minimum.length;
    this.#codes = memory.take(quantised.length / 4);
    this.#shift = memory.take(minimum.length);
    this.#step = memory.take(step.length);
    this.#result = memory.take(this.#count);
    new Uint8Array(memory.floats.buffer).set(quantised, this.#codes);
    memory.floats.set(step, this.#step / 4);
  }

  /** The squared Euclidean distance of each code from this one. The result is overwritten by the next call. */
  squared(code: Float32Array): Float32Array {
    const { kernels, floats } = this.#memory;
    const shift = this.#minimum.map((minimum, j) => minimum - code[j]!);
    floats.set(shift, this.#shift / 4);
    kernels.codeDistances(this.#codes, this.#shift, this.#step, this.#result, this.#count, shift.length);
    return floats.subarray(this.#result / 4, this.#result / 4 + this.#count);
  }
}
