import type { Elements } from '../../../bundle/npy/dtype.ts';
import type { NpyFile } from './npy.ts';

/** Number of blocks that are read at the same time. */
const LANES = 2;

/** The memory for one window, allocated when it is first filled. */
export class WindowMemory {
  /** The window that it holds or is reading; −1 for none. */
  window = -1;
  ready = false;
  /** Fulfilled once it is ready; rejected with what went wrong. */
  filled: Promise<void> = Promise.resolve();
  /** The window's rows, and the order in which they are visited. */
  elements: Elements = new Uint8Array(0);
  order = new Uint32Array(0);
  readonly #file: NpyFile;
  readonly #rows: number;
  /** Counts the fills: one that is out of date stops. */
  #turn = 0;

  constructor(file: NpyFile, rows: number) {
    this.#file = file;
    this.#rows = rows;
  }

  /** Discards the window. */
  drop(): void {
    this.#turn++;
    this.window = -1;
    this.ready = false;
  }

  /** Starts to read blocks, `blockRows` rows each, end to end; `arrange` then sets the order. */
  fill(window: number, blocks: Uint32Array, blockRows: number, arrange: (order: Uint32Array) => void): void {
    this.drop();
    this.window = window;
    const turn = this.#turn;
    // An earlier fill may still write into the buffer.
    const earlier = this.filled.catch(() => {});
    this.filled = earlier.then(() => this.#read(turn, blocks, blockRows, arrange));
    this.filled.catch(() => {
      if (turn === this.#turn) this.drop();
    });
  }

  /** Frees the memory at once, without waiting for the garbage collector. */
  async close(): Promise<void> {
    this.drop();
    await this.filled.catch(() => {});
    for (const { buffer } of [this.elements, this.order]) (buffer as ArrayBuffer).transfer(0);
    this.elements = new Uint8Array(0);
    this.order = new Uint32Array(0);
  }

  async #read(
    turn: number,
    blocks: Uint32Array,
    blockRows: number,
    arrange: (order: Uint32Array) => void,
  ): Promise<void> {
    const file = this.#file;
    const bytes = blockRows * file.rowBytes;
    if (turn !== this.#turn) return;
    if (this.order.length === 0) {
      this.elements = file.dtype.elements(new ArrayBuffer(this.#rows * file.rowBytes));
      this.order = new Uint32Array(this.#rows);
    }
    const { buffer } = this.elements;
    let next = 0;
    const lane = async () => {
      while (next < blocks.length && turn === this.#turn) {
        const i = next++;
        const start = blocks[i] * blockRows;
        const rows = Math.min(blockRows, file.count - start);
        await file.readBytes(start, new Uint8Array(buffer, i * bytes, rows * file.rowBytes));
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
    for (const result of lanes) if (result.status === 'rejected') throw result.reason;
    await file.assertUnchanged();
    if (turn !== this.#turn) return;
    arrange(this.order);
    this.ready = true;
  }
}
