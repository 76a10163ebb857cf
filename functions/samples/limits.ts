import type { Manifest } from '../../bundle/manifest.ts';

/** The most instances that one request may hold. */
export const MAX_INSTANCES = 64;

const MIB = 2 ** 20;

/**
 * The largest body of a media type: 16 MiB of image/png, else 4 MiB, or what the most instances take as
 * JSON with every digit of a double, if that is at most 32 MiB, which the memory of a Worker allows.
 */
export const maxBodyBytes = (type: string, { data }: Manifest): number =>
  type === 'image/png' ? 16 * MIB : Math.min(Math.max(4 * MIB, MAX_INSTANCES * data.features * 32), 32 * MIB);
