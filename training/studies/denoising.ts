import { Encoder } from '../autoencoder/encoder.ts';
import type { Configuration } from '../config/schema.ts';
import { corruptRows, reportDenoising } from '../evaluate/denoising.ts';
import { COLUMNS, drawRows } from '../evaluate/pictures.ts';
import { trainStudyAutoencoders } from './autoencoder.ts';
import type { Study } from './study.ts';

/** The level is the standard deviation of the noise, or the share of the pixels that are replaced. */
const CORRUPTIONS = [
  { corruption: 'gaussian', corruption_level: 0.5 },
  { corruption: 'masking', corruption_level: 0.5 },
  { corruption: 'salt_and_pepper', corruption_level: 0.3 },
] as const;

const MODEL: Configuration = { widths: [512], code: 256, loss: 'mean_squared_error', epochs: 10 };
const QUICK: Configuration = { ...MODEL, epochs: 2 };

/** How much of three kinds of noise a denoising autoencoder removes, compared with the best rank of PCA. */
export const denoisingStudy: Study<'denoising'> = {
  key: 'denoising',
  title: 'denoising',
  expected: 48,
  work: 'training',
  async run(material, report) {
    const { source, test, pca, quick, threads, pictures, shape } = material;
    const clean = test.values.slice(0, COLUMNS * test.d);
    const rows = [clean];
    await using encoder = new Encoder(source.features, source.scaling);
    const trained = await trainStudyAutoencoders(
      material,
      CORRUPTIONS.map((noise) => ({
        what: `denoising ${noise.corruption}`,
        configuration: { ...(quick ? QUICK : MODEL), ...noise },
      })),
      report,
    );
    const found = [];
    for (const [i, noise] of CORRUPTIONS.entries()) {
      await using scorer = trained[i].scorer;
      const { gain_db: _gain, ...figures } = await reportDenoising(scorer, pca, encoder, source.test, noise, {
        threads,
      });
      found.push(figures);
      const noisy = await corruptRows({ values: clean, n: COLUMNS, d: test.d }, noise);
      const { reconstruction } = await scorer.run(
        noisy.map((value) => 255 * value),
        COLUMNS,
        ['reconstruction'],
      );
      rows.push(
        noisy.slice(),
        reconstruction.map((value) => value / 255),
      );
    }
    pictures.set('study-denoising.webp', await drawRows(rows, shape));
    return found;
  },
};
