import { kindOf } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { plural } from '../console/plural.ts';
import { DETECTORS } from '../detectors/registry.ts';

/** What everyone can read of a deployment, a line for each part. */
export function describePublic(manifest: Manifest, apiOnly: boolean): string[] {
  if (apiOnly) return ['what the API answers; the model and the map stay in the Worker'];
  const { data, map, scorer, files } = manifest;
  const table = kindOf(data) === 'table';
  const pictures = files.map(({ name }) => name).filter((name) => name.endsWith('.webp'));
  const labelled = data.label !== null || data.classes.length > 0;
  return [
    'scorer.onnx: the model',
    ...describeKept(scorer).map((line) => `scorer.onnx, ${line}`),
    `map.parquet: the id, ${labelled ? 'the label, ' : ''}the score and the p-value of ${plural(map.points, 'row')}`,
    `codes.bin, decoder.onnx: together, an approximation of each of these rows`,
    ...(pictures.length > 0 ? [`${pictures.join(', ')}: pictures of samples`] : []),
    `manifest.json, report.json and the API: how the model was trained and how good it is${table ? '; the columns and their categories' : ''}`,
  ];
}

/** What detectors keep of training rows, by the view that they look at; the rows can be computed from it. */
const KEPT: Readonly<Record<string, string>> = {
  input: 'training rows',
  projection: 'training rows',
  code: 'codes of training rows, which the decoder turns into approximate rows',
};

/** For each kind of thing that detectors keep, which of them do. */
function describeKept({ detectors }: Manifest['scorer']): string[] {
  const keepers = new Map<string, string[]>();
  for (const { name } of detectors) {
    const [detector, view] = name.split(':') as [string, string];
    const kept = DETECTORS[detector]?.keepsRows ? KEPT[view] : undefined;
    if (kept !== undefined) keepers.set(kept, [...(keepers.get(kept) ?? []), name]);
  }
  return [...keepers].map(([kept, names]) => `${names.join(', ')}: ${kept}`);
}
