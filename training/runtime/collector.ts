/**
 * Explicit garbage collection, where the host offers `globalThis.gc`: the command line turns it on, and
 * `node --expose-gc` gives it to any program. Without it, training takes more memory and time.
 */
const collect = (type: 'minor' | 'major'): void => {
  (globalThis.gc as ((options: { type: string }) => void) | undefined)?.({ type });
};

/** Bytes of copies that are freed together. */
const ENOUGH = 16 * 2 ** 20;

let copied = 0;

/**
 * Frees short-lived copies, of which there are so many bytes more, once that is worthwhile. onnxruntime-node returns a
 * copy of every output, even of those that it wrote into our own arrays: megabytes per training step of a large network.
 * Left alone, V8 frees them in several full collections per second, whose threads take the cores from the matrix products.
 * A minor collection now and then is cheaper.
 */
export function collectCopies(bytes: number): void {
  copied += bytes;
  if (copied < ENOUGH) return;
  copied = 0;
  collect('minor');
}

/** With less than this in arrays, a full collection takes longer than what it frees is worth. */
const MUCH = 64 * 2 ** 20;

/** Frees all unused memory, for use between the stages of a long run: V8 takes arrays of megabytes for small objects. */
export function collectAll(): void {
  if (process.memoryUsage().arrayBuffers >= MUCH) collect('major');
}
