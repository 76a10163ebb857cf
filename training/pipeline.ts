import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Manifest } from '../bundle/manifest.ts';
import { parseReport, type Report } from '../bundle/report.ts';
import { type BundleContents, BundleWriter } from '../bundle/writer.ts';
import { DenseAutoencoder } from './autoencoder/dense.ts';
import { decoderGraph, scorerGraph } from './autoencoder/export.ts';
import type { LossName } from './autoencoder/losses.ts';
import { type TrainingProgress, trainAutoencoder } from './autoencoder/train.ts';
import { type LabelledImages, loadMnist } from './data/mnist.ts';
import {
  detectionReport,
  headline,
  reconstructionReport,
  scaledRows,
  thresholds,
  trainingReport,
} from './evaluate/report.ts';
import { assertPerplexity, buildMap, type MapOptions } from './map.ts';
import { Pca } from './pca.ts';
import { Random } from './random.ts';
import { Scorer } from './scorer.ts';
import { spriteSheets } from './sprites.ts';

/** All that decides what a bundle will be; two runs with equal options make the same bytes. */
export interface PipelineOptions {
  /** The bundle's folder; its last part is the bundle's name. */
  out: string;
  seed: number;
  epochs: number;
  batch: number;
  learningRate: number;
  warmupEpochs: number;
  loss: LossName;
  widths: readonly number[];
  /** Samples kept out of training to choose the best epoch, and to calibrate the p-values. */
  validation: number;
  calibration: number;
  /** At most so many training samples, for a quick try. */
  limit?: number;
  /** The map shows the first so many test samples. */
  mapPoints: number;
  map: Omit<MapOptions, 'threads'>;
  threads?: number;
  onStage?: (stage: string) => void;
  onTraining?: (progress: TrainingProgress) => void;
}

export const DEFAULTS = {
  out: 'models/mnist',
  seed: 1,
  epochs: 30,
  batch: 256,
  learningRate: 2e-3,
  warmupEpochs: 1,
  loss: 'binary_cross_entropy' as const,
  widths: [784, 512, 128, 64, 128, 512, 784],
  validation: 2000,
  calibration: 4000,
  mapPoints: 10_000,
  map: { perplexity: 30, iterations: 1000 },
} satisfies PipelineOptions;

/** u8 values are divided by this, to 0..1. */
const SCALE = 255;

/** MNIST in, a bundle out: train, calibrate, evaluate, map, export. */
export async function runPipeline(options: PipelineOptions): Promise<Manifest> {
  const writer = await BundleWriter.open(options.out);
  try {
    return await writer.write(await makeBundle(options));
  } finally {
    writer.close();
  }
}

