import type { Manifest } from '../../bundle/manifest.ts';

/** The most instances in one request. */
export const MAX_INSTANCES = 64;

const MIB = 2 ** 20;

/**
 * The largest body of a media type: 16 MiB for image/png. Otherwise what {@link MAX_INSTANCES} instances take as JSON
 * with every digit of a double, but at least 4 MiB and at most 32 MiB, which fits into the memory of a Worker.
 */
export const maxBodyBytes = (type: string, { data }: Manifest): number =>
  type === 'image/png' ? 16 * MIB : Math.min(Math.max(4 * MIB, MAX_INSTANCES * data.features * 32), 32 * MIB);
