import { Random } from '../kernels/random.ts';
import { addPatches } from '../training/data/outliers.ts';
import type { Source } from '../training/data/source.ts';
import { runSubgraph } from '../training/detectors/run.ts';
import type { Matrix } from '../training/runtime/rows.ts';
import { fitMembers } from '../training/scorer/ensemble.ts';
import { explain, fuse } from '../training/scorer/fusion.ts';
import { CONTAMINATION, chooseMembers, FUSION } from '../training/scorer/members.ts';
import { fitProjection } from '../training/scorer/projection.ts';
import type { Scorer } from '../training/scorer/scorer.ts';
import type { View } from '../training/scorer/views.ts';

const SEED = 1;
/** A table of correlated columns: common factors, and noise for each column. */
const TABLE = { rows: 4000, cases: 2000, columns: 20, factors: 5, noise: 0.3 };
/** How many standard deviations a corrupted value lies from the true one, in either direction. */
const OFF: readonly [number, number] = [3, 6];

/** The share of rows in which the corrupted column has the largest share of the score. */
export async function measureCorrupted(): Promise<number> {
  const { rows, cases, columns } = TABLE;
  const random = new Random(SEED);
  const draw = makeTable(random);
  const train = draw(rows);
  const test = draw(cases);
  const at = Uint32Array.from({ length: cases }, () => random.below(columns));
  for (let i = 0; i < cases; i++) {
    const far = OFF[0] + (OFF[1] - OFF[0]) * random.uniform();
    test.values[i * columns + at[i]] += random.uniform() < 0.5 ? far : -far;
  }
  const members = chooseMembers(undefined, { kind: 'matrix', shape: [columns], variational: false });
  const options = { seed: SEED, contamination: CONTAMINATION.table };
  const projection = await fitProjection(train, options);
  const none = { values: new Float32Array(0), n: 0, d: columns };
  const fitted = await fitMembers(
    members,
    { train: { input: train, projection: train }, unseen: { input: none, projection: none } },
    options,
  );
  const shares = await runSubgraph(
    (graph, x) => {
      const views = (view: View) => (view === 'projection' ? projection.apply(graph, x) : x);
      return explain(graph, views, fitted, fuse(graph, views, fitted, FUSION.table).weights);
    },
    test,
    { chunk: 512 },
  );
  let first = 0;
  for (let i = 0; i < cases; i++) {
    const own = shares.subarray(i * columns, (i + 1) * columns);
    first += Number(own.indexOf(Math.max(...own)) === at[i]);
  }
  return first / cases;
}

/** Draws rows of a linear factor model whose columns have variance 1. */
function makeTable(random: Random): (n: number) => Matrix {
  const { columns, factors, noise } = TABLE;
  const loadings = Array.from({ length: columns }, () => {
    const own = Array.from({ length: factors }, () => random.normal());
    const norm = Math.hypot(...own) / Math.sqrt(1 - noise ** 2);
    return own.map((value) => value / norm);
  });
  return (n) => {
    const values = new Float32Array(n * columns);
    for (let i = 0; i < n; i++) {
      const z = Array.from({ length: factors }, () => random.normal());
      for (let j = 0; j < columns; j++) {
        values[i * columns + j] = loadings[j].reduce((sum, w, f) => sum + w * z[f], noise * random.normal());
      }
    }
    return { values, n, d: columns };
  };
}

/**
 * For test images with a patch of noise: the share of the heat map on the patch, and the share of the patch's
 * pixels among the hottest pixels, as many as the patch has.
 */
export async function measurePatches(scorer: Scorer, { test, shape, range }: Source) {
  const [height, width] = shape;
  const pixels = height * width;
  const { data, corners, side } = addPatches({ ...test, shape, range }, new Random(SEED));
  const { feature_share } = await scorer.run(data, test.count, ['feature_share']);
  let heat = 0;
  let hottest = 0;
  for (let i = 0; i < test.count; i++) {
    const own = feature_share.subarray(i * pixels, (i + 1) * pixels);
    const on = new Set<number>();
    for (let a = 0; a < side; a++) for (let b = 0; b < side; b++) on.add(corners[i] + a * width + b);
    for (const p of on) heat += own[p] / test.count;
    const order = Array.from(own.keys()).sort((a, b) => own[b] - own[a]);
    const found = order.slice(0, on.size).filter((p) => on.has(p)).length;
    hottest += found / on.size / test.count;
  }
  return { patch_heat_share: heat, patch_overlap: hottest };
}
