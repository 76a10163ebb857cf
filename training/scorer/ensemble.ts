import type { Fusion } from '../../bundle/fusion.ts';
import { Random } from '../../kernels/random.ts';
import { roughPercent } from '../console/percent.ts';
import { type Detector, type FitOptions, type FittedDetector, fitDetector } from '../detectors/detector.ts';
import { runDetector, runSubgraph } from '../detectors/run.ts';
import { fitTail, type Tail } from '../detectors/tail.ts';
import { type Matrix, selectRows } from '../runtime/rows.ts';
import { rankRows, type TrustedRows } from './trusted-rows.ts';
import { LEARNED, OF_FEATURES, type View, type ViewMakers, type ViewRows } from './views.ts';

/** A detector and the view that it looks at. */
export interface Member {
  readonly detector: Detector;
  readonly view: View;
}

/** A member with its fitted detector, and the distribution of its scores over rows that it was not fitted to. */
export interface FittedMember extends Member {
  readonly fitted: FittedDetector;
  readonly tail: Tail;
  /** Each feature's usual share. Absent if the detector has no shares, or if its columns are not the features. */
  readonly usual?: Float32Array;
}

/** The fitted members of a model, how they are fused, and what their views are made with. */
export interface FittedEnsemble extends ViewMakers {
  readonly members: readonly FittedMember[];
  readonly fusion: Fusion;
}

export interface EnsembleOptions extends FitOptions {
  /** The share of the training rows, the most suspicious ones, that no detector is fitted to. */
  contamination: number;
  /** For a table, the column of each number that the model sees; otherwise, each number is a feature. */
  columns?: Uint32Array;
  onMember?: (name: string) => void;
  /** Called for each member whose scores are the same for every row. */
  onWarning?: (text: string) => void;
}

/** With at most this many rows, each of {@link PARTS} parts is held out in turn; with more, only one is. */
const FEW = 5000;
const PARTS = 5;
/** Rows that are enough to tell how scores are distributed. */
const REFERENCE = 2000;
/**
 * Floor for a feature's usual share, as a share of the mean over the features: otherwise, a feature that is never off
 * would explain everything.
 */
const LEAST_USUAL = 0.3;
/** Shares below this are not set aside for a member whose scores are flat with larger ones. */
const LEAST_SET_ASIDE = 0.01;
/** The fewest unseen rows that a distribution of scores is fitted to. */
const FEWEST = 20;

/** The name of a member in options, manifests and reports: `knn:code`. */
export const memberName = ({ detector, view }: Member): string => `${detector.name}:${view}`;

/**
 * Fits every member: its detector to the trusted training rows, and the tail of its scores to rows that the detector
 * was not fitted to, suspicious ones among them. A resistant detector is fitted to all rows. If most rows are equal, so may be all the trusted ones, and a detector
 * may give every row the same score: then a smaller share is set aside for it, and a warning says so.
 */
export async function fitMembers(
  members: readonly Member[],
  rows: ViewRows,
  options: EnsembleOptions,
): Promise<FittedMember[]> {
  const selectTrusted = await rankRows(rows, options.contamination, options);
  const result: FittedMember[] = [];
  for (const member of members) {
    options.onMember?.(memberName(member));
    const chosen = member.detector.resistant ? 0 : options.contamination;
    let contamination = chosen;
    let { fitted, flat } = await fitMember(member, rows, selectTrusted(contamination), options);
    while (flat && contamination > 0) {
      contamination = contamination < 2 * LEAST_SET_ASIDE ? 0 : contamination / 2;
      ({ fitted, flat } = await fitMember(member, rows, selectTrusted(contamination), {
        ...options,
        refit: true,
      }));
    }
    if (flat || contamination < chosen) {
      options.onWarning?.(describeFlatScores(memberName(member), flat, contamination, chosen));
    }
    result.push(fitted);
  }
  return result;
}

/** What happened to a member that gives every row the same score with `chosen`, and perhaps also with `contamination`. */
function describeFlatScores(name: string, flat: boolean, contamination: number, chosen: number): string {
  if (flat) {
    return `${name} gives every row the same score, so it says nothing about this data: choose another detector`;
  }
  const rest = contamination > 0 ? `with only ${roughPercent(contamination)} set aside` : 'to all samples';
  return (
    `${name} gives every row the same score if the most suspicious ${roughPercent(chosen)} of the samples are set aside, ` +
    `because most of the others are equal: it is fitted ${rest}`
  );
}

