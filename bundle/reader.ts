import { type Bundle, bundleOf, decodeJson, type FileSource, type MapBundle } from './files.ts';
import { MAP_FORMAT } from './integrity.ts';
import { parseManifest } from './manifest.ts';
import { type AnyManifest, parseMapManifest } from './map-bundle.ts';

/** Opens a bundle. Throws a {@link BundleError} if its manifest is invalid. */
export async function openBundle(source: FileSource): Promise<Bundle> {
  return bundleOf(await parseManifest(await readManifest(source)), source);
}

/** The same for a bundle or a map without a model. */
export async function openAny(source: FileSource): Promise<Bundle | MapBundle> {
  return bundleOf(await parseAny(await readManifest(source)), source);
}

/** Checks a parsed `manifest.json`, of a bundle or of a map without a model. */
export const parseAny = (json: unknown): Promise<AnyManifest> =>
  typeof json === 'object' && json !== null && 'format' in json && json.format === MAP_FORMAT
    ? parseMapManifest(json)
    : parseManifest(json);

const readManifest = async (source: FileSource): Promise<unknown> =>
  decodeJson(await source('manifest.json'), 'manifest.json');
