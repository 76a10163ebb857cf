import { encodeFrames, type Frame, quantiseFrame } from '../../bundle/frames.ts';
import { FRAMES_FILE } from '../../bundle/frames-file.ts';
import type { TsneOptions } from '../../tsne/tsne.ts';
import { ConfigurationError } from '../config/schema.ts';
import { plural } from '../console/plural.ts';

/** Frames of a map by default, and the bytes that they take at most before they are compressed: fewer for more than 200,000 points. */
const FRAMES = 40;
const BYTES = 16_000_000;

/** The bytes that any frames may take before they are compressed: hosts of static files stop at 25 MiB. */
const MOST_BYTES = 24_000_000;

/**
 * The number of frames of a map. Throws a {@link ConfigurationError} if more are wanted than a file may hold, or than there are
 * iterations.
 */
export function chooseFrames(wanted: number | undefined, points: number, iterations: number): number {
  if (wanted === undefined) return Math.min(FRAMES, Math.floor(BYTES / (2 * points)));
  const most = Math.floor(MOST_BYTES / (2 * points));
  if (wanted > most) {
    throw new ConfigurationError(
      `frames is ${wanted}: a map of ${plural(points, 'point')} takes at most ${most}; 0 keeps none`,
    );
  }
  if (wanted <= iterations) return wanted;
  throw new ConfigurationError(
    `frames is ${wanted}: a map that is made in ${plural(iterations, 'iteration')} has as many frames at most`,
  );
}

/** Takes frames of a map in the plane while it is made: where it starts, and then every few iterations. */
export class FrameRecorder {
  readonly frames: Frame[] = [];
  readonly #iterations: number;
  readonly #every: number;
  readonly #take: boolean;

  /** @param start n × 2 */
  constructor(count: number, iterations: number, start: Float32Array) {
    this.#take = count > 0;
    this.#iterations = iterations;
    this.#every = Math.ceil(iterations / Math.max(1, count));
    if (this.#take) this.#add(start, 0);
  }

  /** The options of t-SNE that tell it about the map. */
  get options(): Pick<TsneOptions, 'every' | 'onIteration'> {
    if (!this.#take) return {};
    return {
      every: this.#every,
      // The last is the map itself.
      onIteration: (map, iteration) => iteration < this.#iterations && this.#add(map, iteration),
    };
  }

  #add(places: Float32Array, iteration: number): void {
    const [x, y] = [0, 1].map((axis) => places.filter((_, p) => p % 2 === axis));
    this.frames.push(quantiseFrame(x, y, iteration));
  }
}

/** The file with the frames of n points, and its part of the manifest; nothing without frames. */
export async function packFrames(frames: readonly Frame[], n: number) {
  if (frames.length === 0) return undefined;
  const bytes = await encodeFrames(frames, n);
  return { files: new Map([[FRAMES_FILE, bytes]]), frames: frames.length };
}
