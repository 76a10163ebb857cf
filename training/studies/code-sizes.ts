import { mean } from '../evaluate/metrics.ts';
import { trainStudyAutoencoder } from './autoencoder.ts';
import type { Study } from './study.ts';

export const CODE_SIZES = [2, 4, 8, 16, 32, 64, 128];

const EPOCHS = 12;
const QUICK_EPOCHS = 2;

/** How well an autoencoder and PCA reconstruct digits from codes of different sizes. */
export const codeSizeStudy: Study<'code_sizes'> = {
  key: 'code_sizes',
  title: 'code sizes',
  expected: 85,
  async run(material, report) {
    const { test, pca, quick, threads } = material;
    const found = [];
    for (const [i, code] of CODE_SIZES.entries()) {
      const { scorer } = await trainStudyAutoencoder(
        material,
        { widths: [512, 256], code, epochs: quick ? QUICK_EPOCHS : EPOCHS },
        (share) => report(`autoencoder with a code of ${code}`, (i + share) / CODE_SIZES.length),
      );
      await using _released = scorer;
      const { score } = await scorer.run(material.source.test.data, test.n, ['score']);
      const { residual } = await pca.takeLeading(code).project(test, { threads });
      found.push({ code, autoencoder_mse: mean(score), pca_mse: mean(residual) });
    }
    return found;
  },
};
