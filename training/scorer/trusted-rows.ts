import type { FitOptions } from '../detectors/detector.ts';
import { groupRows, measureSuspicion, selectLeastByGroup } from '../detectors/suspicion.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { ViewRows } from './views.ts';

/** The indices of the rows to trust, ascending. */
export interface TrustedRows {
  readonly train: Uint32Array;
  readonly unseen: Uint32Array;
}

/**
 * Ranks the training rows and the unseen rows by suspicion. The result sets aside the most suspicious share of each,
 * `contamination`: anomalies among them would look normal to a detector that is fitted to them. Needs the view
 * `projection` unless `most`, the largest share that will be asked for, is 0.
 */
export async function rankRows(
  { train, unseen }: ViewRows,
  most: number,
  options: FitOptions,
): Promise<(contamination: number) => TrustedRows> {
  if (most === 0) {
    const all = ({ n }: Matrix) => new Uint32Array(n).map((_, i) => i);
    const everyRow = { train: all(Object.values(train)[0]), unseen: all(Object.values(unseen)[0]) };
    return () => everyRow;
  }
  const [seen, other] = [train.projection!, unseen.projection!];
  const values = new Float32Array(seen.values.length + other.values.length);
  values.set(seen.values);
  values.set(other.values, seen.values.length);
  const rows = { values, n: seen.n + other.n, d: seen.d };
  const suspicion = await measureSuspicion(rows, options);
  const groups = groupRows(rows);
  return (contamination) => {
    const share = 1 - contamination;
    return {
      train: selectLeastByGroup(suspicion.subarray(0, seen.n), groups.subarray(0, seen.n), share),
      unseen: selectLeastByGroup(suspicion.subarray(seen.n), groups.subarray(seen.n), share),
    };
  };
}
