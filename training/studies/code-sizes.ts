import type { Configuration } from '../config/schema.ts';
import { mean } from '../evaluate/metrics.ts';
import { trainStudyAutoencoders } from './autoencoder.ts';
import type { Study } from './study.ts';

export const CODE_SIZES = [2, 4, 8, 16, 32, 64, 128];

/** Small batches at a lower rate: as good in 8 epochs as the preset's in 12. */
const TRAINING: Configuration = { widths: [512, 256], batch: 128, learning_rate: 3e-3, epochs: 8 };
const QUICK: Configuration = { ...TRAINING, epochs: 2 };

/** How well an autoencoder and PCA reconstruct digits from codes of different sizes. */
export const codeSizeStudy: Study<'code_sizes'> = {
  key: 'code_sizes',
  title: 'code sizes',
  expected: 95,
  work: 'training',
  async run(material, report) {
    const { test, pca, quick, threads } = material;
    const trained = await trainStudyAutoencoders(
      material,
      CODE_SIZES.map((code) => ({
        what: `autoencoder with a code of ${code}`,
        configuration: { ...(quick ? QUICK : TRAINING), code },
      })),
      report,
    );
    const found = [];
    for (const [i, code] of CODE_SIZES.entries()) {
      await using scorer = trained[i].scorer;
      const { score } = await scorer.run(material.source.test.data, test.n, ['score']);
      const { residual } = await pca.takeLeading(code).project(test, { threads });
      found.push({ code, autoencoder_mse: mean(score), pca_mse: mean(residual) });
    }
    return found;
  },
};
