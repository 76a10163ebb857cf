import { BundleError } from '../../bundle/error.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { type BundleContents, BundleWriter } from '../../bundle/node/writer.ts';
import type { Bundle } from '../../bundle/reader.ts';
import { parseReport } from '../../bundle/report.ts';
import { Progress } from '../console/progress.ts';
import { isMnist, loadMnist } from '../data/readers/mnist.ts';
import { assertPerplexity, buildMap, type EmbeddingMap, type MapInput } from '../map/map.ts';
import { Scorer } from '../scorer/scorer.ts';
import { showMap } from './train.ts';

export interface MapFlags {
  perplexity: number;
  iterations: number;
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
  assertPerplexity(flags.perplexity, map.points);
  // A bundle that cannot be written is reported now, not after minutes.
  using writer = await BundleWriter.open(folder);
  const points = await scorePoints(bundle, flags);
  progress.line(`mapping ${map.points} codes with t-SNE`);
  const began = performance.now();
  const built = await buildMap(points, { ...flags, onProgress: showMap(progress) });
  const written = await writer.write(await replaceMap(bundle, built, (performance.now() - began) / 1000));
  progress.line(`${folder}: model ${written.model_id.slice(0, 12)}; restart a running server to see it`);
  return written;
}

/** The points of the map: the first test digits, scored by the model. */
async function scorePoints(bundle: Bundle, flags: MapFlags): Promise<MapInput> {
  const { data, map, architecture } = bundle.manifest;
  const { points } = map;
  const test = await loadMnist('test');
  await using scorer = await Scorer.load(await bundle.file('scorer.onnx'), flags);
  const samples = test.data.subarray(0, points * data.features);
  const { code, score, p_value } = await scorer.run(samples, points, ['code', 'score', 'p_value']);
  return {
    codes: code,
    dims: architecture.code,
    ids: Array.from({ length: points }, (_, i) => i),
    labels: test.labels.subarray(0, points),
    classes: data.classes,
    score,
    p_value,
  };
}

/** The contents of a bundle with another map. */
async function replaceMap(bundle: Bundle, map: EmbeddingMap, seconds: number): Promise<BundleContents> {
  const { model_id: _id, files: names, ...rest } = bundle.manifest;
  const files = new Map<string, Uint8Array>();
  for (const { name } of names) files.set(name, map.files.get(name) ?? (await bundle.file(name)));
  const report = { ...parseReport(await bundle.json('report.json')), map: map.report };
  files.set('report.json', new TextEncoder().encode(JSON.stringify(report)));
  const run = { ...rest.run, map_seconds: seconds };
  return { files, manifest: { ...rest, map: map.manifest, run } };
}
