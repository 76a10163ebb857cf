import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { SessionOptions } from '../runtime/session.ts';

export interface FitOptions extends SessionOptions {
  /** The same seed gives the same detector. */
  seed: number;
}

/** A detector that has seen its training rows: a sub-graph. */
export interface Fitted {
  /** x: N × d. How anomalous each row is, [N]; larger is more anomalous. */
  score(graph: Graph, x: Value): Value;
  /**
   * What each column adds to the score, N × d, none below 0, where the detector allows it: in the units of
   * the score for a sum, in any other common unit for what is no sum.
   */
  shares?(graph: Graph, x: Value): Value;
  /**
   * What the scores are: `ratio` are above 0 and twice as much means twice as far (distances, errors);
   * `log` are logarithms already (of densities, of probabilities), and may have any sign.
   */
  readonly units: 'ratio' | 'log';
}

/** One way to tell anomalies: one file each. Fitted on rows that are normal, or nearly all of them. */
export interface Detector {
  /** As options, manifests and reports call it. */
  readonly name: string;
  /** What its authors call it, and whom to read. */
  readonly title: string;
  readonly family: 'reconstruction' | 'neighbours' | 'statistical' | 'projection' | 'isolation' | 'boundary';
  /** Rows that it needs to be fitted to, where one is not enough. */
  readonly minRows?: number;
  /** Columns that it takes at most. */
  readonly maxColumns?: number;
  /** Called by {@link fitDetector}, which checks rows and columns. */
  fit(rows: Matrix, options: FitOptions): Promise<Fitted>;
}

/** Fits a detector. Throws a RangeError that says how many rows it needs, or how many columns it takes. */
export async function fitDetector(detector: Detector, rows: Matrix, options: FitOptions): Promise<Fitted> {
  const { name, minRows = 1, maxColumns = Number.POSITIVE_INFINITY } = detector;
  if (rows.n < minRows) throw new RangeError(`${name} needs at least ${minRows} rows, there are ${rows.n}`);
  if (rows.d > maxColumns) {
    throw new RangeError(`${name} takes rows of at most ${maxColumns} values, not ${rows.d}`);
  }
  return detector.fit(rows, options);
}
