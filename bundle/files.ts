import { BundleError, ConnectionError } from './error.ts';
import { MAP_FORMAT, verifyFile } from './integrity.ts';
import type { Manifest } from './manifest.ts';
import type { AnyManifest, MapManifest } from './map-bundle.ts';

/** Fetches a file of a bundle by name: from a folder, over HTTP, or from a Worker's modules. */
export type FileSource = (name: string) => Promise<Uint8Array>;

/** A checked manifest, and its files on demand. Each file is verified before it is returned. */
export interface Opened<M> {
  readonly manifest: M;
  file(name: string): Promise<Uint8Array>;
  json(name: string): Promise<unknown>;
}

/** A model with its map. */
export type Bundle = Opened<Manifest>;

/** A map without a model. */
export type MapBundle = Opened<MapManifest>;

export const isMap = (bundle: Bundle | MapBundle): bundle is MapBundle =>
  bundle.manifest.format === MAP_FORMAT;

/** The files of a bundle, or of a map, with a checked manifest. */
export function bundleOf(manifest: Manifest, source: FileSource): Bundle;
export function bundleOf(manifest: MapManifest, source: FileSource): MapBundle;
export function bundleOf(manifest: AnyManifest, source: FileSource): Bundle | MapBundle;
export function bundleOf(manifest: AnyManifest, source: FileSource): Opened<AnyManifest> {
  const file = async (name: string) => {
    const bytes = await source(name);
    await verifyFile(manifest, name, bytes);
    return bytes;
  };
  return { manifest, file, json: async (name) => decodeJson(await file(name), name) };
}

/** Decodes a JSON file. Throws a {@link BundleError} that names it. */
export function decodeJson(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw new BundleError(`${name} is damaged: it is not JSON`);
  }
}

/** A source that reads over HTTP, from a base URL that ends in `/`. */
export function httpSource(base: string | URL): FileSource {
  return async (name) => {
    const response = await fetch(new URL(name, base)).catch(() => {
      throw new ConnectionError(`${name} cannot be read: there is no connection to ${new URL(base).host}`);
    });
    if (!response.ok) throw new BundleError(`${name} cannot be read: HTTP ${response.status}`);
    return new Uint8Array(
      await response.arrayBuffer().catch(() => {
        throw new ConnectionError(
          `${name} cannot be read: the connection to ${new URL(base).host} broke off`,
        );
      }),
    );
  };
}
