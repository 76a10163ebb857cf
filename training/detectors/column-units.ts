import type { Matrix } from '../runtime/rows.ts';
import { findTwoValued } from './two-valued.ts';

/** A value of a column with two is rare if at most this share of the rows has it. */
const RARE = 0.05;

/**
 * The mean and standard deviation of each column, 1 in place of a deviation of 0, and the least variance in these units:
 * for a column with two values, one of them rare, that of two equally frequent ones.
 */
export function measureColumns(rows: Matrix) {
  const { values, n, d } = rows;
  const mean = new Float32Array(d);
  const unit = new Float32Array(d);
  const least = new Float32Array(d);
  const twoValued = findTwoValued(rows);
  for (let j = 0; j < d; j++) {
    let sum = 0;
    let squares = 0;
    for (let p = j; p < values.length; p += d) sum += values[p];
    for (let p = j; p < values.length; p += d) squares += (values[p] - sum / n) ** 2;
    mean[j] = sum / n;
    unit[j] = squares > 0 ? Math.sqrt(squares / n) : 1;
    const flag = twoValued[j];
    if (flag === undefined || flag.rarer > RARE) continue;
    least[j] = (flag.gap / 2 / unit[j]) ** 2;
  }
  return { mean, unit, least };
}
