import type { Studies } from '../../bundle/studies.ts';
import type { Labelled } from '../classifiers/classifier.ts';
import { measureVotes } from '../linear/vote.ts';
import { measureQuality } from '../map/quality.ts';
import { CONNECTED, componentsOf, embed, findNear } from './embed.ts';
import type { Material, ReportProgress } from './study.ts';
import { findTears } from './tears.ts';

type Input = NonNullable<Studies['map']['inputs']>[number];

const COMPONENTS = 50;
const ITERATIONS = 750;
const QUICK_ITERATIONS = 300;

/**
 * Maps of the test digits from their pixels, from their leading principal components, and from their codes, with all measures.
 * Each is compared with its own input. Also returns the last map, that of the codes, test digits × 2.
 */
export async function studyInputs(
  material: Material,
  report: ReportProgress,
): Promise<{ inputs: Input[]; places: Float32Array }> {
  const { test, codes, pca, quick, threads } = material;
  const { coordinates } = await pca.takeLeading(COMPONENTS).project(test, { threads });
  const given: [Input['features'], Labelled][] = [
    ['pixels', test],
    ['PCA', { ...test, values: coordinates, d: COMPONENTS }],
    ['code', codes.test],
  ];
  const inputs: Input[] = [];
  let places = new Float32Array(0);
  for (const [i, [features, points]] of given.entries()) {
    const { labels, classes } = points;
    const neighbours = await findNear(points, material);
    const start = await componentsOf(points, material);
    const map = await embed(neighbours, start, quick ? QUICK_ITERATIONS : ITERATIONS, material, (share) =>
      report(`a map of ${features}`, (i + share) / given.length),
    );
    places = Float32Array.from(map.places);
    const { points: _sampled, ...quality } = measureQuality(points, places);
    inputs.push({
      features,
      dims: points.d,
      kl_divergence: map.kl,
      ...quality,
      knn_accuracy: measureVotes(map.near, labels, CONNECTED),
      input_knn_accuracy: measureVotes(neighbours, labels, CONNECTED),
      torn: findTears(places, map.near, labels, classes).map(({ label }) => label),
    });
  }
  return { inputs, places };
}
