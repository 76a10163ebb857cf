import { CodeIndex } from '../../bundle/codes.ts';
import { BundleError } from '../../bundle/error.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { type MapPoint, readMap } from '../../bundle/map.ts';
import { exactPValue } from '../../bundle/p-value.ts';
import type { Bundle } from '../../bundle/reader.ts';
import { parseReport } from '../../bundle/report.ts';
import { type Dataset, PICTURES, type Points } from './dataset.ts';
import type { Progress } from './protocol.ts';
import { decodeSprites } from './sprites.ts';
import { wordsOf } from './words.ts';

/** A bundle whose tables are read: the views' data, and what stays in the worker. */
export interface Opened {
  bundle: Bundle;
  dataset: Dataset;
  codes: CodeIndex;
}

/** Reads everything the dashboard shows from a bundle, except the model. Throws a {@link BundleError}. */
export async function openDataset(bundle: Bundle, onProgress: (progress: Progress) => void): Promise<Opened> {
  const { manifest } = bundle;
  const drawn = PICTURES.filter((name) => manifest.files.some((file) => file.name === name));
  const names = ['report.json', 'map.parquet', 'codes.bin', ...(manifest.sprites?.files ?? []), ...drawn];
  const sizes = new Map(manifest.files.map((file) => [file.name, file.bytes]));
  const total = names.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
  let loaded = 0;
  const read = async (name: string) => {
    onProgress({ loaded, total, file: name });
    const bytes = await bundle.file(name);
    loaded += bytes.length;
    onProgress({ loaded, total, file: name });
    return bytes;
  };
  const report = parseReport(JSON.parse(new TextDecoder().decode(await read('report.json'))));
  const points = columns(await readMap(await read('map.parquet')), manifest);
  const codes = new CodeIndex(await read('codes.bin'));
  if (codes.count !== points.count) {
    throw new BundleError(`codes.bin has ${codes.count} points, map.parquet has ${points.count}`);
  }
  const stray = report.ranking.find((index) => index >= points.count);
  if (stray !== undefined)
    throw new BundleError(`report.json ranks point ${stray} of a map of ${points.count}`);
  const sprites = await decodeSprites(manifest, read);
  const pictures: Dataset['pictures'] = {};
  for (const name of drawn) pictures[name] = await read(name);
  const { classes } = manifest.data;
  const dataset = { manifest, report, classes, points, sprites, pictures, words: wordsOf(manifest) };
  return { bundle, codes, dataset };
}

function columns(rows: MapPoint[], { data, scorer }: Manifest): Points {
  const index = new Map(data.classes.map((name, i) => [name, i]));
  return {
    count: rows.length,
    id: Int32Array.from(rows, (row) => row.id),
    split: rows.map((row) => row.split),
    x: Float32Array.from(rows, (row) => row.x),
    y: Float32Array.from(rows, (row) => row.y),
    label: Int16Array.from(rows, (row) => (row.label === null ? -1 : (index.get(row.label) ?? -1))),
    score: Float64Array.from(rows, (row) => row.score),
    pValue: Float64Array.from(rows, (row) => exactPValue(row.p_value, scorer.calibration_count)),
  };
}