/**
 * Fits a member to the trusted rows, and tells whether its scores are flat: the same for every row. With `refit`, most
 * rows are equal, and the tail is that of the detector's own scores: scores of detectors fitted to parts of the rows
 * would differ more from one another than from row to row.
 */
async function fitMember(
  member: Member,
  { train, unseen }: ViewRows,
  trusted: TrustedRows,
  options: FitOptions & { columns?: Uint32Array; refit?: boolean },
): Promise<{ fitted: FittedMember; flat: boolean }> {
  const { detector, view } = member;
  const select = (rows: Matrix, indices: Uint32Array) =>
    indices.length === rows.n ? rows : selectRows(rows, indices);
  const all = train[view]!;
  const rows = select(all, trusted.train);
  const fitted = await fitDetector(detector, rows, options);
  const learned = LEARNED.includes(view) && trusted.unseen.length >= FEWEST;
  const scoreReference = () => {
    if (learned) return runDetector(fitted, unseen[view]!, options);
    if (options.refit) return runDetector(fitted, all, options);
    return scoreHeldOut(member, fitted, all, trusted.train, options);
  };
  const scores = await scoreReference();
  const flat = areEqual(scores) && areEqual(await runDetector(fitted, all, options));
  // A projection as wide as the sample is the sample itself.
  const ofFeatures = OF_FEATURES.includes(view) || (view === 'projection' && all.d === countFeatures(train));
  const usual = learned ? select(unseen[view]!, trusted.unseen) : rows;
  return {
    fitted: {
      ...member,
      fitted,
      tail: fitTail(scores, fitted.units),
      usual: ofFeatures ? await measureUsualShares(fitted, usual, options) : undefined,
    },
    flat,
  };
}

/** Whether scores are the same but for rounding. */
function areEqual(scores: Float32Array): boolean {
  const [first] = scores;
  const tolerance = 1e-6 * Math.abs(first);
  return scores.every((score) => Math.abs(score - first) <= tolerance);
}

/** The number of features that the model sees of a sample; undefined if no view has them. */
const countFeatures = (views: ViewRows['train']) => (views.input ?? views.difference)?.d;

/**
 * Scores rows by detectors that were not fitted to them: each part of the trusted rows (or one part of many) by a
 * detector fitted to the others, and the same share of the suspicious rows by `fitted` itself.
 */
async function scoreHeldOut(
  { detector }: Member,
  fitted: FittedDetector,
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
    found.push(await runDetector(other, selectRows(all, out), options));
    judged += out.length;
  }
  const isTrusted = new Uint8Array(all.n);
  for (const i of trusted) isTrusted[i] = 1;
  const suspicious = new Uint32Array(all.n).map((_, i) => i).filter((i) => isTrusted[i] === 0);
  const some = takeEvenly(suspicious, Math.round((judged / n) * suspicious.length));
  if (some.length > 0) found.push(await runDetector(fitted, selectRows(all, some), options));
  const scores = new Float32Array(found.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of found) {
    scores.set(part, at);
    at += part.length;
  }
  return scores;
}

/** `count` of the indices, evenly spaced. */
const takeEvenly = (indices: Uint32Array, count: number): Uint32Array =>
  new Uint32Array(count).map((_, i) => indices[Math.floor((i * indices.length) / count)]);

/**
 * Each feature's mean share over rows, at least {@link LEAST_USUAL} of the mean over the features. The numbers of a column of
 * a table are one feature, and all have the usual share of the column.
 */
async function measureUsualShares(
  { shares }: FittedDetector,
  rows: Matrix,
  { columns, threads }: { columns?: Uint32Array; threads?: number },
): Promise<Float32Array | undefined> {
  if (!shares) return undefined;
  const every = new Uint32Array(rows.n).map((_, i) => i);
  const taken = selectRows(rows, takeEvenly(every, Math.min(rows.n, REFERENCE)));
  const found = await runSubgraph(shares, taken, { chunk: 256, threads });
  const featureOf = columns ?? new Uint32Array(rows.d).map((_, j) => j);
  const mean = new Float64Array(featureOf.at(-1)! + 1);
  for (let p = 0; p < found.length; p++) mean[featureOf[p % rows.d]] += found[p] / taken.n;
  const least = LEAST_USUAL * (mean.reduce((sum, value) => sum + value, 0) / mean.length) || 1;
  return Float32Array.from(featureOf, (feature) => Math.max(mean[feature], least));
}
