import type { Matrix } from '../linear/matrix.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
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
  /** It needs so many rows to be fitted to, where one is not enough. */
  readonly least?: number;
  /** It takes rows of so many numbers at most. */
  readonly widest?: number;
  /** Throws a RangeError that says how many rows it needs. */
  fit(rows: Matrix, options: FitOptions): Promise<Fitted>;
}
