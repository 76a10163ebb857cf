import { FRAMES_FILE } from '../../bundle/frames-file.ts';
import { kindOf } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { MapManifest } from '../../bundle/map-bundle.ts';
import { ROWS_FILE } from '../../bundle/rows-file.ts';
import { plural } from '../console/plural.ts';
import { describeKept } from '../scorer/kept-rows.ts';

/** What everyone can read of a deployment, a line for each part. */
export function describePublic(manifest: Manifest, apiOnly: boolean): string[] {
  if (apiOnly) return ['what the API answers; the model and the map stay in the Worker'];
  const { data, map, scorer, files } = manifest;
  const kept = describeKept(scorer.detectors.map(({ name }) => name));
  const table = kindOf(data) === 'table';
  const pictures = shorten(
    'sprites-',
    files.map(({ name }) => name).filter((name) => name.endsWith('.webp')),
  );
  const labelled = data.label !== null || data.classes.length > 0;
  return [
    `scorer.onnx: the model${kept.length > 0 ? '' : ', which holds no training row'}`,
    ...kept.map((line) => `scorer.onnx: ${line}`),
    `map.parquet: the split, the id, ${labelled ? 'the label, ' : ''}the score and the p-value of ${plural(map.points, 'row')}`,
    `codes.bin, decoder.onnx: together, an approximation of ${map.codes === undefined ? 'each of these rows' : `${plural(map.codes, 'test row')}`}`,
    ...describeNeighbours(files),
    ...describeFrames(map),
    ...(manifest.rows
      ? [`${ROWS_FILE}: ${describeRows(manifest)}; train with --no-rows to leave it out`]
      : []),
    ...(pictures.length > 0 ? [`${pictures.join(', ')}: pictures of samples`] : []),
    `manifest.json, report.json and the API: how the model was trained and how good it is${table ? '; the columns and their categories' : ''}`,
  ];
}

/** The same for a map without a model. */
export function describePublicMap({ data, files, map }: MapManifest): string[] {
  return [
    `map.parquet: the rows of ${data.name} without their vectors, and where they are`,
    ...describeNeighbours(files),
    ...describeFrames(map),
  ];
}

const describeFrames = ({ frames }: Pick<Manifest['map'], 'frames'>): string[] =>
  frames ? [`${FRAMES_FILE}: where these rows were on the way to their places`] : [];

function describeNeighbours(files: Manifest['files']): string[] {
  const nearest = shorten(
    'neighbours-',
    files.map(({ name }) => name).filter((name) => name.startsWith('neighbours-')),
  );
  return nearest.length > 0 ? [`${nearest.join(', ')}: which of the rows are most alike`] : [];
}

/** The names of files, those that begin with `start` and have a number as a range. */
function shorten(start: string, names: readonly string[]): string[] {
  const numbered = names.filter((name) => name.startsWith(start));
  if (numbered.length < 3) return [...names];
  const others = names.filter((name) => !numbered.includes(name));
  const last = numbered[0]!.replace('0', String(numbered.length - 1));
  return [...others, `${numbered[0]} to ${last}`];
}

/** What `rows.parquet` says about the rows on the map. */
function describeRows({ data, map, rows }: Manifest): string {
  const parts = [
    ...(rows?.ids.length ? [rows.ids.join(', ')] : []),
    ...(rows?.values ? [`the ${plural(data.features, 'value')}`] : []),
    'the surprise of each detector',
  ];
  return `for each of ${plural(map.points, 'row')}: ${parts.join(', ')}`;
}
