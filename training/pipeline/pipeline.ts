import { readFileSync, rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { LEVELS } from '../../bundle/calibration.ts';
import { FORMAT_VERSION, type Manifest } from '../../bundle/manifest.ts';
import { parseReport, type Report } from '../../bundle/report.ts';
import { type BundleContents, BundleWriter } from '../../bundle/writer.ts';
import { Random } from '../../kernels/random.ts';
import { Autoencoder } from '../autoencoder/autoencoder.ts';
import { Encoder } from '../autoencoder/encoder.ts';
import { decoderGraph } from '../autoencoder/export.ts';
import { STREAM } from '../autoencoder/run.ts';
import { type EpochReport, type TrainingProgress, trainAutoencoder } from '../autoencoder/train.ts';
import { DATA_DEFAULTS } from '../config/presets.ts';
import { resolveConfiguration } from '../config/resolve.ts';
import { type Configuration, ConfigurationError } from '../config/schema.ts';
import { LEAST_CALIBRATION, type Source } from '../data/source.ts';
import { denoisingReport, RANKS } from '../evaluate/denoising.ts';
import { evidenceLowerBound } from '../evaluate/elbo.ts';
import { pictures } from '../evaluate/pictures.ts';
import {
  detectionReport,
  headline,
  reconstructionReport,
  thresholds,
  trainingReport,
  trainRows,
} from '../evaluate/report.ts';
import { Pca } from '../linear/pca.ts';
import { assertPerplexity, buildMap, type MapOptions } from '../map/map.ts';
import { spriteSheets } from '../map/thumbnails.ts';
import { CheckpointError, readCheckpoint, writeCheckpoint } from '../network/checkpoint.ts';
import { Interruption } from '../runtime/interruption.ts';
import { collectAll, type SessionOptions } from '../runtime/session.ts';
import { memberName } from '../scorer/ensemble.ts';
import { fitDetection } from '../scorer/fit.ts';
import { scorerGraph } from '../scorer/graph.ts';
import { assertFits, CONTAMINATION, kindOf, membersOf } from '../scorer/members.ts';
import { Scorer } from '../scorer/scorer.ts';

/** How a run goes, none of which changes what the bundle will be. */
export interface PipelineOptions extends SessionOptions {
  /** The bundle's folder; its last part is the bundle's name. */
  out: string;
  /** Go on from the checkpoint of an interrupted run: it must be there (true), or may be ('if there'). */
  resume?: boolean | 'if there';
  /** Seconds between two checkpoints. */
  checkpointEvery?: number;
  signal?: AbortSignal;
  onStage?: (stage: string) => void;
  onTraining?: (progress: TrainingProgress) => void;
  onEpoch?: (report: EpochReport) => void;
  onMap?: MapOptions['onProgress'];
}

/** Where the checkpoint of a training run is kept until its bundle is written. */
export const checkpointPath = (out: string): string => `${resolve(out)}.checkpoint`;

const CHECKPOINT_EVERY = 60;

/** A map of fewer is none. */
const LEAST_POINTS = 4;

/** Components of PCA are fitted on at most so many training samples. */
const PCA_SAMPLES = 60_000;

/** Data in, a bundle out: train, calibrate, evaluate, map, export. Closes the source. */
export async function runPipeline(
  source: Source,
  configuration: Configuration,
  options: PipelineOptions,
): Promise<Manifest> {
  try {
    const writer = await BundleWriter.open(options.out);
    try {
      const manifest = await writer.write(await makeBundle(source, configuration, options));
      rmSync(checkpointPath(options.out), { force: true });
      return manifest;
    } finally {
      writer.close();
    }
  } finally {
    await source.close();
  }
}

/** The resolved configuration of a run on a source. Throws a ConfigurationError if they do not fit. */
export function resolved(source: Source, configuration: Configuration) {
  const { preset, blueprint, training } = resolveConfiguration(configuration, {
    // A table is as wide as the model sees it.
    shape: source.scaling.kind === 'columns' ? [source.encoded] : source.shape,
    count: source.train.count,
    scaling: source.scaling.kind,
  });
  const points = Math.min(configuration.map_points ?? DATA_DEFAULTS.map_points, source.test.count);
  if (points < LEAST_POINTS) {
    throw new ConfigurationError(
      `there are ${points} test samples: the map needs at least ${LEAST_POINTS}; use more data, or a larger --test`,
    );
  }
  const { count: calibration } = source.calibration;
  if (calibration < LEAST_CALIBRATION) {
    throw new ConfigurationError(
      `there ${calibration === 1 ? 'is 1 calibration sample' : `are ${calibration} calibration samples`}: at least ${LEAST_CALIBRATION} are needed for a p-value of ${Math.max(...LEVELS)}; use more data, or a larger --calibration`,
    );
  }
  const most = Math.floor((points - 1) / 3);
  const perplexity = configuration.perplexity ?? Math.min(DATA_DEFAULTS.perplexity, most);
  assertPerplexity(perplexity, points);
  const iterations = configuration.iterations ?? DATA_DEFAULTS.iterations;
  const members = membersOf(configuration.detectors, {
    shape: source.shape,
    variational: blueprint.variational,
  });
  const contamination = configuration.contamination ?? CONTAMINATION[kindOf(source)];
  const { encoded, train } = source;
  assertFits(members, { count: train.count, contamination, encoded, code: blueprint.code });
  return {
    preset,
    training,
    model: new Autoencoder(blueprint),
    members,
    contamination,
    points,
    map: { perplexity, iterations },
  };
}

async function makeBundle(
  source: Source,
  configuration: Configuration,
  options: PipelineOptions,
): Promise<BundleContents> {
  const stage = (name: string) => {
    collectAll();
    if (options.signal?.aborted) throw new Interruption(`stopped before ${name}`);
    options.onStage?.(name);
  };
  const { threads, device } = options;
  const began = performance.now();
  const {
    training,
    model,
    points,
    members,
    contamination,
    map: mapOptions,
  } = resolved(source, configuration);
  const { architecture } = model;
  const { test, shape, scaling, features, encoded } = source;

  stage(`training ${describe(model)} on ${source.train.count} samples of ${source.name}`);
  const trained = await trainAutoencoder(model, source, training, {
    threads,
    device,
    signal: options.signal,
    onProgress: options.onTraining,
    onEpoch: options.onEpoch,
    checkpoints: checkpoints(source, { architecture, training }, options),
  });

  stage('fitting the detectors');
  const exported = { model, weights: trained.weights, training, scaling };
  source.train.shuffle(Random.stream(training.seed, STREAM.order));
  const fitted = await fitDetection(exported, source, members, {
    seed: training.seed,
    contamination,
    threads,
    onMember: (name) => stage(`  ${name}`),
  });

  stage('calibrating the scores');
  const uncalibrated = await Scorer.load(scorerGraph(exported, fitted), { threads });
  const { data, count } = source.calibration;
  const { score: calibration } = await uncalibrated.run(data, count, ['score']);
  await uncalibrated.release();
  const files = new Map<string, Uint8Array>();
  files.set('scorer.onnx', scorerGraph(exported, fitted, calibration));
  files.set('decoder.onnx', decoderGraph(exported));

  stage('evaluating: PCA, outliers, ROC curves');
  const scorer = await Scorer.load(files.get('scorer.onnx')!, { threads });
  const scored = await scorer.run(test.data, test.count, ['code', 'detectors', 'score', 'p_value']);
  const sample = Math.min(source.train.count, PCA_SAMPLES);
  // Noise in the units of training is no record of mixed columns.
  const denoises = training.corruption !== 'none' && scaling.kind !== 'columns';
  const components = Math.min(encoded, denoises ? Math.max(model.code, ...RANKS) : model.code);
  const encoder = new Encoder(features, scaling);
  const principal = await Pca.fit(trainRows(source, encoder), sample, encoded, components, { threads });
  await encoder.release();
  const pca = principal.leading(Math.min(model.code, encoded));
  collectAll();
  const reconstruction = await reconstructionReport(scorer, pca, source, { threads });
  const denoising = denoises ? await denoisingReport(scorer, source, principal, training, { threads }) : null;
  const test_elbo = model.blueprint.variational
    ? await evidenceLowerBound(exported, test, { threads })
    : null;
  collectAll();
  const detection = await detectionReport(scorer, source, scored, calibration, members.map(memberName));
  for (const [name, bytes] of await pictures(exported, scorer, source)) files.set(name, bytes);
  await scorer.release();
  const trainSeconds = (performance.now() - began) / 1000;

  stage(`mapping ${points} codes with t-SNE`);
  const map = await buildMap(
    {
      codes: scored.code.subarray(0, points * model.code),
      dims: model.code,
      ids: source.ids.subarray(0, points),
      labels: source.labels?.subarray(0, points),
      classes: source.classes,
      score: scored.score.subarray(0, points),
      p_value: scored.p_value.subarray(0, points),
    },
    { ...mapOptions, threads, onProgress: options.onMap, signal: options.signal },
  ).catch((error: Error) => {
    throw error.name === 'AbortError' ? new Interruption('the map was stopped') : error;
  });
  for (const [name, bytes] of map.files) files.set(name, bytes);
  const thumbnails = await spriteSheets(test.data, points, shape, scaling);
  for (const [name, bytes] of thumbnails?.files ?? []) files.set(name, bytes);

  const figures = headline(
    { reconstruction, detection, denoising, test_elbo },
    { kind: architecture.kind, shape },
  );
  const report: Report = {
    headline: figures,
    training: trainingReport(training.loss, trained),
    reconstruction,
    denoising,
    test_elbo,
    detection,
    ranking: ranking(scored.score.subarray(0, points)),
    map: map.report,
    studies: null,
  };
  files.set('report.json', new TextEncoder().encode(JSON.stringify(parseReport(report))));

  stage(`writing ${options.out}`);
  return {
    files,
    manifest: {
      format: 'offmanifold-bundle',
      version: FORMAT_VERSION,
      name: basename(resolve(options.out)),
      data: {
        name: source.name,
        shape: [...shape],
        features,
        encoded,
        names: source.names && [...source.names],
        label: source.label,
        excluded: [...source.excluded],
        range: source.range,
        scaling,
        classes: [...source.classes],
        splits: {
          train: source.train.count,
          validation: source.validation.count,
          calibration: source.calibration.count,
          test: test.count,
        },
      },
      architecture,
      training,
      scorer: {
        score: 'fused',
        detectors: members.map((member) => ({
          name: memberName(member),
          title: member.detector.title,
          family: member.detector.family,
        })),
        contamination,
        calibration_count: calibration.length,
        thresholds: thresholds(calibration),
      },
      map: map.manifest,
      sprites: thumbnails?.sprites ?? null,
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

/** The layers of a model, shortly: 784-512-128-64-128-512-784, or 28×28×1 → conv 16, 32 → 64. */
export function describe({ blueprint }: Autoencoder): string {
  if (blueprint.kind === 'dense') return blueprint.widths.join('-');
  const { shape, channels, widths, code } = blueprint;
  return [shape.join('×'), `conv ${channels.join(', ')}`, ...widths, code].join(' → ');
}

/** What is given to training so that it can be stopped and resumed. */
function checkpoints(source: Source, of: Record<string, unknown>, options: PipelineOptions) {
  const { out, resume, checkpointEvery: every = CHECKPOINT_EVERY } = options;
  const path = checkpointPath(out);
  const { name, fingerprint, scaling, train, validation } = source;
  const identity = JSON.parse(
    JSON.stringify({
      ...of,
      data: { name, fingerprint, scaling, train: train.count, validation: validation.count },
    }),
  );
  let found = resume ? readCheckpoint(path) : undefined;
  if (resume === true && !found) throw new CheckpointError(`${path}: there is no checkpoint to resume from`);
  if (resume === 'if there' && found && differs(found.identity, identity)) found = undefined;
  return {
    identity,
    every,
    save: (checkpoint: Parameters<typeof writeCheckpoint>[1]) => writeCheckpoint(path, checkpoint),
    resumeFrom: found,
  };
}

const differs = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);

/** The points' indices, the largest score first. */
const ranking = (score: Float32Array): number[] =>
  Array.from(score.keys()).sort((a, b) => score[b] - score[a] || a - b);

/** What the bytes of a bundle depend on beside its options. */
function versions(): Record<string, string> {
  const { version, dependencies } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return {
    offmanifold: version,
    node: process.versions.node,
    'onnxruntime-node': dependencies['onnxruntime-node'],
  };
}
