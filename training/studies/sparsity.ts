import type { Studies } from '../../bundle/studies.ts';
import type { Configuration } from '../config/schema.ts';
import { mean } from '../evaluate/metrics.ts';
import { COLUMNS, drawRows } from '../evaluate/pictures.ts';
import { trainStudyAutoencoders } from './autoencoder.ts';
import type { Study } from './study.ts';

const UNITS = 196;
const MODEL: Configuration = {
  widths: [],
  code: UNITS,
  code_activation: 'sigmoid',
  epochs: 20,
  learning_rate: 1e-2,
};
const QUICK_EPOCHS = 2;

const PENALTIES: readonly {
  penalty: Studies['sparsity'][number]['penalty'];
  options: Configuration & { sparsity: 'none' | 'l1' | 'kl' };
}[] = [
  { penalty: 'none', options: { sparsity: 'none' } },
  { penalty: 'L1', options: { sparsity: 'l1', sparsity_weight: 0.8 } },
  { penalty: 'KL', options: { sparsity: 'kl', sparsity_weight: 3, sparsity_target: 0.05 } },
];

/** A unit, from 0 to 1, is active above this. */
const ACTIVE = 0.1;

/** Rows of units per penalty in the picture. */
const ROWS = 2;

/** What a sparsity penalty does to a code, and what its units then represent: strokes and parts of digits. */
export const sparsityStudy: Study<'sparsity'> = {
  key: 'sparsity',
  title: 'sparsity',
  expected: 26,
  work: 'training',
  async run(material, report) {
    const { source, test, quick, shape, pictures } = material;
    const trained = await trainStudyAutoencoders(
      material,
      PENALTIES.map(({ penalty, options }) => ({
        what: `sparsity ${penalty}`,
        configuration: { ...MODEL, ...(quick ? { epochs: QUICK_EPOCHS } : {}), ...options },
      })),
      report,
    );
    const found = [];
    const rows: Float32Array[] = [];
    for (const [i, { penalty, options }] of PENALTIES.entries()) {
      const { weights } = trained[i];
      await using scorer = trained[i].scorer;
      const { code, score } = await scorer.run(source.test.data, test.n, ['code', 'score']);
      const units = measureActivity(code, UNITS);
      found.push({
        penalty,
        weight: options.sparsity_weight ?? 0,
        units: UNITS,
        test_mse: mean(score),
        mean_activation: mean(code),
        active_share: code.reduce((count, value) => count + Number(value > ACTIVE), 0) / code.length,
        silent_units: units.filter(({ most }) => most <= ACTIVE).length,
      });
      const busiest = units.sort((a, b) => b.variance - a.variance || a.unit - b.unit);
      for (let row = 0; row < ROWS; row++) {
        const shown = busiest.slice(row * COLUMNS, (row + 1) * COLUMNS);
        rows.push(drawUnits(weights.get('layer1.weight')!, test.d, shown));
      }
    }
    pictures.set('study-units.webp', await drawRows(rows, shape));
    return found;
  },
};

/** The largest activation and the variance of each unit, from codes, N × units. */
function measureActivity(code: Float32Array, units: number) {
  const count = code.length / units;
  return Array.from({ length: units }, (_, unit) => {
    let [most, sum, squares] = [0, 0, 0];
    for (let p = unit; p < code.length; p += units) {
      most = Math.max(most, code[p]);
      sum += code[p];
      squares += code[p] ** 2;
    }
    return { unit, most, variance: squares / count - (sum / count) ** 2 };
  });
}

/** What each unit adds to an image, its weights in the decoder: grey is 0, white adds ink, black removes it. */
function drawUnits(
  decoder: Float32Array,
  features: number,
  units: readonly { unit: number }[],
): Float32Array {
  const images = new Float32Array(COLUMNS * features).fill(0.5);
  for (const [i, { unit }] of units.entries()) {
    const weights = decoder.subarray(unit * features, (unit + 1) * features);
    const most = weights.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    if (most > 0)
      images.set(
        weights.map((value) => 0.5 + value / most / 2),
        i * features,
      );
  }
  return images;
}
