import { Buffer } from 'node:buffer';
import { createInflate } from 'node:zlib';
import { PngError } from './chunks.ts';

/** Inflates a zlib stream, which must hold exactly `size` bytes, as they are read. */
export class Inflater {
  readonly #stream: ReturnType<typeof createInflate>;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #size: number;
  #chunk: Uint8Array = new Uint8Array(0);
  #used = 0;
  #total = 0;

  /** `compressed`: the stream, in parts. They are joined: many writes take long. */
  constructor(compressed: readonly Uint8Array[], size: number) {
    this.#size = size;
    this.#stream = createInflate({ chunkSize: 2 ** 18 });
    this.#chunks = this.#stream[Symbol.asyncIterator]();
    this.#stream.write(compressed.length === 1 ? compressed[0]! : Buffer.concat(compressed));
    this.#stream.end();
  }

  /** Fills `target` at once if all of it is there; returns whether it did. */
  take(target: Uint8Array): boolean {
    const end = this.#used + target.length;
    if (end > this.#chunk.length) return false;
    target.set(this.#chunk.subarray(this.#used, end));
    this.#used = end;
    return true;
  }

  /** Fills `target` with the next bytes. Throws a {@link PngError} if the stream ends first. */
  async read(target: Uint8Array): Promise<void> {
    for (let filled = 0; filled < target.length; ) {
      if (this.#used === this.#chunk.length && !(await this.#next())) {
        throw new PngError(
          `the PNG is damaged: its pixels take ${this.#total} bytes, its header says ${this.#size}`,
        );
      }
      const part = this.#chunk.subarray(this.#used, this.#used + target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.#used += part.length;
    }
  }

  /** Throws a {@link PngError} if bytes are left, or if the stream is truncated. */
  async end(): Promise<void> {
    if (this.#used < this.#chunk.length || (await this.#next())) {
      throw new PngError(
        `the PNG is damaged: its pixels take more than the ${this.#size} bytes that its header says`,
      );
    }
  }

  /** Frees the stream, at any point. */
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
