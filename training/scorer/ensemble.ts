import { Random } from '../../kernels/random.ts';
import { type Detector, type FitOptions, type Fitted, fitDetector } from '../detectors/detector.ts';
import { runSubgraph, scoreRows } from '../detectors/run.ts';
import { groups, leastOfEach, suspicion } from '../detectors/suspicion.ts';
import { surprise, type Tail, tailOf } from '../detectors/tail.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import { type Matrix, selectRows } from '../runtime/rows.ts';
import { LEARNED, OF_FEATURES, type View, type Views } from './views.ts';

/** A detector and what it looks at. */
export interface Member {
  readonly detector: Detector;
  readonly view: View;
}

/** A member that has been fitted, and how its scores are spread over rows that it has not seen. */
export interface FittedMember extends Member {
  readonly fitted: Fitted;
  readonly tail: Tail;
  /** The mean share of each column over those rows; none if the detector tells no shares of the sample's columns. */
  readonly usual?: Float32Array;
}

/** The training rows as each view has them, and rows that the autoencoder has not seen: as many in every view. */
export interface Rows {
  readonly train: Readonly<Partial<Record<View, Matrix>>>;
  readonly unseen: Readonly<Partial<Record<View, Matrix>>>;
}

export interface EnsembleOptions extends FitOptions {
  /** The share of the training rows that is set aside, as the most suspicious, before detectors are fitted. */
  contamination: number;
  onMember?: (name: string) => void;
  onWarning?: (text: string) => void;
}

/** Up to so many rows, each detector is judged on parts of them in turn; of more, on one part. */
const FEW = 5000;
const PARTS = 5;
/** The spread of scores is known well enough from so many. */
const REFERENCE = 2000;
/** What is usual for a feature is at least such a share of what is usual for all: next to nothing explains nothing. */
const LEAST_USUAL = 0.1;
/** From fewer unseen rows nothing can be told. */
const FEWEST = 20;

/** Which detector it is, and of what: `knn:code`. */
export const memberName = ({ detector, view }: Member): string => `${detector.name}:${view}`;

/**
 * Fits every member to the training rows without the most suspicious ones, and to the spread of its scores over
 * rows that it was not fitted to, those that were set aside among them. Where that leaves rows that are all equal, a
 * detector may give every row the same score: then fewer are set aside for it, and a warning says so.
 */
export async function fitEnsemble(
  members: readonly Member[],
  { train, unseen }: Rows,
  options: EnsembleOptions,
): Promise<FittedMember[]> {
  const trust = await rankRows({ train, unseen }, options);
  const result: FittedMember[] = [];
  for (const member of members) {
    const name = memberName(member);
    options.onMember?.(name);
    let contamination = options.contamination;
    for (;;) {
      const fewer = contamination < options.contamination;
      const { fits, same } = await fitMember(member, { train, unseen }, trust(contamination), fewer, options);
      if (same && contamination > 0) {
        contamination = contamination < 2 * LEAST_ASIDE ? 0 : contamination / 2;
        continue;
      }
      if (same) {
        options.onWarning?.(
          `${name} gives every row the same score, so it says nothing about these data: choose another detector`,
        );
      } else if (fewer) {
        options.onWarning?.(
          `${name} gives every row the same score if the most suspicious ${percent(options.contamination)} of the samples are set aside, ` +
            `as most of the others are equal: it is fitted ${contamination > 0 ? `without ${percent(contamination)}` : 'to all samples'}`,
        );
      }
      result.push(fits);
      break;
    }
  }
  return result;
}

/** A smaller share is not set aside. */
const LEAST_ASIDE = 0.01;

const percent = (share: number) => `${Number((100 * share).toPrecision(2))} %`;

/** The numbers of the rows to trust, of those to train on and of the unseen ones. */
type Trusted = readonly [train: Uint32Array, unseen: Uint32Array];

/**
 * Fits a member, and says whether it gives all rows the same score. If `equal`, most rows are: the spread of the scores
 * is then that of the member itself, as differences between the fits to parts of the rows would pass for a spread.
 */
async function fitMember(
  member: Member,
  { train, unseen }: Rows,
  [trusted, trustedUnseen]: Trusted,
  equal: boolean,
  options: EnsembleOptions,
): Promise<{ fits: FittedMember; same: boolean }> {
  const { detector, view } = member;
  const kept = (rows: Matrix, indices: Uint32Array) =>
    indices.length === rows.n ? rows : selectRows(rows, indices);
  const all = train[view]!;
  const rows = kept(all, trusted);
  const fitted = await fitDetector(detector, rows, options);
  const learned = LEARNED.includes(view) && trustedUnseen.length >= FEWEST;
  const judge = async () => {
    if (learned) return scoreRows(fitted, unseen[view]!, options);
    if (equal) return scoreRows(fitted, all, options);
    return scoresOfUnseen(member, fitted, all, trusted, options);
  };
  const scores = await judge();
  const same = areEqual(scores) && areEqual(await scoreRows(fitted, all, options));
  // A projection on as many components as there are features is the sample itself.
  const ofFeatures = OF_FEATURES.includes(view) || (view === 'projection' && all.d === features(train));
  const usual = learned ? kept(unseen[view]!, trustedUnseen) : rows;
  const fits = {
    ...member,
    fitted,
    tail: tailOf(scores, fitted.units),
    usual: ofFeatures ? await usualShares(fitted, usual, options) : undefined,
  };
  return { fits, same };
}

/** Whether scores are the same but for rounding. */
function areEqual(scores: Float32Array): boolean {
  const [first] = scores;
  const tolerance = 1e-6 * Math.abs(first);
  return scores.every((score) => Math.abs(score - first) <= tolerance);
}

