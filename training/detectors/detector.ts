import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { SessionOptions } from '../runtime/session.ts';

export interface FitOptions extends SessionOptions {
  /** The same seed gives the same detector. */
  seed: number;
}

/** A detector fitted to its training rows: functions that add it to a graph. */
export interface FittedDetector {
  /** x: N × d. Returns one score per row, [N]; larger is more anomalous. */
  score(graph: Graph, x: Value): Value;
  /**
   * How much each column adds to the score, N × d, never negative. If the score is a sum over the columns, shares
   * have its units; otherwise any unit that all columns have in common. Absent if the detector has no such split.
   */
  shares?(graph: Graph, x: Value): Value;
  /**
   * `ratio`: scores are not negative, and twice the score means twice as far (distances, errors).
   * `log`: scores are logarithms already (of densities or probabilities) and may have any sign.
   */
  readonly units: 'ratio' | 'log';
}

/** A method of anomaly detection. It is fitted to rows that are normal, or nearly all of them. */
export interface Detector {
  /** The name in options, manifests and reports. */
  readonly name: string;
  /** The name to show to people. */
  readonly title: string;
  readonly family: 'reconstruction' | 'neighbours' | 'statistical' | 'projection' | 'isolation' | 'boundary';
  /** The least number of training rows; 1 if absent. */
  readonly minRows?: number;
  /** Whether it keeps training rows as they are, to compare others with them: whoever has the model has these rows. */
  readonly keepsRows?: true;
  /** Whether anomalies among its rows do it no harm: it is fitted to all of them, whatever the contamination. */
  readonly resistant?: true;
  /** The largest number of columns; no limit if absent. */
  readonly maxColumns?: number;
  /** Called by {@link fitDetector}, which checks rows and columns. */
  fit(rows: Matrix, options: FitOptions): Promise<FittedDetector>;
}

/** Fits a detector. Throws a RangeError if there are fewer rows than `minRows` or more columns than `maxColumns`. */
export async function fitDetector(
  detector: Detector,
  rows: Matrix,
  options: FitOptions,
): Promise<FittedDetector> {
  const { name, minRows = 1, maxColumns = Number.POSITIVE_INFINITY } = detector;
  if (rows.n < minRows) throw new RangeError(`${name} needs at least ${minRows} rows, there are ${rows.n}`);
  if (rows.d > maxColumns) {
    throw new RangeError(`${name} takes rows of at most ${maxColumns} values, not ${rows.d}`);
  }
  return detector.fit(rows, options);
}
