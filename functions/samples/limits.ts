import type { Manifest } from '../../bundle/manifest.ts';

/** The most instances that one request may hold. */
export const MAX_INSTANCES = 64;

/** The largest body: 4 MiB, or what the most instances take as JSON with every digit of a double. */
export const maxBodyBytes = (manifest: Manifest): number =>
  Math.max(4 * 2 ** 20, MAX_INSTANCES * manifest.data.features * 32);
