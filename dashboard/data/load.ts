import { BundleError } from '../../bundle/error.ts';
import type { Bundle, FileSource, MapBundle } from '../../bundle/files.ts';
import { type MapColumns, readMap } from '../../bundle/map.ts';
import { exactPValue } from '../../bundle/p-value.ts';
import type { Points } from './dataset.ts';
import type { Progress } from './protocol.ts';

const MAP = 'map.parquet';

/** The same source, which begins to fetch the map before it is asked for: together with the manifest. */
export function fetchMapAhead(source: FileSource): FileSource {
  let ahead: Promise<Uint8Array> | undefined = source(MAP);
  ahead.catch(() => undefined);
  return (name) => {
    if (name !== MAP || !ahead) return source(name);
    const map = ahead;
    ahead = undefined;
    return map;
  };
}

/** Reads `map.parquet`, and says how far it is. */
export async function readPoints(
  { manifest, file }: Bundle | MapBundle,
  onProgress: (progress: Progress) => void,
): Promise<Uint8Array> {
  const total = manifest.files.find(({ name }) => name === MAP)?.bytes ?? 0;
  onProgress({ loaded: 0, total, file: MAP });
  const bytes = await file(MAP);
  onProgress({ loaded: total, total, file: MAP });
  return bytes;
}

/** Reads the points of the map. Throws a {@link BundleError}. */
export async function loadPoints(bundle: Bundle, onProgress: (progress: Progress) => void): Promise<Points> {
  const { manifest } = bundle;
  const columns = await readMap(await readPoints(bundle, onProgress));
  if (columns.count !== manifest.map.points) {
    throw new BundleError(
      `map.parquet has ${columns.count} points, but the manifest says ${manifest.map.points}`,
    );
  }
  return toPoints(columns, manifest.data.classes, manifest.scorer.calibration_count);
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
