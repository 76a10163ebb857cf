/** The outputs of both graphs that have to be the same in every engine: `sample` is the decoder's, of `code`. */
export const COMPARED = [
  'code',
  'reconstruction',
  'feature_error',
  'feature_share',
  'detectors',
  'score',
  'p_value',
  'sample',
] as const;

/** Samples, n × features, and what onnxruntime-node makes of them with the test bundle, row-major. */
export interface Parity {
  n: number;
  samples: Uint8Array;
  outputs: Record<(typeof COMPARED)[number], Float32Array>;
}

/** A {@link Parity} as it is kept in a file: its arrays in base64, floats little-endian. */
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
 * The largest difference of an output of n rows from the true one, each row relative to the largest
 * magnitude in its true row: for scores, which are rows of one value, the relative error.
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
