import { DataError } from '../error.ts';
import type { Manifest } from '../manifest.ts';
import { exactPValue } from '../p-value.ts';
import type { ScorerOutput } from '../scorer.ts';
import type { Cell } from './cell.ts';
import type { OutputColumn, Values } from './text.ts';

/** The columns of a table of scores, and where some of them are. */
export interface ScoreTable {
  readonly columns: readonly OutputColumn[];
  readonly pValue: number;
  readonly anomalous: number;
  /** The values of some rows, a list a column; the one for verdicts is empty. */
  values(
    found: Pick<ScorerOutput, 'score' | 'p_value'> & Partial<ScorerOutput>,
    count: number,
    carried: readonly (readonly Cell[])[],
  ): Values[];
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
  const { features } = data;
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
      const explained = top > 0 ? findTopShares(found.feature_share!, count, features, top, names) : [];
      return [...cells, found.score, p, [], ...each, ...explained];
    },
  };
}

/**
 * Finds the `top` features of each row by their shares, the largest first. Returns a column of names and one of shares
 * for each place.
 */
export function findTopShares(
  shares: Float32Array,
  count: number,
  features: number,
  top: number,
  names: readonly string[],
): Values[] {
  const labels = Array.from({ length: top }, () => new Array<string | null>(count));
  const parts = Array.from({ length: top }, () => new Float32Array(count));
  const best = new Uint32Array(top);
  for (let i = 0; i < count; i++) {
    const start = i * features;
    let held = 0;
    for (let j = 0; j < features; j++) {
      const share = shares[start + j];
      if (held === top && !(share > shares[start + best[top - 1]])) continue;
      let at = held < top ? held++ : top - 1;
      for (; at > 0 && share > shares[start + best[at - 1]]; at--) best[at] = best[at - 1];
      best[at] = j;
    }
    for (let k = 0; k < top; k++) {
      const share = shares[start + best[k]];
      // In a sample without any error, no feature explains the score.
      labels[k][i] = share > 0 ? names[best[k]] : null;
      parts[k][i] = share > 0 ? Math.min(share, 1) : 0;
    }
  }
  return labels.flatMap((label, k) => [label, parts[k]]);
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
