import { quantile } from '../data/datasets/statistics.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Fitted } from './detector.ts';

/** How a detector's scores are spread over rows that it was not fitted to. */
export interface Tail {
  readonly units: Fitted['units'];
  /** Scores in `ratio` units below this count as this. */
  readonly floor: number;
  /** Of the scores, or of their logarithms: the middle, and how far below and above it a standard deviation is. */
  readonly median: number;
  readonly below: number;
  readonly above: number;
}

/** Where one, two and three standard deviations of a normal distribution lie: Φ(1), Φ(2), Φ(3). */
const SIGMAS = [0.8413447460685429, 0.9772498680518208, 0.9986501019683699] as const;

/** A spread below it is none: many scores are the same. */
const LEAST = 1e-3;
/** What is taken for a spread where there is none at all. */
const NONE = 0.1;

/**
 * The spread of reference scores. Each side is taken as half a normal distribution, of logarithms where the
 * scores are ratios: beyond the farthest of the reference, far stays less surprising than farther.
 */
export function tailOf(scores: Float32Array, units: Fitted['units']): Tail {
  if (scores.length === 0) throw new RangeError('a tail needs at least one score');
  const positive = scores.filter((score) => score > 0).sort();
  const floor = units === 'ratio' ? 1e-3 * (positive[positive.length >> 1] ?? 1) : 0;
  const sorted = Float64Array.from(scores, (score) =>
    units === 'ratio' ? Math.log(Math.max(score, floor)) : score,
  ).sort();
  const at = (share: number) => quantile(sorted, share);
  const median = at(0.5);
  // Where so many scores are the same that there is no deviation one deviation away, there may be two or three away.
  const spread = (away: (share: number) => number): number => {
    for (const [i, share] of SIGMAS.entries()) {
      const deviation = away(share) / (i + 1);
      if (deviation > LEAST) return deviation;
    }
    return NONE;
  };
  return {
    units,
    floor,
    median,
    below: spread((share) => median - at(1 - share)),
    above: spread((share) => at(share) - median),
  };
}

/** Far enough: beyond it, a score is no number of 32 bits. */
const FARTHEST = 1e6;

/** Where −log(1 − Φ) is taken from its error function, and from where on by its bound. */
const BOUND = 8 / Math.PI;

/**
 * How surprising a detector's score is, −log P(score or more), in nats; [N] to [N]. The upper tail of a normal
 * distribution is 1 − Φ(z) ≈ 2 φ(z) / (z + √(z² + 8/π)) for z ≥ 0, exact at 0 and at infinity (Birnbaum 1942's
 * bound, as Pollak 1956 has it): its logarithm needs no number smaller than 32 bits hold.
 */
export function surprise(graph: Graph, score: Value, { units, floor, median, below, above }: Tail): Value {
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
  // Below the middle: what log ½ lacks of log(1 − Φ(z)) = log(½ − ½ erf(z / √2)).
  const erf = graph.erf(graph.mul(down, Math.SQRT1_2));
  const lower = graph.log(graph.sub(1, erf));
  return graph.max(graph.sub(upper, lower), 0);
}
