import { kindOf } from '../../bundle/kind.ts';
import type { Report } from '../../bundle/report.ts';
import type { ScorerOutput } from '../../bundle/scorer.ts';
import { Encoder } from '../autoencoder/encoder.ts';
import type { Trained } from '../autoencoder/export.ts';
import type { Source } from '../data/source.ts';
import { RANKS, reportDenoising } from '../evaluate/denoising.ts';
import { reportDetection } from '../evaluate/detection.ts';
import { evidenceLowerBound } from '../evaluate/elbo.ts';
import { drawPictures } from '../evaluate/pictures.ts';
import { createEncodedReader, measureErrors, reportReconstruction } from '../evaluate/reconstruction.ts';
import { Pca } from '../linear/pca.ts';
import { collectAll } from '../runtime/collector.ts';
import { Scorer } from '../scorer/scorer.ts';

/** PCA is fitted to at most this many training samples. */
const PCA_SAMPLES = 60_000;

/** The data that a model is evaluated on. */
export type EvaluationData = Pick<
  Source,
  | 'train'
  | 'test'
  | 'shape'
  | 'features'
  | 'encoded'
  | 'scaling'
  | 'range'
  | 'labels'
  | 'classes'
  | 'anomalous'
>;

export interface Evaluation {
  /** The scorer's outputs for the test samples. */
  scored: Pick<ScorerOutput, 'code' | 'score' | 'p_value'>;
  report: Pick<Report, 'reconstruction' | 'denoising' | 'test_elbo' | 'detection'>;
  /** Files for the bundle. */
  pictures: ReadonlyMap<string, Uint8Array>;
}

/** Measures how well a model reconstructs, denoises and detects. `names` are the names of its detectors. */
export async function evaluateModel(
  trained: Trained,
  model: { scorer: Uint8Array; calibration: Float32Array; names: readonly string[] },
  data: EvaluationData,
  options: { threads?: number },
): Promise<Evaluation> {
  const { test, features, encoded, scaling } = data;
  const { training } = trained;
  const { code } = trained.model;
  await using scorer = await Scorer.load(model.scorer, options);
  await using encoder = new Encoder(features, scaling);
  const { feature_error, ...scored } = await scorer.run(test.data, test.count, [
    'code',
    'detectors',
    'score',
    'p_value',
    'feature_error',
  ]);
  const errors = measureErrors(feature_error, features, encoded);

  // A noisy row of a table, in the units of training, cannot be decoded into a record.
  const denoises = training.corruption !== 'none' && kindOf(data) !== 'table';
  const components = Math.min(encoded, denoises ? Math.max(code, ...RANKS) : code);
  const sample = Math.min(data.train.count, PCA_SAMPLES);
  const principal = await Pca.fit(createEncodedReader(data.train, sample, encoder), components, options);
  collectAll();
  const pca = principal.takeLeading(Math.min(code, encoded));
  const reconstruction = await reportReconstruction(errors, pca, encoder, data, options);
  const denoising = denoises
    ? await reportDenoising(scorer, principal, encoder, test, training, options)
    : null;
  const test_elbo = trained.model.blueprint.variational
    ? await evidenceLowerBound(trained, test, options)
    : null;
  collectAll();
  const detection = await reportDetection(scorer, data, scored, model.calibration, model.names);
  const pictures = await drawPictures(trained, scorer, encoder, data);
  return { scored, report: { reconstruction, denoising, test_elbo, detection }, pictures };
}
