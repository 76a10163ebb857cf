import { BundleError } from '../../bundle/error.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { BundleWriter } from '../../bundle/node/writer.ts';
import { parseReport } from '../../bundle/report.ts';
import { Progress } from '../console/progress.ts';
import { isMnist, loadMnist } from '../data/readers/mnist.ts';
import { assertPerplexity, buildMap } from '../map/map.ts';
import { Scorer } from '../scorer/scorer.ts';
import { mapProgress } from './train.ts';

export interface MapFlags {
  perplexity: number;
  iterations: number;
  threads?: number;
}

/** Makes the map of an existing bundle anew, with other settings, and writes the bundle back. */
export async function remap(folder: string, flags: MapFlags): Promise<Manifest> {
  const progress = new Progress();
  const bundle = await openFolder(folder);
  const { manifest } = bundle;
  if (!isMnist(manifest.data)) {
    throw new BundleError(
      `${folder}: of a model of ${manifest.data.name} the samples of the map are not at hand: train again, with --perplexity`,
    );
  }
  assertPerplexity(flags.perplexity, manifest.map.points);
  // Fails now, rather than after minutes, if the bundle cannot be written.
  using writer = await BundleWriter.open(folder);
  const test = await loadMnist('test');
  const { points } = manifest.map;
  const features = manifest.data.features;
  const scorer = await Scorer.load(await bundle.file('scorer.onnx'), flags);
  const samples = test.data.subarray(0, points * features);
  const scored = await scorer.run(samples, points, ['code', 'score', 'p_value']);
  await scorer.release();
  progress.line(`mapping ${points} codes with t-SNE`);
  const began = performance.now();
  const map = await buildMap(
    {
      codes: scored.code,
      dims: manifest.architecture.code,
      ids: Array.from({ length: points }, (_, i) => i),
      labels: test.labels.subarray(0, points),
      classes: manifest.data.classes,
      score: scored.score,
      p_value: scored.p_value,
    },
    { ...flags, onProgress: mapProgress(progress) },
  );
  const files = new Map<string, Uint8Array>();
  for (const { name } of manifest.files) files.set(name, map.files.get(name) ?? (await bundle.file(name)));
  const report = { ...parseReport(await bundle.json('report.json')), map: map.report };
  files.set('report.json', new TextEncoder().encode(JSON.stringify(report)));
  const { model_id: _id, files: _files, ...rest } = manifest;
  const run = { ...manifest.run, map_seconds: (performance.now() - began) / 1000 };
  const written = await writer.write({ files, manifest: { ...rest, map: map.manifest, run } });
  progress.line(
    `${folder}: model ${written.model_id.slice(0, 12)}; a running server shows it once started again`,
  );
  return written;
}
