import { CodeIndex } from '../../bundle/codes.ts';
import { BundleError } from '../../bundle/error.ts';
import { type MapColumns, readMap } from '../../bundle/map.ts';
import { exactPValue } from '../../bundle/p-value.ts';
import type { Bundle } from '../../bundle/reader.ts';
import { parseReport, type Report } from '../../bundle/report.ts';
import type { Points } from './dataset.ts';
import type { Progress } from './protocol.ts';

/** Reads the points of the map. Throws a {@link BundleError}. */
export async function loadPoints(bundle: Bundle, onProgress: (progress: Progress) => void): Promise<Points> {
  const { manifest } = bundle;
  const file = 'map.parquet';
  const total = manifest.files.find(({ name }) => name === file)?.bytes ?? 0;
  onProgress({ loaded: 0, total, file });
  const columns = await readMap(await bundle.file(file));
  onProgress({ loaded: total, total, file });
  if (columns.count !== manifest.map.points) {
    throw new BundleError(
      `map.parquet has ${columns.count} points, but the manifest says ${manifest.map.points}`,
    );
  }
  return toPoints(columns, manifest.data.classes, manifest.scorer.calibration_count);
}

/** Reads `report.json`. Throws a {@link BundleError}. */
export async function loadReport(bundle: Bundle): Promise<Report> {
  const report = parseReport(await bundle.json('report.json'));
  const { points } = bundle.manifest.map;
  const stray = report.ranking.find((index) => index >= points);
  if (stray !== undefined) {
    throw new BundleError(`report.json ranks point ${stray}, but map.parquet has ${points} points`);
  }
  return report;
}

/** Reads the codes that new samples are placed by. Throws a {@link BundleError}. */
export async function loadCodes(bundle: Bundle, kernels: WebAssembly.Module): Promise<CodeIndex> {
  const { codes: expected, points } = bundle.manifest.map;
  const codes = new CodeIndex(await bundle.file('codes.bin'), kernels);
  if (codes.count !== (expected ?? points)) {
    throw new BundleError(`codes.bin has ${codes.count} points, but the manifest says ${expected ?? points}`);
  }
  return codes;
}

/** The neighbours of the point with this place in a file of neighbours, `k` for each point. Throws a {@link BundleError}. */
export function listNeighbours(file: Uint8Array, k: number, place: number): number[] {
  const start = 4 * k * place;
  if (start + 4 * k > file.length)
    throw new BundleError(`a file of neighbours is too short for point ${place}`);
  const view = new DataView(file.buffer, file.byteOffset + start, 4 * k);
  return Array.from({ length: k }, (_, j) => view.getUint32(4 * j, true));
}

/** The columns of `map.parquet` as the views take them. A label that is not one of the classes counts as none. */
export function toPoints(columns: MapColumns, classes: readonly string[], calibrationCount: number): Points {
  const { count, id, x, y, split, label, score, p_value } = columns;
  const index = label.names.map((name) => classes.indexOf(name));
  return {
    count,
    id,
    split: split.codes,
    splits: split.names,
    x,
    y,
    label: label.codes.map((code) => (code < 0 ? -1 : index[code]!)),
    score: Float64Array.from(score),
    pValue: Float64Array.from(p_value, (value) => exactPValue(value, calibrationCount)),
  };
}
