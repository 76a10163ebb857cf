import { Random } from '../../kernels/random.ts';
import { type Matrix, selectRows } from '../runtime/rows.ts';
import type { FitOptions } from './detector.ts';

/** At most `most` rows, drawn without replacement and kept in their order. */
export function sampleRows(rows: Matrix, most: number, { seed }: Pick<FitOptions, 'seed'>): Matrix {
  if (rows.n <= most) return rows;
  const order = new Random(seed).shuffle(new Uint32Array(rows.n).map((_, i) => i));
  return selectRows(rows, order.subarray(0, most).sort());
}
