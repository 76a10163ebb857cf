import { type KernelMemory, LANES_BYTES } from './kernels.ts';

/**
 * Random numbers from the kernels, as a function of a seed and a place: a stream (their purpose) and a step in it. No
 * place depends on those before it, so a resumed run continues with the same numbers. They are the same bytes on every
 * machine. Takes 8.3 kB of the memory, which must also hold the arrays to fill.
 */
export class Noise {
  readonly #memory: KernelMemory;
  readonly #seed: number;
  readonly #lanes: number;

  /** `seed` is a whole number below 2³². Starts at step 0 of stream 0. */
  constructor(memory: KernelMemory, seed: number) {
    assertWhole('the seed', seed, 2 ** 32);
    this.#memory = memory;
    this.#seed = seed;
    this.#lanes = memory.pointer(memory.u8(LANES_BYTES));
    this.seek(0, 0);
  }

  /** Moves to a place, from which the next numbers follow. Streams are below 2³², steps below 2⁵³. */
  seek(stream: number, step: number): void {
    assertWhole('the stream', stream, 2 ** 32);
    assertWhole('the step', step, 2 ** 53);
    this.#memory.kernels.seedLanes(
      this.#lanes,
      this.#seed,
      stream,
      step % 2 ** 32,
      Math.floor(step / 2 ** 32),
    );
  }

  /** Fills `target` with uniform numbers in [0, 1), multiples of 2⁻²⁴, or with standard normal numbers. */
  fill(kind: 'uniform' | 'normal', target: Float32Array): void {
    this.#memory.kernels[kind](this.#memory.pointer(target), target.length, this.#lanes);
  }
}

function assertWhole(what: string, value: number, below: number): void {
  if (Number.isInteger(value) && value >= 0 && value < below) return;
  throw new RangeError(
    `${what} of random numbers is ${value}: it must be a whole number from 0 to ${below - 1}`,
  );
}
