import { readFileSync } from 'node:fs';

/** The WebAssembly kernels. Pointers are byte offsets into the memory they were loaded over. */
export interface Kernels {
  adam(
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
  ): void;
  gather(source: number, columns: number, rows: number, n: number, scale: number, target: number): void;
}

const FILE = new URL('./build/kernels.wasm', import.meta.url);
const PAGE = 65536;
const ALIGN = 64;

/**
 * A fixed memory that typed arrays are taken from, and the kernels over it. It never grows, so that
 * the arrays stay valid; `bytes` is the sum of what will be taken, 64 bytes more for each.
 */
export class KernelMemory {
  readonly kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  #top = 0;

  constructor(bytes: number) {
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
    let binary: Uint8Array<ArrayBuffer>;
    try {
      binary = readFileSync(FILE);
    } catch {
      throw new Error('the kernels are not built: run npm run build:kernels');
    }
    const instance = new WebAssembly.Instance(new WebAssembly.Module(binary), {
      env: { memory: this.#memory },
    });
    this.kernels = instance.exports as unknown as Kernels;
  }

  f32(length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, this.#take(4 * length), length);
  }

  u32(length: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.#take(4 * length), length);
  }

  u8(length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.#take(length), length);
  }

  #take(bytes: number): number {
    const start = this.#top;
    this.#top = Math.ceil((start + bytes) / ALIGN) * ALIGN;
    if (this.#top > this.#memory.buffer.byteLength) throw new RangeError('the kernel memory is too small');
    return start;
  }
}
