import { Random } from '../kernels/random.ts';
import { Encoder } from '../training/autoencoder/encoder.ts';
import { buildReconstructionGraph, type Trained } from '../training/autoencoder/export.ts';
import { trainAutoencoder } from '../training/autoencoder/train.ts';
import type { Configuration } from '../training/config/schema.ts';
import { MNIST } from '../training/data/readers/formats.ts';
import { openSource, type Source } from '../training/data/source.ts';
import { RANKS, reportDenoising } from '../training/evaluate/denoising.ts';
import { evidenceLowerBound } from '../training/evaluate/elbo.ts';
import {
  createEncodedReader,
  measureErrors,
  reportReconstruction,
} from '../training/evaluate/reconstruction.ts';
import { Pca } from '../training/linear/pca.ts';
import { planRun } from '../training/pipeline/plan.ts';
import { Scorer } from '../training/scorer/scorer.ts';
import { assertReported, openTrained } from './bundle.ts';
import type { Bench, Log } from './harness.ts';

/** Models trained besides the bundle's own, each as `offmanifold train` would with these options. */
const CONVOLUTIONAL: Configuration = { preset: 'image' };
const DENOISING: Configuration = {
  widths: [1024],
  code: 256,
  loss: 'mean_squared_error',
  corruption: 'gaussian',
  corruption_level: 0.5,
  epochs: 30,
};
const VARIATIONAL: Configuration = { widths: [500], code: 16, variational: true };
const SHORT: Configuration = { code: 32, epochs: 20 };

/** The data of the short form. */
const QUICK: Configuration = { limit: 20_000, validation: 500, calibration: 500 };

/** Test MSE per pixel of autoencoders and PCA, denoising, and the likelihood of a variational model. */
export const bench: Bench = {
  title: 'reconstruction: test MSE per pixel, values in 0..1',
  targets: {
    dense_test_mse_px: { atMost: 0.0024 },
    conv_test_mse_px: { atMost: 0.0022 },
    denoise_gain_db: { atLeast: 2.5 },
  },
  async run(log) {
    const { source, pca, code, figures } = await measureShipped();
    const mse = async (configuration: Configuration, components: number) => {
      const model = await trainModel(source, configuration, log);
      return reconstruction(await loadScorer(model), pca.takeLeading(components), source);
    };
    const convolutional = await mse(CONVOLUTIONAL, code);
    const dense32 = await mse(SHORT, SHORT.code!);
    const convolutional32 = await mse({ ...CONVOLUTIONAL, ...SHORT }, SHORT.code!);
    const denoiser = await trainModel(source, DENOISING, log);
    const denoising = await denoise(denoiser, pca, source);
    const variational = await trainModel(source, VARIATIONAL, log);
    return {
      ...figures,
      conv_test_mse_px: convolutional.test_mse,
      dense_32_test_mse_px: dense32.test_mse,
      conv_32_test_mse_px: convolutional32.test_mse,
      pca_32_test_mse_px: dense32.pca.test_mse,
      denoise_gain_db: denoising.gain_db,
      denoise_psnr_db: denoising.psnr,
      denoise_pca_psnr_db: denoising.pca.psnr,
      vae_16_test_elbo: await evidenceLowerBound(variational, source.test, {}),
    };
  },
  quick: {
    targets: {
      // PCA with as many components has 0.0091.
      conv_test_mse_px: { atMost: 0.009 },
      denoise_gain_db: { atLeast: 2 },
      vae_16_test_elbo: { atLeast: -125 },
    },
    async run(log) {
      const source = await openSource(MNIST, QUICK);
      const pca = await fitPca(source);
      const convolutional = await trainModel(source, { ...CONVOLUTIONAL, epochs: 8 }, log);
      const report = await reconstruction(await loadScorer(convolutional), pca.takeLeading(64), source);
      const denoiser = await trainModel(source, { ...DENOISING, epochs: 10 }, log);
      const denoising = await denoise(denoiser, pca, source);
      const variational = await trainModel(source, { ...VARIATIONAL, epochs: 10 }, log);
      return {
        conv_test_mse_px: report.test_mse,
        pca_test_mse_px: report.pca.test_mse,
        denoise_gain_db: denoising.gain_db,
        vae_16_test_elbo: await evidenceLowerBound(variational, source.test, {}),
      };
    },
  },
};

/** The bundle's own figures, computed again, and the PCA that they are compared with. */
export async function measureShipped() {
  const { bundle, scorer, source } = await openTrained();
  const pca = await fitPca(source);
  const { code } = bundle.manifest.architecture;
  const report = await reconstruction(scorer, pca.takeLeading(code), source);
  const figures = { dense_test_mse_px: report.test_mse, pca_test_mse_px: report.pca.test_mse };
  await assertReported(bundle, figures);
  return { source, pca, code, figures };
}

async function reconstruction(scorer: Scorer, pca: Pca, source: Source) {
  const { test, features, encoded, scaling } = source;
  const { feature_error } = await scorer.run(test.data, test.count, ['feature_error']);
  await using encoder = new Encoder(features, scaling);
  return await reportReconstruction(measureErrors(feature_error, features, encoded), pca, encoder, source);
}

async function denoise(model: Trained, pca: Pca, { test, features, scaling }: Source) {
  await using scorer = await loadScorer(model);
  await using encoder = new Encoder(features, scaling);
  return await reportDenoising(scorer, pca, encoder, test, model.training);
}

/** PCA of the training rows, with all the components that any figure needs. */
async function fitPca(source: Source): Promise<Pca> {
  source.train.shuffle(new Random(1));
  await using encoder = new Encoder(source.features, source.scaling);
  return await Pca.fit(createEncodedReader(source.train, source.train.count, encoder), Math.max(...RANKS));
}

async function trainModel(source: Source, configuration: Configuration, log: Log): Promise<Trained> {
  const { training, model } = planRun(source, configuration);
  log(`training ${JSON.stringify(configuration)}`);
  const { weights, bestEpoch } = await trainAutoencoder(model, source, training, {
    onEpoch: ({ epoch, train_loss, validation_loss }) => {
      if (epoch % 10 === 0)
        log(`epoch ${epoch}: loss ${train_loss.toFixed(3)}, ${validation_loss.toFixed(3)}`);
    },
  });
  log(`best epoch ${bestEpoch}`);
  return { model, weights, training, scaling: source.scaling };
}

const loadScorer = (model: Trained) => Scorer.load(buildReconstructionGraph(model));
