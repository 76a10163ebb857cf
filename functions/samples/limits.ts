import type { Manifest } from '../../bundle/manifest.ts';

/** The most instances that one request may hold. */
export const MAX_INSTANCES = 64;

/**
 * The largest body of a media type: 16 MiB of image/png, else 4 MiB, or what the most instances take as
 * JSON with every digit of a double.
 */
export const maxBodyBytes = (type: string, { data }: Manifest): number =>
  type === 'image/png' ? 16 * 2 ** 20 : Math.max(4 * 2 ** 20, MAX_INSTANCES * data.features * 32);