async function makeBundle(options: PipelineOptions): Promise<BundleContents> {
  const stage = options.onStage ?? (() => {});
  const { threads } = options;
  const began = performance.now();
  const points = options.mapPoints;
  assertPerplexity(options.map.perplexity, points);
  stage('reading MNIST');
  const split = splitTraining(await loadMnist('train'), options);
  const test = await loadMnist('test');
  const features = test.height * test.width;
  const model = new DenseAutoencoder(options.widths);

  stage(`training ${model.widths.join('-')} on ${split.train.count} images`);
  const trained = await trainAutoencoder(model, split.train, split.validation, 1 / SCALE, {
    ...options,
    onProgress: options.onTraining,
  });

  stage('calibrating the scores');
  const uncalibrated = await Scorer.load(scorerGraph(model, trained.weights, SCALE), { threads });
  const { score: calibration } = await uncalibrated.run(split.calibration.data, split.calibration.count, [
    'score',
  ]);
  await uncalibrated.release();
  const files = new Map<string, Uint8Array>();
  files.set('scorer.onnx', scorerGraph(model, trained.weights, SCALE, calibration));
  files.set('decoder.onnx', decoderGraph(model, trained.weights, SCALE));

  stage('evaluating: PCA, outliers, ROC curves');
  const scorer = await Scorer.load(files.get('scorer.onnx')!, { threads });
  const scored = await scorer.run(test.data, test.count, ['code', 'score', 'p_value']);
  const rows = scaledRows(split.train.data, features, 1 / SCALE);
  const pca = await Pca.fit(rows, split.train.count, features, model.code, { threads });
  const classes = Array.from({ length: 10 }, (_, digit) => String(digit));
  const reconstruction = await reconstructionReport(scorer, pca, test, classes, 1 / SCALE, { threads });
  const detection = await detectionReport(scorer, test, scored.score, calibration);
  await scorer.release();
  const trainSeconds = (performance.now() - began) / 1000;

  stage(`mapping ${points} codes with t-SNE`);
  const map = await buildMap(
    {
      codes: scored.code.subarray(0, points * model.code),
      dims: model.code,
      labels: test.labels.subarray(0, points),
      classes,
      score: scored.score.subarray(0, points),
      p_value: scored.p_value.subarray(0, points),
    },
    { ...options.map, threads },
  );
  for (const [name, bytes] of map.files) files.set(name, bytes);
  const { sprites, files: sheets } = await spriteSheets(test.data, points, [test.height, test.width]);
  for (const [name, bytes] of sheets) files.set(name, bytes);

  const figures = headline({ reconstruction, detection });
  const report: Report = {
    headline: figures,
    training: trainingReport(options.loss, trained),
    reconstruction,
    detection,
    ranking: ranking(scored.score.subarray(0, points)),
    map: map.report,
  };
  files.set('report.json', new TextEncoder().encode(JSON.stringify(parseReport(report))));

  stage(`writing ${options.out}`);
  return {
    files,
    manifest: {
      format: 'offmanifold-bundle',
      version: 1,
      name: basename(resolve(options.out)),
      data: {
        name: 'MNIST',
        shape: [test.height, test.width, 1],
        features,
        range: [0, SCALE],
        scale: SCALE,
        classes,
        splits: {
          train: split.train.count,
          validation: split.validation.count,
          calibration: split.calibration.count,
          test: test.count,
        },
      },
      architecture: {
        kind: 'dense',
        widths: [...model.widths],
        code: model.code,
        activation: 'relu',
        parameters: [...trained.weights.values()].reduce((sum, { length }) => sum + length, 0),
      },
      training: {
        seed: options.seed,
        epochs: options.epochs,
        batch: options.batch,
        loss: options.loss,
        learning_rate: options.learningRate,
        warmup_epochs: options.warmupEpochs,
      },
      scorer: {
        score: 'mean_squared_error',
        calibration_count: calibration.length,
        thresholds: thresholds(calibration),
      },
      map: map.manifest,
      sprites,
      headline: figures,
      versions: versions(),
      run: {
        created_at: new Date().toISOString(),
        train_seconds: trainSeconds,
        map_seconds: (performance.now() - began) / 1000 - trainSeconds,
      },
    },
  };
}

/** The training images in an order drawn from the seed, cut into validation, calibration and train. */
export function splitTraining(
  images: LabelledImages,
  {
    seed,
    validation,
    calibration,
    limit,
  }: Pick<PipelineOptions, 'seed' | 'validation' | 'calibration' | 'limit'>,
) {
  const size = images.height * images.width;
  const order = new Random(seed).shuffle(new Uint32Array(images.count).map((_, i) => i));
  const take = (from: number, count: number) => {
    const data = new Uint8Array(count * size);
    for (let i = 0; i < count; i++) {
      const start = order[from + i] * size;
      data.set(images.data.subarray(start, start + size), i * size);
    }
    return { data, count };
  };
  const train = Math.min(limit ?? images.count, images.count - validation - calibration);
  return {
    validation: take(0, validation),
    calibration: take(validation, calibration),
    train: take(validation + calibration, train),
  };
}

/** The points' indices, the largest score first. */
const ranking = (score: Float32Array): number[] =>
  Array.from(score.keys()).sort((a, b) => score[b] - score[a] || a - b);

/** What the bytes of a bundle depend on beside its options. */
function versions(): Record<string, string> {
  const { version, dependencies } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return {
    offmanifold: version,
    node: process.versions.node,
    'onnxruntime-node': dependencies['onnxruntime-node'],
  };
}
