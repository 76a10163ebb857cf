import { mean } from '../evaluate/metrics.ts';
import { COLUMNS, drawRows } from '../evaluate/pictures.ts';
import { studyInputs } from './inputs.ts';
import { studyMinima } from './minima.ts';
import type { Material, Study } from './study.ts';
import { fitQuadratic, measureTilt } from './tilt.ts';

/** The share of the study that the maps from different starts take. */
const MINIMA = 0.85;

/** The digit whose tilt is measured. */
const ONE = 1;

/**
 * Maps by t-SNE: how often a class is torn, as in a local minimum; what pixels, principal components and codes are worth as its
 * input; and whether the tilt of the ones varies smoothly over a map.
 */
export const mapStudy: Study<'map'> = {
  key: 'map',
  title: 'maps',
  expected: 110,
  work: 'maps',
  async run(material, report) {
    const { splits, torn } = await studyMinima(material, (what, share) => report(what, MINIMA * share));
    const { inputs, places } = await studyInputs(material, (what, share) =>
      report(what, MINIMA + (1 - MINIMA) * share),
    );
    return { splits, torn, inputs, tilt: await measureTilts(material, places) };
  },
};

/** How well a one's place on the map predicts its tilt, and a picture of ones ordered by the predicted tilt. */
async function measureTilts({ test, shape, pictures }: Material, places: Float32Array) {
  const { d: dims } = test;
  const ones = Array.from(test.labels.subarray(0, places.length / 2).keys()).filter(
    (i) => test.labels[i] === ONE,
  );
  const image = (i: number) => test.values.subarray(i * dims, (i + 1) * dims);
  const tilts = Float32Array.from(ones, (i) => measureTilt(image(i), shape));
  const own = Float32Array.from(ones.flatMap((i) => [places[2 * i], places[2 * i + 1]]));
  const { predictions, rSquared } = fitQuadratic(own, tilts);
  const order = ones.map((_, at) => at).sort((a, b) => predictions[a] - predictions[b] || a - b);
  const row = new Float32Array(COLUMNS * dims);
  for (let column = 0; column < COLUMNS; column++) {
    const at = order[Math.round((column * (order.length - 1)) / (COLUMNS - 1))];
    row.set(image(ones[at]), column * dims);
  }
  pictures.set('study-tilt.webp', await drawRows([row], shape));
  const middle = mean(tilts);
  const deviation = Math.sqrt(mean(tilts.map((value) => (value - middle) ** 2)));
  return { label: String(ONE), points: ones.length, deviation, r_squared: rSquared };
}
