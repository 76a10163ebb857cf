import { DataError } from '../error.ts';
import type { Manifest } from '../manifest.ts';
import { exactPValue } from '../p-value.ts';
import type { ScorerOutput } from '../scorer.ts';
import type { Cell } from './cell.ts';
import type { OutputColumn, Values } from './text.ts';

/** What the scorer says of some rows. */
export type ScoredRows = Pick<ScorerOutput, 'score' | 'p_value'> &
  Partial<Pick<ScorerOutput, 'detectors'>> & { readonly top?: TopShares };

/** The columns of a table of scores, and where some of them are. */
export interface ScoreTable {
  readonly columns: readonly OutputColumn[];
  readonly pValue: number;
  readonly anomalous: number;
  /** The values of some rows, a list a column; the one for verdicts is empty. */
  values(found: ScoredRows, count: number, carried: readonly (readonly Cell[])[]): Values[];
}

/**
 * The table of scores that `offmanifold score` and the dashboard write: the columns carried through, `score`, `p_value`,
 * `anomalous`, each detector's surprise if `detectors`, and the `explain` features with the largest shares. Throws a
 * {@link DataError} if two columns would have one name.
 */
export function layOutScores(
  carried: readonly OutputColumn[],
  { data, scorer }: Pick<Manifest, 'data' | 'scorer'>,
  { explain: top, detectors = false }: { explain: number; detectors?: boolean | undefined },
): ScoreTable {
  const names = featureNames(data);
  const members = detectors ? scorer.detectors.map(({ name }) => name) : [];
  const columns: OutputColumn[] = [
    ...carried,
    { name: 'score', type: 'float' },
    { name: 'p_value', type: 'number' },
    { name: 'anomalous', type: 'boolean' },
    ...members.map((name) => ({ name, type: 'float' }) as const),
    ...Array.from({ length: top }, (_, k): OutputColumn[] => [
      { name: `feature_${k + 1}`, type: 'text' },
      { name: `share_${k + 1}`, type: 'float' },
    ]).flat(),
  ];
  const twice = columns.find(({ name }, i) => columns.findIndex((other) => other.name === name) < i);
  if (twice) {
    throw new DataError(`the output would have two columns named ${twice.name}: leave it out of --columns`);
  }
  return {
    columns,
    pValue: carried.length + 1,
    anomalous: carried.length + 2,
    values(found, count, cells) {
      const p = Float64Array.from(found.p_value, (value) => exactPValue(value, scorer.calibration_count));
      const each = members.map((_, k) =>
        Float32Array.from({ length: count }, (_, i) => found.detectors![i * members.length + k]!),
      );
      const explained = top > 0 ? nameShares(found.top!, top, names) : [];
      return [...cells, found.score, p, [], ...each, ...explained];
    },
  };
}

/** The features with the largest shares of each row, the largest first: n × top. */
export interface TopShares {
  readonly index: Uint32Array;
  /** 0 where no feature explains the score any more. */
  readonly share: Float32Array;
}

/** Finds the `top` features of each of `count` rows by their shares (count × features). */
export function rankShares(shares: Float32Array, count: number, features: number, top: number): TopShares {
  const index = new Uint32Array(count * top);
  const share = new Float32Array(count * top);
  const best = new Uint32Array(top);
  for (let i = 0; i < count; i++) {
    const start = i * features;
    let held = 0;
    for (let j = 0; j < features; j++) {
      const part = shares[start + j]!;
      if (held === top && !(part > shares[start + best[top - 1]!]!)) continue;
      let at = held < top ? held++ : top - 1;
      for (; at > 0 && part > shares[start + best[at - 1]!]!; at--) best[at] = best[at - 1]!;
      best[at] = j;
    }
    for (let k = 0; k < top; k++) {
      const part = shares[start + best[k]!]!;
      index[i * top + k] = best[k]!;
      // In a sample without any error, no feature explains the score.
      share[i * top + k] = part > 0 ? Math.min(part, 1) : 0;
    }
  }
  return { index, share };
}

/** A column of names and one of shares for each place of the features with the largest shares. */
function nameShares({ index, share }: TopShares, top: number, names: readonly string[]): Values[] {
  const count = share.length / top;
  return Array.from({ length: top }, (_, k): Values[] => {
    const parts = Float32Array.from({ length: count }, (_, i) => share[i * top + k]!);
    return [Array.from(parts, (part, i) => (part > 0 ? names[index[i * top + k]!]! : null)), parts];
  }).flat();
}

/** Columns by their names; pixels as row:column, with the channel if there are several. All count from 0. */
function featureNames({ names, shape, features }: Manifest['data']): readonly string[] {
  if (names) return names;
  const [, width = 1, channels = 1] = shape;
  return Array.from({ length: features }, (_, j) => {
    if (shape.length === 1) return String(j);
    const pixel = Math.floor(j / channels);
    const place = `${Math.floor(pixel / width)}:${pixel % width}`;
    return channels === 1 ? place : `${place}:${j % channels}`;
  });
}
