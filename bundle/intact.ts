import { type Bundle, bundleOf, decodeJson, type FileSource, type MapBundle } from './files.ts';
import { isIntact } from './integrity.ts';
import type { AnyManifest } from './map-bundle.ts';

/** What can be read before the schema of its manifest is loaded. */
interface Unchecked {
  /** Checks the manifest by its schema, too. Throws a {@link BundleError} if it is invalid. */
  check(): Promise<void>;
}

export type IntactBundle = Bundle & Unchecked;

/**
 * Opens a bundle, or a map without a model, whose manifest is as it was written: its writer checked the schema. The
 * schema is loaded at once only if the manifest has changed since, to say how. Throws a {@link BundleError} if its
 * manifest is invalid.
 */
export async function openIntact(source: FileSource): Promise<IntactBundle | (MapBundle & Unchecked)> {
  const json = decodeJson(await source('manifest.json'), 'manifest.json');
  const parse = async () => (await import('./reader.ts')).parseAny(json);
  const manifest = (await isIntact(json)) ? (json as AnyManifest) : await parse();
  const check = async () => {
    await parse();
  };
  return { ...bundleOf(manifest, source), check };
}
