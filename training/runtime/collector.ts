/**
 * Garbage collection by hand, where the host offers it: `globalThis.gc`, which the command line turns on and
 * `node --expose-gc` gives any program. Without it nothing is lost but some memory and speed.
 */
const collect = (type: 'minor' | 'major'): void => {
  (globalThis.gc as ((options: { type: string }) => void) | undefined)?.({ type });
};

/**
 * Frees what died young. onnxruntime-node returns a copy of every output, even of those that it wrote into our
 * own arrays: megabytes a training step. Left alone, V8 collects them in full collections, several a second, whose
 * threads take the cores from the matrix products; called every few steps, this is cheaper.
 */
export const collectYoung = (): void => collect('minor');

/** Frees all that is no longer in use, between two stages of a long run: arrays of megabytes that V8 sees as small. */
export const collectAll = (): void => collect('major');
