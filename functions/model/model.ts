import { CodeIndex } from '../../bundle/codes.ts';
import { BundleError } from '../../bundle/error.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { type FileSource, openBundle } from '../../bundle/reader.ts';
import type { Engine } from '../../bundle/scorer.ts';

/**
 * The deployed model, opened part by part when first asked for and kept for the life of the isolate.
 * Every part throws a {@link BundleError}, each time, if the bundle is damaged.
 */
export interface Model {
  manifest(): Promise<Manifest>;
  engine(): Promise<Engine>;
  codes(): Promise<CodeIndex>;
}

/** Opens a bundle; `createEngine` makes an engine of the bytes of `scorer.onnx`. */
export function openModel(source: FileSource, createEngine: (scorer: Uint8Array) => Promise<Engine>): Model {
  const bundle = once(() => openBundle(source));
  return {
    manifest: async () => (await bundle()).manifest,
    engine: once(async () => {
      const scorer = await (await bundle()).file('scorer.onnx');
      return createEngine(scorer).catch((error: Error) => {
        throw new BundleError(`scorer.onnx cannot be run: ${error.message}`);
      });
    }),
    codes: once(async () => {
      const { manifest, file } = await bundle();
      const codes = new CodeIndex(await file('codes.bin'));
      const { code } = manifest.architecture;
      if (codes.dims === code) return codes;
      throw new BundleError(`codes.bin has codes of ${codes.dims} values, the model's have ${code}`);
    }),
  };
}

/** A function that computes at the first call and gives the same promise, kept or broken, ever after. */
function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= compute();
    return result;
  };
}
