import { createInflate } from 'node:zlib';
import { PngError } from './chunks.ts';

/** The bytes of a zlib stream that has to hold exactly `size`, inflated no sooner than they are read. */
export class Inflated {
  readonly #stream: ReturnType<typeof createInflate>;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #size: number;
  #chunk: Uint8Array = new Uint8Array(0);
  #used = 0;
  #total = 0;

  /** `compressed`: the stream, in pieces. */
  constructor(compressed: readonly Uint8Array[], size: number) {
    this.#size = size;
    this.#stream = createInflate({ chunkSize: 2 ** 16 });
    this.#chunks = this.#stream[Symbol.asyncIterator]();
    for (const piece of compressed) this.#stream.write(piece);
    this.#stream.end();
  }

  /** Fills `target` with the next bytes. Throws a {@link PngError} if there are not as many. */
  async read(target: Uint8Array): Promise<void> {
    for (let filled = 0; filled < target.length; ) {
      if (this.#used === this.#chunk.length && !(await this.#next())) {
        throw new PngError(
          `the PNG is damaged: it holds ${this.#total} bytes, its header tells of ${this.#size}`,
        );
      }
      const part = this.#chunk.subarray(this.#used, this.#used + target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.#used += part.length;
    }
  }

  /** Throws a {@link PngError} if there are bytes left, or the stream is not whole. */
  async end(): Promise<void> {
    if (this.#used < this.#chunk.length || (await this.#next())) {
      throw new PngError(
        `the PNG is damaged: it holds more than the ${this.#size} bytes that its header tells of`,
      );
    }
  }

  /** Frees the stream, wherever it stands. */
  close(): void {
    this.#stream.destroy();
  }

  async #next(): Promise<boolean> {
    try {
      const { done, value } = await this.#chunks.next();
      if (done) return false;
      this.#chunk = value;
      this.#used = 0;
      this.#total += value.length;
      return true;
    } catch (error) {
      throw new PngError(
        `the PNG is damaged: its pixels cannot be decompressed (${(error as Error).message})`,
      );
    }
  }
}
