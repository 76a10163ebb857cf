import { createHash } from 'node:crypto';
import type { Source } from '../data/source.ts';
import { SEEN_SPLITS } from '../data/sources/description.ts';

/** The part of a source that identifies what a run trains on. */
type IdentifiedSource = Pick<
  Source,
  'name' | 'fingerprint' | 'scaling' | 'train' | 'validation' | 'calibration' | 'ids' | 'seen'
>;

/**
 * The identity of a training run: a checkpoint is resumed only by the same run. It includes which rows each split has:
 * with other splits, rows that were trained on could be held out.
 */
export function identify(source: IdentifiedSource, model: Record<string, unknown>): Record<string, unknown> {
  const { name, fingerprint, scaling, train, validation, calibration, ids } = source;
  return {
    ...model,
    data: {
      name,
      fingerprint,
      scaling,
      train: train.count,
      validation: validation.count,
      calibration: calibration.count,
      test: ids.length,
      rows: hashRows(source),
    },
  };
}

/** Computes the SHA-256 of the row numbers of all splits. */
function hashRows({ seen, ids }: IdentifiedSource): string {
  const rows = seen.list();
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of [...SEEN_SPLITS.map((split) => rows[split]), ids]) {
    hash.update(`${byteLength} `).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}
