import { type Bundle, bundleOf, decodeJson, type FileSource } from './files.ts';
import { parseManifest } from './manifest.ts';

/** Opens a bundle. Throws a {@link BundleError} if its manifest is invalid. */
export async function openBundle(source: FileSource): Promise<Bundle> {
  return bundleOf(await parseManifest(decodeJson(await source('manifest.json'), 'manifest.json')), source);
}
