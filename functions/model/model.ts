import { CodeIndex } from '../../bundle/codes.ts';
import { BundleError } from '../../bundle/error.ts';
import { type Bundle, type FileSource, isMap } from '../../bundle/files.ts';
import { openIntact } from '../../bundle/intact.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Engine } from '../../bundle/scorer.ts';

/**
 * The deployed model. Each part is opened on first use and kept as long as the isolate lives; one that fails is
 * tried again. If the bundle is damaged, every call throws a {@link BundleError}.
 */
export interface Model {
  manifest(): Promise<Manifest>;
  engine(): Promise<Engine>;
  codes(): Promise<CodeIndex>;
}

/**
 * Opens a bundle. `createEngine` makes an engine from the bytes of `scorer.onnx`; the kernels, compiled, place samples
 * on the map.
 */
export function openModel(
  source: FileSource,
  createEngine: (scorer: Uint8Array) => Promise<Engine>,
  kernels?: WebAssembly.Module,
): Model {
  const bundle = once(() => openModelBundle(source));
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
      const codes = new CodeIndex(await file('codes.bin'), kernels);
      const { code } = manifest.architecture;
      if (codes.dims === code) return codes;
      throw new BundleError(`codes.bin has codes of length ${codes.dims}, expected ${code}`);
    }),
  };
}

/** Opens the bundle of a model. Its schema is loaded only if the manifest is not as it was written: so an isolate starts sooner. */
async function openModelBundle(source: FileSource): Promise<Bundle> {
  const bundle = await openIntact(source);
  if (isMap(bundle)) throw new BundleError('manifest.json is that of a map without a model');
  return bundle;
}

/** Wraps a function so that it runs until it succeeds: then every call returns the same promise. */
function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= compute().catch((error: unknown) => {
      result = undefined;
      throw error;
    });
    return result;
  };
}
