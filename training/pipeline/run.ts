import { rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { FORMAT_VERSION } from '../../bundle/integrity.ts';
import { kindOf } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { type BundleContents, BundleWriter } from '../../bundle/node/writer.ts';
import { parseReport, type Report } from '../../bundle/report.ts';
import { orderTiles } from '../../bundle/tile-order.ts';
import { Random } from '../../kernels/random.ts';
import { buildDecoderGraph, type Trained } from '../autoencoder/export.ts';
import { trainAutoencoder } from '../autoencoder/train.ts';
import type { Configuration } from '../config/schema.ts';
import type { Source } from '../data/source.ts';
import { describeColumns } from '../evaluate/columns.ts';
import { warnOfMissed } from '../evaluate/detection.ts';
import { buildHeadline, buildTrainingReport } from '../evaluate/headline.ts';
import { warnOfReconstruction } from '../evaluate/reconstruction.ts';
import { buildMap, type EmbeddingMap, type MapInput, type MapOptions } from '../map/map.ts';
import { indexSplits } from '../map/points.ts';
import { encodeRows, keepsValues } from '../map/rows.ts';
import { drawThumbnails } from '../map/thumbnails.ts';
import type { EpochReport, TrainingProgress, TrainingResult } from '../network/epochs.ts';
import type { Samples } from '../network/samples.ts';
import { STREAM } from '../network/trainer.ts';
import { collectAll } from '../runtime/collector.ts';
import { Interruption } from '../runtime/interruption.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { memberName } from '../scorer/ensemble.ts';
import { fitDetectors } from '../scorer/fit-detectors.ts';
import { calibrate } from './calibrate.ts';
import { type CheckpointOptions, checkpointPath, planCheckpoints } from './checkpoints.ts';
import { type Evaluation, evaluateModel } from './evaluate.ts';
import { identify } from './identity.ts';
import { describeData, describeScorer, readVersions } from './manifest.ts';
import { describeLayers, type Plan, planRun } from './plan.ts';
import { gatherPoints } from './points.ts';

/** Options that do not change the bundle, except `out`: the bundle's folder, whose last part is its name. */
export interface PipelineOptions extends SessionOptions, CheckpointOptions {
  signal?: AbortSignal;
  onStage?: (stage: string) => void;
  onWarning?: (text: string) => void;
  onTraining?: (progress: TrainingProgress) => void;
  onEpoch?: (report: EpochReport) => void;
  onMap?: MapOptions['onProgress'];
}

/**
 * Trains a bundle from data: train, fit the detectors, calibrate, evaluate, map, write. Opens the data once the bundle's
 * folder is locked, and closes them at the end.
 */
export async function runPipeline(
  open: () => Promise<Source>,
  configuration: Configuration,
  options: PipelineOptions,
): Promise<Manifest> {
  using writer = await BundleWriter.open(options.out);
  const source = await open();
  try {
    const manifest = await writer.write(await makeBundle(source, configuration, options));
    rmSync(checkpointPath(options.out), { force: true });
    return manifest;
  } finally {
    await source.close();
  }
}

/** Runs the stages, one after the other. */
async function makeBundle(
  source: Source,
  configuration: Configuration,
  options: PipelineOptions,
): Promise<BundleContents> {
  const began = performance.now();
  const enter = (stage: string) => {
    collectAll();
    if (options.signal?.aborted) throw new Interruption(`stopped before ${stage}`);
    options.onStage?.(stage);
  };
  const { threads, device, signal } = options;
  const plan = planRun(source, configuration);
  const { model, training, members } = plan;
  const { scaling, shape, train } = source;

  enter(`training ${describeLayers(model)} on ${train.count} samples of ${source.name}`);
  const result = await trainAutoencoder(model, source, training, {
    threads,
    device,
    signal,
    onProgress: options.onTraining,
    onEpoch: options.onEpoch,
    checkpoints: planCheckpoints(identify(source, { architecture: model.architecture, training }), options),
  });
  const trained = { model, weights: result.weights, training, scaling };

  enter('fitting the detectors');
  train.shuffle(Random.stream(training.seed, STREAM.order));
  const ensemble = await fitDetectors(trained, source, members, {
    seed: training.seed,
    contamination: plan.contamination,
    fusion: plan.fusion,
    threads,
    onMember: (name) => enter(`  ${name}`),
    onWarning: options.onWarning,
  });

  enter('calibrating the scores');
  const { scorer, calibration } = await calibrate(trained, ensemble, source.calibration, { threads });

  enter('evaluating: PCA, outliers, ROC curves');
  const names = members.map(memberName);
  const evaluation = await evaluateModel(trained, { scorer, calibration, names }, source, { threads });
  const warnings = [
    warnOfReconstruction(
      evaluation.report.reconstruction,
      names.map((name) => ({ name })),
    ),
    warnOfMissed(evaluation.scored.p_value, source.anomalous, calibration.length),
  ];
  for (const warning of warnings) if (warning) options.onWarning?.(warning);
  const trainSeconds = (performance.now() - began) / 1000;

  const { points, total, ...mapping } = plan.map;
  enter(`mapping ${points < total ? `${points} of ${total}` : `all ${points}`} samples with t-SNE`);
  const { samples, input } = await gatherPoints(
    source,
    points,
    { scorer, scored: evaluation.scored, seed: training.seed },
    { threads },
  );
  const map = await mapPoints(input, { ...mapping, threads, signal, onProgress: options.onMap });
  enter('preparing what the map shows');
  const thumbnails = await drawThumbnails(
    samples.data,
    orderTiles({ ...map.places, ...indexSplits(input.splits) }),
    shape,
    scaling,
  );

  const rows = await keepRows(
    { scorer, detectors: names.map((name) => ({ name })) },
    source,
    { ids: Uint32Array.from(input.ids), samples },
    configuration,
    options,
  );

  enter(`writing ${options.out}`);
  const mapSeconds = (performance.now() - began) / 1000 - trainSeconds;
  return assembleBundle(basename(resolve(options.out)), source, plan, {
    trained,
    result,
    scorer,
    calibration,
    evaluation,
    ranking: rankScores(input.score.subarray(0, input.tested)),
    map,
    thumbnails,
    rows,
    seconds: { train: trainSeconds, map: mapSeconds },
  });
}

/** What the stages of a run have made. */
interface Results {
  trained: Trained;
  result: TrainingResult;
  scorer: Uint8Array;
  calibration: Float32Array;
  evaluation: Evaluation;
  /** The test points, the largest score first. */
  ranking: number[];
  map: EmbeddingMap;
  thumbnails: Awaited<ReturnType<typeof drawThumbnails>>;
  rows: Awaited<ReturnType<typeof keepRows>>;
  seconds: { train: number; map: number };
}

/** The files and the manifest of the bundle. */
function assembleBundle(
  name: string,
  source: Source,
  plan: Plan,
  { trained, result, scorer, calibration, evaluation, ranking, map, thumbnails, rows, seconds }: Results,
): BundleContents {
  const { model, training } = plan;
  const headline = buildHeadline(evaluation.report, {
    kind: model.architecture.kind,
    shape: source.shape,
  });
  const report: Report = {
    headline,
    training: buildTrainingReport(training.loss, result),
    ...evaluation.report,
    ranking,
    map: map.report,
    columns: describeColumns(source, source.test),
    studies: null,
  };
  return {
    files: new Map([
      ['scorer.onnx', scorer],
      ['decoder.onnx', buildDecoderGraph(trained)],
      ...evaluation.pictures,
      ...map.files,
      ...(thumbnails?.files ?? []),
      ...(rows?.files ?? []),
      ['report.json', new TextEncoder().encode(JSON.stringify(parseReport(report)))],
    ]),
    manifest: {
      format: 'offmanifold-bundle',
      version: FORMAT_VERSION,
      name,
      data: describeData(source),
      architecture: model.architecture,
      training,
      scorer: describeScorer(plan, calibration),
      map: map.manifest,
      sprites: thumbnails?.sprites ?? null,
      ...(rows && { rows: rows.rows }),
      headline,
      versions: readVersions(),
      run: {
        created_at: new Date().toISOString(),
        train_seconds: seconds.train,
        map_seconds: seconds.map,
      },
    },
  };
}

/** Makes the map. Throws an {@link Interruption} if it is stopped. */
async function mapPoints(input: MapInput, options: MapOptions): Promise<EmbeddingMap> {
  try {
    return await buildMap(input, options);
  } catch (error) {
    throw (error as Error).name === 'AbortError' ? new Interruption('the map was stopped') : error;
  }
}

/** The rows of the points on the map for the bundle; undefined if it is to keep none, or has nothing to say of them. */
async function keepRows(
  model: Parameters<typeof encodeRows>[0],
  source: Source,
  { ids: points, samples }: { ids: Uint32Array; samples: Samples },
  { keep_rows, rows = keep_rows !== 'none' }: Configuration,
  { threads, onWarning }: Pick<PipelineOptions, 'threads' | 'onWarning'>,
) {
  if (!rows) return undefined;
  const ids = (await source.readIds?.(points)) ?? [];
  const data = describeData(source);
  if (kindOf(data) === 'image' && ids.length === 0) return undefined;
  if (kindOf(data) !== 'image' && !keepsValues(data, samples.count)) {
    onWarning?.('the bundle keeps no values of the points on the map, as they would take too much space');
  }
  return encodeRows(model, data, samples, { ids, count: samples.count }, { threads });
}

/** The indices of the points, the largest score first. */
const rankScores = (score: Float32Array): number[] =>
  Array.from(score.keys()).sort((a, b) => score[b] - score[a] || a - b);
