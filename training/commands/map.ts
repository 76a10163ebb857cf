import { BundleError } from '../../bundle/error.ts';
import type { Bundle } from '../../bundle/files.ts';
import { FRAMES_FILE } from '../../bundle/frames-file.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { CALIBRATED_SPLIT, readMap } from '../../bundle/map.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { type BundleContents, BundleWriter } from '../../bundle/node/writer.ts';
import { parseReport } from '../../bundle/report.ts';
import { orderTiles } from '../../bundle/tile-order.ts';
import { Progress } from '../console/progress.ts';
import { isMnist, loadMnist } from '../data/readers/mnist.ts';
import { assertAffinities } from '../map/affinities.ts';
import { chooseFrames } from '../map/frames.ts';
import { buildMap, type EmbeddingMap, type MapInput } from '../map/map.ts';
import { indexSplits } from '../map/points.ts';
import { drawThumbnails } from '../map/thumbnails.ts';
import { scoreSamples } from '../pipeline/points.ts';
import { showMap } from './train.ts';

/** What to change about the map of a bundle: it keeps what is not given. */
export interface MapFlags {
  perplexity?: number | readonly number[];
  affinities?: 'gaussian' | 'uniform';
  iterations?: number;
  frames?: number;
  threads?: number;
}

/** Makes the map of a bundle again with other settings, and writes the bundle back. */
export async function rebuildMap(folder: string, flags: MapFlags): Promise<Manifest> {
  const progress = new Progress();
  const bundle = await openFolder(folder);
  const { data, map } = bundle.manifest;
  if (!isMnist(data)) {
    throw new BundleError(
      `${folder}: the bundle does not contain the samples of its map, and only those of MNIST are available: to change the map of ${data.name}, train again with --perplexity`,
    );
  }
  const {
    perplexity = map.perplexity,
    affinities = map.affinities,
    iterations = map.iterations,
    threads,
  } = flags;
  assertAffinities({ perplexity, affinities }, map.points);
  const frames = chooseFrames(flags.frames ?? map.frames ?? 0, map.points, iterations);
  // A bundle that cannot be written is reported now, not after minutes.
  using writer = await BundleWriter.open(folder);
  const { samples, input } = await readPoints(bundle, flags);
  progress.line(`mapping ${map.points} samples with t-SNE`);
  const began = performance.now();
  const built = await buildMap(input, {
    perplexity,
    affinities,
    iterations,
    threads,
    metric: map.metric,
    frames,
    onProgress: showMap(progress),
  });
  const slots = orderTiles({ ...built.places, ...indexSplits(input.splits) });
  const thumbnails = await drawThumbnails(samples, slots, data.shape, data.scaling);
  const seconds = (performance.now() - began) / 1000;
  const written = await writer.write(await replaceMap(bundle, built, thumbnails, seconds));
  progress.line(`${folder}: model ${written.model_id.slice(0, 12)}; restart a running server to see it`);
  return written;
}

/** The points of the map, scored by the model: digits from the test images, then from the training images. */
async function readPoints(
  bundle: Bundle,
  flags: MapFlags,
): Promise<{ samples: Uint8Array; input: MapInput }> {
  const { data, architecture } = bundle.manifest;
  const { count, id, split } = await readMap(await bundle.file('map.parquet'));
  const splits = Array.from(split.codes, (code) => split.names[code]);
  const tested = splits.filter((name) => name === CALIBRATED_SPLIT).length;
  const [test, train] = [await loadMnist('test'), await loadMnist('train')];
  const samples = new Uint8Array(count * data.features);
  const labels = new Uint8Array(count);
  for (const [i, row] of id.entries()) {
    const images = i < tested ? test : train;
    samples.set(images.data.subarray(row * data.features, (row + 1) * data.features), i * data.features);
    labels[i] = images.labels[row];
  }
  const scored = await scoreSamples(await bundle.file('scorer.onnx'), { data: samples, count }, flags);
  const { code, score, p_value } = scored;
  return {
    samples,
    input: {
      codes: code,
      dims: architecture.code,
      ids: id,
      splits,
      tested,
      labels,
      classes: data.classes,
      score,
      p_value,
    },
  };
}

/** The contents of a bundle with another map. */
async function replaceMap(
  bundle: Bundle,
  map: EmbeddingMap,
  thumbnails: Awaited<ReturnType<typeof drawThumbnails>>,
  seconds: number,
): Promise<BundleContents> {
  const { model_id: _id, files: names, ...rest } = bundle.manifest;
  const former = new Set([
    ...(rest.sprites?.files ?? []),
    ...(rest.map.neighbours?.files ?? []),
    FRAMES_FILE,
  ]);
  const files = new Map<string, Uint8Array>();
  for (const { name } of names) if (!former.has(name)) files.set(name, await bundle.file(name));
  for (const [name, bytes] of [...map.files, ...(thumbnails?.files ?? [])]) files.set(name, bytes);
  const report = { ...parseReport(await bundle.json('report.json')), map: map.report };
  files.set('report.json', new TextEncoder().encode(JSON.stringify(report)));
  const run = { ...rest.run, map_seconds: seconds };
  return { files, manifest: { ...rest, map: map.manifest, sprites: thumbnails?.sprites ?? null, run } };
}