/** How many features the model sees of a sample, if one of the views says it. */
const features = (views: Rows['train']) => (views.input ?? views.difference)?.d;

/** Ranks the rows by suspicion: for a share to set aside, the rows to trust are the least suspicious ones. */
async function rankRows(
  { train, unseen }: Rows,
  options: EnsembleOptions,
): Promise<(contamination: number) => Trusted> {
  const all = ({ n }: Matrix) => new Uint32Array(n).map((_, i) => i);
  if (options.contamination === 0) {
    const [seen, other] = [train, unseen].map((rows) => all(Object.values(rows)[0]));
    return () => [seen, other];
  }
  const [seen, other] = [train.projection!, unseen.projection!];
  const values = new Float32Array(seen.values.length + other.values.length);
  values.set(seen.values);
  values.set(other.values, seen.values.length);
  const found = await suspicion({ values, n: seen.n + other.n, d: seen.d }, options);
  const alike = groups({ values, n: found.length, d: seen.d });
  return (contamination) => {
    const share = 1 - contamination;
    return [
      leastOfEach(found.subarray(0, seen.n), alike.subarray(0, seen.n), share),
      leastOfEach(found.subarray(seen.n), alike.subarray(seen.n), share),
    ];
  };
}

/**
 * Scores of rows by detectors that were not fitted to them: of the trusted rows in parts, or one part of many, by
 * detectors fitted to the rest; and of as large a share of the rows that were set aside by the detector itself.
 */
async function scoresOfUnseen(
  { detector }: Member,
  fitted: Fitted,
  all: Matrix,
  trusted: Uint32Array,
  options: FitOptions,
): Promise<Float32Array> {
  const n = trusted.length;
  const order = new Random(options.seed).shuffle(trusted.slice());
  const size = Math.min(REFERENCE, Math.ceil(n / PARTS));
  const parts = n <= FEW ? PARTS : 1;
  const found: Float32Array[] = [];
  let judged = 0;
  for (let part = 0; part < parts; part++) {
    const out = order.slice(part * size, Math.min((part + 1) * size, n));
    if (out.length === 0) continue;
    const rest = new Uint32Array(n - out.length);
    rest.set(order.subarray(0, part * size));
    rest.set(order.subarray(part * size + out.length), part * size);
    const other = await fitDetector(detector, selectRows(all, rest.sort()), options);
    found.push(await scoreRows(other, selectRows(all, out), options));
    judged += out.length;
  }
  const isTrusted = new Uint8Array(all.n);
  for (const i of trusted) isTrusted[i] = 1;
  const aside = new Uint32Array(all.n).map((_, i) => i).filter((i) => isTrusted[i] === 0);
  const some = evenly(aside, Math.round((judged / n) * aside.length));
  if (some.length > 0) found.push(await scoreRows(fitted, selectRows(all, some), options));
  const scores = new Float32Array(found.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of found) {
    scores.set(part, at);
    at += part.length;
  }
  return scores;
}

/** So many of the numbers, spread evenly over all. */
const evenly = (numbers: Uint32Array, count: number): Uint32Array =>
  new Uint32Array(count).map((_, i) => numbers[Math.floor((i * numbers.length) / count)]);

/** The mean of each column's share over rows; what has none in all is taken to have a little. */
async function usualShares(
  { shares }: Fitted,
  rows: Matrix,
  options: FitOptions,
): Promise<Float32Array | undefined> {
  if (!shares) return undefined;
  const every = new Uint32Array(rows.n).map((_, i) => i);
  const taken = selectRows(rows, evenly(every, Math.min(rows.n, REFERENCE)));
  const found = await runSubgraph(shares, taken, { chunk: 256, threads: options.threads });
  const mean = new Float64Array(rows.d);
  for (let p = 0; p < found.length; p++) mean[p % rows.d] += found[p] / taken.n;
  const least = LEAST_USUAL * (mean.reduce((sum, value) => sum + value, 0) / rows.d) || 1;
  return Float32Array.from(mean, (value) => Math.max(value, least));
}

/**
 * How surprising each member finds the samples, N × members, and all together, [N]: the mean of their surprises,
 * which orders samples as Fisher's combination of tail probabilities does (Fisher 1932).
 */
export function fuse(graph: Graph, views: Views, members: readonly FittedMember[]) {
  const columns = graph.integers([1]);
  const each = members.map(({ fitted, tail, view }) =>
    graph.unsqueeze(surprise(graph, fitted.score(graph, views(view)), tail), columns),
  );
  const all = graph.concat(each, 1);
  return { each: all, score: graph.reduceMean(all, [1]) };
}

/**
 * How much of the score each feature accounts for, N × encoded, 1 in all: the shares of every member that tells
 * them, in units of what is usual for the feature, weighed by how surprised the member is; if none does, of the
 * reconstruction's error. All 0 for a sample that nothing is found in.
 */
export function explain(graph: Graph, views: Views, members: readonly FittedMember[], each: Value): Value {
  const axis = graph.integers([1]);
  const parts = members.flatMap(({ fitted, view, usual }, i) => {
    if (!fitted.shares || !usual) return [];
    const inverse = graph.constant(
      usual.map((value) => 1 / value),
      [usual.length],
    );
    const share = graph.mul(fitted.shares(graph, views(view)), inverse);
    const total = graph.reduceSum(share, [1], true);
    const normal = graph.div(share, graph.max(total, 1e-30));
    const weight = graph.slice(each, i, i + 1, 1);
    return [graph.mul(normal, graph.max(weight, 0))];
  });
  const difference = views('difference');
  const sum = parts.length > 0 ? parts.reduce((a, b) => graph.add(a, b)) : graph.square(difference);
  const total = graph.reduceSum(sum, axis, true);
  return graph.div(sum, graph.max(total, 1e-30));
}
