import { CodeIndex } from '../../bundle/codes.ts';
import { BundleError } from '../../bundle/error.ts';
import { type MapPoint, readMap } from '../../bundle/map.ts';
import { exactPValue } from '../../bundle/p-value.ts';
import type { Bundle } from '../../bundle/reader.ts';
import { parseReport } from '../../bundle/report.ts';
import { type Dataset, nameClasses, PICTURES, type Points } from './dataset.ts';
import type { Progress } from './protocol.ts';
import { decodeSprites } from './sprites.ts';
import { termsFor } from './terms.ts';

/** A bundle with its tables read: the data for the views, and what stays in the worker. */
export interface OpenedBundle {
  bundle: Bundle;
  dataset: Dataset;
  codes: CodeIndex;
}

/** Reads everything that the dashboard shows, except the models. Throws a {@link BundleError}. */
export async function openDataset(
  bundle: Bundle,
  onProgress: (progress: Progress) => void,
): Promise<OpenedBundle> {
  const { manifest } = bundle;
  const included = PICTURES.filter((name) => manifest.files.some((file) => file.name === name));
  const names = ['report.json', 'map.parquet', 'codes.bin', ...(manifest.sprites?.files ?? []), ...included];
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
  const { classes } = manifest.data;
  const rows = await readMap(await read('map.parquet'));
  const points = toPoints(rows, classes, manifest.scorer.calibration_count);
  const codes = new CodeIndex(await read('codes.bin'));
  if (codes.count !== points.count) {
    throw new BundleError(`codes.bin has ${codes.count} points, but map.parquet has ${points.count}`);
  }
  const stray = report.ranking.find((index) => index >= points.count);
  if (stray !== undefined) {
    throw new BundleError(`report.json ranks point ${stray}, but map.parquet has ${points.count} points`);
  }
  const sprites = await decodeSprites(manifest, read);
  const pictures: Dataset['pictures'] = {};
  for (const name of included) pictures[name] = await read(name);
  const dataset = {
    manifest,
    report,
    classes: nameClasses(manifest.data),
    points,
    sprites,
    pictures,
    terms: termsFor(manifest),
  };
  return { bundle, codes, dataset };
}

/** The rows of `map.parquet` as columns. A label that is not one of the classes counts as none. */
export function toPoints(
  rows: readonly MapPoint[],
  classes: readonly string[],
  calibrationCount: number,
): Points {
  const index = new Map(classes.map((name, i) => [name, i]));
  return {
    count: rows.length,
    id: Int32Array.from(rows, (row) => row.id),
    split: rows.map((row) => row.split),
    x: Float32Array.from(rows, (row) => row.x),
    y: Float32Array.from(rows, (row) => row.y),
    label: Int16Array.from(rows, (row) => (row.label === null ? -1 : (index.get(row.label) ?? -1))),
    score: Float64Array.from(rows, (row) => row.score),
    pValue: Float64Array.from(rows, (row) => exactPValue(row.p_value, calibrationCount)),
  };
}
