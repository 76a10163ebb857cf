import { type Bundle, bundleOf, decodeJson, type FileSource } from './files.ts';
import { isIntact } from './integrity.ts';
import type { Manifest } from './manifest.ts';

/** A bundle that can be read before the schema of its manifest is loaded. */
export interface IntactBundle extends Bundle {
  /** Checks the manifest by its schema, too. Throws a {@link BundleError} if it is invalid. */
  check(): Promise<void>;
}

/**
 * Opens a bundle whose manifest is as it was written: its writer checked the schema. The schema is loaded at once only if the
 * manifest has changed since, to say how. Throws a {@link BundleError} if its manifest is invalid.
 */
export async function openIntact(source: FileSource): Promise<IntactBundle> {
  const json = decodeJson(await source('manifest.json'), 'manifest.json');
  const parse = async () => (await import('./manifest.ts')).parseManifest(json);
  const manifest = (await isIntact(json)) ? (json as Manifest) : await parse();
  return {
    ...bundleOf(manifest, source),
    check: async () => {
      await parse();
    },
  };
}
