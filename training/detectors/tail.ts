import { quantile } from '../data/datasets/statistics.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { FittedDetector } from './detector.ts';

/** The distribution of a detector's scores over rows that it was not fitted to: two half-normal distributions. */
export interface Tail {
  readonly units: FittedDetector['units'];
  /** Smaller scores in `ratio` units are raised to this before the logarithm. */
  readonly floor: number;
  /** The median of the scores, or of their logarithms for `ratio`. */
  readonly median: number;
  /** The standard deviation on either side of the median. */
  readonly below: number;
  readonly above: number;
}

/** Φ(1), Φ(2), Φ(3): the shares of a normal distribution below one, two and three standard deviations. */
const SIGMAS = [0.8413447460685429, 0.9772498680518208, 0.9986501019683699] as const;

/** A smaller deviation counts as none: many scores are the same. */
const LEAST = 1e-3;
/** So many times smaller than a deviation farther out, a deviation only says that most scores are almost the same. */
const CROWDED = 10;
/** The deviation to assume where all scores are the same. */
const NONE = 0.1;

/**
 * Fits a half-normal distribution to each side of the median of reference scores, or of their logarithms for `ratio`.
 * So a score far beyond all reference scores is still less surprising than one that is farther.
 */
export function fitTail(scores: Float32Array, units: FittedDetector['units']): Tail {
  if (scores.length === 0) throw new RangeError('a tail needs at least one score');
  const positive = scores.filter((score) => score > 0).sort();
  const floor = units === 'ratio' ? 1e-3 * (positive[positive.length >> 1] ?? 1) : 0;
  const sorted = Float64Array.from(scores, (score) =>
    units === 'ratio' ? Math.log(Math.max(score, floor)) : score,
  ).sort();
  const at = (share: number) => quantile(sorted, share);
  const median = at(0.5);
  // If many scores equal the median, or nearly do, the quantile one deviation away does too: then those two and three away.
  const measureDeviation = (away: (share: number) => number): number => {
    const deviations = SIGMAS.map((share, i) => away(share) / (i + 1));
    const largest = Math.max(...deviations);
    return deviations.find((deviation) => deviation > LEAST && CROWDED * deviation > largest) ?? NONE;
  };
  return {
    units,
    floor,
    median,
    below: measureDeviation((share) => median - at(1 - share)),
    above: measureDeviation((share) => at(share) - median),
  };
}

/** The largest z: its square still fits well into float32. */
const FARTHEST = 1e6;

/** The constant of Pollak's bound on the upper tail. */
const BOUND = 8 / Math.PI;

/**
 * The surprise of a detector's score, −log P(a score this high), in nats; [N] to [N]. The upper tail of a normal
 * distribution is 1 − Φ(z) ≈ 2 φ(z) / (z + √(z² + 8/π)) for z ≥ 0, exact at 0 and at infinity (Birnbaum 1942's
 * bound, as Pollak 1956 has it). The logarithm of that never underflows in float32.
 */
export function computeSurprise(
  graph: Graph,
  score: Value,
  { units, floor, median, below, above }: Tail,
): Value {
  const level = units === 'ratio' ? graph.log(graph.max(score, floor)) : score;
  const away = graph.sub(level, median);
  const up = graph.mul(graph.max(away, 0), 1 / above);
  const z = graph.min(up, FARTHEST);
  const down = graph.mul(graph.min(away, 0), 1 / below);
  const square = graph.square(z);
  const root = graph.sqrt(graph.add(square, BOUND));
  const upper = graph.add(
    graph.mul(square, 0.5),
    graph.log(graph.mul(graph.add(z, root), Math.sqrt(2 * Math.PI) / 2)),
  );
  // Below the median, −log(1 − Φ(z)) = log 2 − log(1 − erf(z / √2)); `upper` is log 2 there.
  const erf = graph.erf(graph.mul(down, Math.SQRT1_2));
  const lower = graph.log(graph.sub(1, erf));
  return graph.max(graph.sub(upper, lower), 0);
}
