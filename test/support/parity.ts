import { SCORER_OUTPUTS } from '../../bundle/scorer.ts';

/** The outputs of both graphs that have to be the same in every engine. `sample` is the decoder's, for `code`. */
export const COMPARED = [...SCORER_OUTPUTS, 'sample'] as const;

/** Samples, n × features, and the outputs of onnxruntime-node for them with the test bundle, row-major. */
export interface Parity {
  n: number;
  samples: Uint8Array;
  outputs: Record<(typeof COMPARED)[number], Float32Array>;
}

/** A {@link Parity} in a file: its arrays in base64, floats little-endian. */
export interface ParityFile {
  n: number;
  samples: string;
  outputs: Record<(typeof COMPARED)[number], string>;
}

export function readParity({ n, samples, outputs }: ParityFile): Parity {
  const floats = COMPARED.map((name) => [name, new Float32Array(bytesOf(outputs[name]).buffer)]);
  return { n, samples: bytesOf(samples), outputs: Object.fromEntries(floats) };
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

/**
 * The largest difference between an output of n rows and the truth, relative to the largest magnitude in the row of the
 * truth. For scores, which are rows with one value, this is the relative error.
 */
export function deviation(found: ArrayLike<number>, truth: Float32Array, n: number): number {
  if (found.length !== truth.length) throw new Error(`${found.length} values, ${truth.length} expected`);
  const width = truth.length / n;
  let worst = 0;
  for (let start = 0; start < truth.length; start += width) {
    const row = truth.subarray(start, start + width);
    const magnitude = row.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
    for (const [j, value] of row.entries()) {
      worst = Math.max(worst, Math.abs(found[start + j]! - value) / magnitude);
    }
  }
  return worst;
}
