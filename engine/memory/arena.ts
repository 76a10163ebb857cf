import { align } from './memory.ts';

/** Where the values of a run are: blocks that are reused as soon as nothing reads them any more. All in bytes. */
export class Arena {
  /** Free gaps in order, none next to another. */
  readonly #gaps: { start: number; end: number }[] = [];
  #size = 0;

  /** The bytes that all blocks together have needed. */
  get size(): number {
    return this.#size;
  }

  /** Takes a block, the first that fits, and returns where it begins. */
  take(bytes: number): number {
    const wanted = align(bytes);
    const i = this.#gaps.findIndex(({ start, end }) => end - start >= wanted);
    const gap = this.#gaps[i];
    if (gap) {
      const { start } = gap;
      gap.start += wanted;
      if (gap.start === gap.end) this.#gaps.splice(i, 1);
      return start;
    }
    // What is free at the end grows.
    const last = this.#gaps.at(-1);
    const start = last?.end === this.#size ? this.#gaps.pop()!.start : this.#size;
    this.#size = start + wanted;
    return start;
  }

  free(start: number, bytes: number): void {
    const end = start + align(bytes);
    const i = this.#gaps.findIndex((gap) => gap.start > start);
    const at = i < 0 ? this.#gaps.length : i;
    this.#gaps.splice(at, 0, { start, end });
    const merge = (left: number) => {
      const [a, b] = [this.#gaps[left], this.#gaps[left + 1]];
      if (!a || !b || a.end !== b.start) return;
      a.end = b.end;
      this.#gaps.splice(left + 1, 1);
    };
    merge(at);
    merge(at - 1);
  }
}
