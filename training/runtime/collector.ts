/**
 * Explicit garbage collection, where the host offers `globalThis.gc`: the command line turns it on, and
 * `node --expose-gc` gives it to any program. Without it, training takes more memory and time.
 */
const collect = (type: 'minor' | 'major'): void => {
  (globalThis.gc as ((options: { type: string }) => void) | undefined)?.({ type });
};

/**
 * Frees short-lived objects. onnxruntime-node returns a copy of every output, even of those that it wrote into our own
 * arrays: megabytes per training step. Left alone, V8 frees them in several full collections per second, whose threads
 * take the cores from the matrix products. A minor collection every few steps is cheaper.
 */
export const collectYoung = (): void => collect('minor');

/** Frees all unused memory, for use between the stages of a long run: V8 takes arrays of megabytes for small objects. */
export const collectAll = (): void => collect('major');
